/**
 * One walk down the code finds where blocks begin, how they end and whose address is taken. Constants are known from the
 * last place on to which other code comes. Jumps whose words say where to are such places from the start; indirect ones
 * that constants resolve make more, so it is done again until there are no more.
 */
import { DESCRIPTOR_BYTES } from "../machine/index.ts";
import type { Program } from "../program/index.ts";
import { wordAt } from "./code.ts";
import { Constants } from "./constants.ts";
import { csrFacts, endOf, LoopSetups } from "./ends.ts";
import type { BlockEnd, FlowInstruction, HardwareLoop } from "./model.ts";

export interface Stretches {
  /** How instructions end their blocks, at their positions. */
  readonly ends: readonly (BlockEnd | undefined)[];
  /** 1 where a block begins. */
  readonly leaders: Uint8Array;
  /** 1 where the program takes the instruction's address. */
  readonly taken: Uint8Array;
  /** Hardware loops by the position of their setup. */
  readonly loops: readonly HardwareLoop[];
  readonly unknownLoops: boolean;
  readonly setsTrapVector: boolean;
}

const T0 = 5;
const JUMPS: ReadonlySet<string> = new Set(["branch", "jump"]);
/** Ends behind which the instruction below is not the one that follows. */
const STOPS: ReadonlySet<BlockEnd["kind"]> = new Set(["jump", "return", "indirect", "trapReturn"]);

export function findStretches(
  program: Program,
  instructions: readonly FlowInstruction[],
  indexAt: (address: number) => number,
): Stretches {
  const count = instructions.length;
  /** 1 where other code than the one above may come to. */
  const merges = new Uint8Array(count);
  const taken = new Uint8Array(count);
  const { setsTrapVector, setsLoops } = csrFacts(instructions);
  const labels = new Set(program.symbols.filter(({ absolute }) => !absolute).map(({ address }) => address));
  const functions = new Set(program.symbols.filter(({ kind }) => kind === "function").map(({ address }) => address));
  const tohost = program.symbols.find(({ name }) => name === "tohost")?.address;
  const constants = new Constants();
  let changed = true;
  const merge = (address: number): void => {
    const at = indexAt(address);
    if (at < 0 || merges[at] === 1) return;
    merges[at] = 1;
    changed = true;
  };
  const take = (address: number): void => {
    const at = indexAt(address);
    if (at >= 0) taken[at] = 1;
    merge(address);
  };

  merge(program.entry);
  for (const address of functions) merge(address);
  for (const { instruction, target } of instructions) {
    if (target !== undefined && JUMPS.has(instruction.row.timing)) merge(target);
  }
  for (const address of addressesInData(program, instructions, indexAt, labels)) take(address);

  let ends: (BlockEnd | undefined)[] = [];
  let setups = new LoopSetups();
  while (changed) {
    changed = false;
    ends = new Array(count);
    setups = new LoopSetups();
    constants.forget();
    let linkInT0 = true;
    for (let index = 0; index < count; index++) {
      const at = instructions[index]!;
      const before = instructions[index - 1];
      if (merges[index] === 1 || before?.address !== at.address - 4) {
        constants.forget();
        setups.forget();
        linkInT0 = true;
      }
      const end = endOf(at, { constants, setsTrapVector, tohost, linkInT0 });
      setups.step(at, constants);
      ends[index] = end;
      if (end) {
        for (const target of end.targets) merge(target);
        if (end.kind === "call") constants.forgetAfterCall();
        if (STOPS.has(end.kind) || (end.kind === "exit" && end.certain)) {
          constants.forget();
          setups.forget();
          linkInT0 = true;
        }
      } else if (at.writes !== 0) {
        constants.step(at);
        const address = takenBy(at, before, constants, labels, functions);
        if (address !== undefined) take(address);
        // What another instruction than a call writes there is no way back.
        if ((at.writes >>> T0) & 1) linkInT0 = false;
      }
    }
    for (const { start, end } of setups.found) {
      merge(start);
      merge(end);
    }
  }
  const leaders = merges.slice();
  const cut = (index: number): void => {
    if (index < count) leaders[index] = 1;
  };
  cut(0);
  for (let index = 0; index < count; index++) {
    if (ends[index] || skips(instructions[index]!)) cut(index + 1);
    if (index > 0 && instructions[index - 1]!.address !== instructions[index]!.address - 4) cut(index);
  }
  return {
    ends,
    leaders,
    taken,
    loops: setups.found,
    unknownLoops: setups.unknown || setsLoops,
    setsTrapVector,
  };
}

/** A setup may jump to the loop's end. */
const skips = ({ instruction: { mnemonic } }: FlowInstruction): boolean =>
  mnemonic === "lp.setup" || mnemonic === "lp.setupi";

/**
 * The code address that an instruction puts into a register, if it is likely to be meant as one: computed relative to pc, or
 * a label's. Code lies at low addresses, so what a single addi makes is an address only where a function begins.
 */
function takenBy(
  { instruction, operands }: FlowInstruction,
  before: FlowInstruction | undefined,
  constants: Constants,
  labels: ReadonlySet<number>,
  functions: ReadonlySet<number>,
): number | undefined {
  const { mnemonic } = instruction;
  if (mnemonic !== "addi" && mnemonic !== "lui") return undefined;
  const value = constants.get(operands[0]!);
  if (value === undefined) return undefined;
  const address = value >>> 0;
  if (mnemonic === "addi" && operands[1] === 0) return functions.has(address) ? address : undefined;
  const isRelative = before?.instruction.mnemonic === "auipc" && before.operands[0] === operands[1];
  return (mnemonic === "addi" && isRelative) || labels.has(address) ? address : undefined;
}

/** Code addresses in data: those of labels, and in read-only data, where tables of jumps lie, those of any instruction. */
function* addressesInData(
  program: Program,
  instructions: readonly FlowInstruction[],
  indexAt: (address: number) => number,
  labels: ReadonlySet<number>,
): Iterable<number> {
  const low = instructions[0]?.address ?? 0;
  const span = (instructions[instructions.length - 1]?.address ?? 0) - low;
  // Fields of descriptors are numbers: their zeros are no address of a start that lies at 0.
  const descriptors = program.tensors.map(({ descriptorAddress }) => descriptorAddress).sort((a, b) => a - b);
  const tables = program.sections.filter(({ name }) => /^\.(rodata|text|srodata)/.test(name));
  for (const { address: base, bytes } of program.segments) {
    let next = 0;
    for (let offset = (4 - (base & 3)) & 3; offset + 4 <= bytes.length; offset += 4) {
      const at = base + offset;
      while (next < descriptors.length && descriptors[next]! + DESCRIPTOR_BYTES <= at) next++;
      if (descriptors[next]! <= at) continue;
      // Most words are no addresses.
      if ((bytes[offset]! & 3) !== 0) continue;
      const value = wordAt(bytes, offset) >>> 0;
      if (value < low || value - low > span || indexAt(value) < 0 || indexAt(at) >= 0) continue;
      const isTable = tables.some(({ address, bytes: size }) => at >= address && at < address + size);
      if (isTable || labels.has(value)) yield value;
    }
  }
}
