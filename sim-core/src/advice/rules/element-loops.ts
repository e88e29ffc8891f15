/** Loops of the control unit that do to tensors, element by element, what units do to many at once. */
import type { InstructionProfile } from "../../profile/index.ts";
import type { Facts } from "../facts.ts";
import { type Draft, percent, type Rule } from "../model.ts";
import { savedOf, share, wordAt } from "./control.ts";

const OPCODE = { load: 0x03, store: 0x23, immediate: 0x13, register: 0x33, branch: 0x63, lui: 0x37 } as const;

interface Ran extends InstructionProfile {
  readonly retired: number;
  readonly cycles: number;
}

/** Instructions with their sums over all layers, in the order of their addresses. */
function ran({ profile: { instructions, parts } }: Facts): Ran[] {
  const sums = instructions.map((one) => ({ ...one, retired: 0, cycles: 0 }));
  for (const { instruction, retired, cycles } of parts) {
    sums[instruction]!.retired += retired;
    sums[instruction]!.cycles += cycles;
  }
  return sums;
}

/** Runs of neighbouring instructions that retired as often as each other: bodies of innermost loops, or straight code. */
function bodies(all: readonly Ran[], passes: number): Ran[][] {
  const found: Ran[][] = [];
  for (const one of all) {
    const body = found.at(-1);
    const last = body?.at(-1);
    if (body && last && one.address === last.address + 4 && one.retired === last.retired) body.push(one);
    else found.push([one]);
  }
  return found.filter(([first]) => first!.retired >= passes);
}

interface Body {
  readonly loads: number;
  readonly stores: number;
  /** Bytes of the widest element. */
  readonly bytes: number;
}

/**
 * What a loop's body does when it takes elements one by one and each for itself: it loads, computes and stores, and hands nothing
 * from pass to pass but addresses and counters. Undefined for everything else.
 */
function elementBody(facts: Facts, body: readonly Ran[]): Body | undefined {
  let [loads, stores, bytes] = [0, 0, 1];
  const written = new Set<number>();
  const steps = new Set<number>();
  const readFirst = new Set<number>();
  const addresses = new Set<number>();
  const rewritten = new Set<number>();
  for (const { address } of body) {
    const word = wordAt(facts, address);
    if (word === undefined) return undefined;
    const [opcode, rd, rs1, rs2, funct3] = [
      word & 0x7f,
      (word >>> 7) & 31,
      (word >>> 15) & 31,
      (word >>> 20) & 31,
      (word >>> 12) & 7,
    ];
    const isStep = opcode === OPCODE.immediate && funct3 === 0 && rd === rs1;
    const reads: number[] = [];
    if (opcode === OPCODE.load || opcode === OPCODE.store) {
      addresses.add(rs1);
      bytes = Math.max(bytes, 1 << (funct3 & 3));
      if (opcode === OPCODE.load) loads++;
      else {
        stores++;
        reads.push(rs2);
      }
    } else if (opcode === OPCODE.register) {
      // A division has a rule of its own, and none of the units divides by variables.
      if (word >>> 25 === 1 && funct3 >= 4) return undefined;
      reads.push(rs1, rs2);
    } else if (opcode === OPCODE.immediate) {
      if (!isStep) reads.push(rs1);
    } else if (opcode === OPCODE.branch) {
      // The one at the end that closes the loop; others choose between elements.
      if (address !== body.at(-1)!.address) return undefined;
    } else if (opcode !== OPCODE.lui) return undefined;
    for (const register of reads) if (register !== 0 && !written.has(register)) readFirst.add(register);
    const writes = opcode === OPCODE.store || opcode === OPCODE.branch ? 0 : rd;
    if (writes === 0) continue;
    if (isStep && !written.has(rd)) steps.add(rd);
    else {
      if (steps.has(writes)) rewritten.add(writes);
      written.add(writes);
    }
  }
  const carried = [...readFirst].some((register) => written.has(register) || steps.has(register));
  const moves = [...addresses].some((register) => steps.has(register));
  if (stores === 0 || carried || !moves || rewritten.size > 0) return undefined;
  return { loads, stores, bytes };
}

export const CU_BOUND: Rule = {
  id: "cu-bound",
  title: "the control unit works on elements one by one",
  why: "The control unit takes several cycles for each element of a tensor; the vector unit takes vu.lanes of them a cycle, and the DMA fills and copies.",
  needs: "profile",
  thresholds: {
    share: percent(10, "cycles of the loop, of the run"),
    passes: { value: 32, unit: "times", text: "passes of the loop" },
  },
  evaluate(facts) {
    const { config } = facts;
    return bodies(ran(facts), this.thresholds.passes!.value).flatMap((body): Draft[] => {
      const cycles = body.reduce((sum, one) => sum + one.cycles, 0);
      const actual = share(facts, cycles);
      if (actual < this.thresholds.share!.value) return [];
      const found = elementBody(facts, body);
      if (!found) return [];
      const [first, last] = [body[0]!, body.at(-1)!];
      const elements = first.retired * found.stores;
      // T-VU-1, T-VU-2: a vector goes through ports as wide as a bank.
      const lanes = Math.min(config.vu.lanes, Math.floor(config.dm.bankBytes / found.bytes));
      const reads = Math.max(1, Math.min(2, Math.ceil(found.loads / found.stores)));
      const vector = Math.ceil(elements / lanes) * reads + config.vu.pipelineStages;
      const lines = [facts.placeText(first.address), facts.placeText(last.address)];
      const where = lines[0] === lines[1] ? lines[0] : `${lines[0]} to ${lines[1]}`;
      const instead =
        found.loads === 0 ? "dma.fill" : `the vector unit (${found.loads > found.stores ? "two inputs" : "one input"})`;
      return [
        {
          message: `${first.retired} passes of ${where} take ${cycles} cycles for ${elements} elements, ${(cycles / elements).toFixed(1)} each`,
          addresses: [first.address, last.address],
          measured: [
            { name: "cycles of the loop", value: cycles, unit: "cycles" },
            { name: "elements", value: elements, unit: "" },
            { name: "as a vector operation", value: vector, unit: "cycles" },
          ],
          crossed: ["share", actual],
          savedCycles: Math.max(0, savedOf(facts, cycles) - vector),
          edit: `do what the loop at ${where} does with ${instead}: one operation over a tensor of ${elements} elements, if it has one for this; else two elements a pass, so that loads and counting are shared`,
          confidence: "medium",
        },
      ];
    });
  },
};
