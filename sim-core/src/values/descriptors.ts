/** What instructions do to descriptors and sticky state: the machine's own handlers where everything is known. */
import { ENUMS } from "../isa/index.ts";
import { DESCRIPTOR_WORDS, MachineState } from "../machine/index.ts";
import { executeOnState } from "../units/index.ts";
import type { DecodedInstruction } from "./code.ts";
import {
  ALL_WORDS,
  type KnownDescriptor,
  type KnownFields,
  type KnownState,
  type UnitName,
  unknownDescriptor,
} from "./state.ts";

const FIELD = ENUMS.tdfield;
const bit = (field: keyof typeof FIELD): number => 1 << FIELD[field];
const bits = (...fields: (keyof typeof FIELD)[]): number => fields.reduce((set, field) => set | bit(field), 0);
const SHAPE = bits("n", "h", "w", "c");
const STRIDES = bits("sn", "sh", "sw", "sc");
const GEOMETRY = SHAPE | STRIDES | bit("type");

/** Words that an instruction needs of its source, needs of its target, and changes in what it copies or keeps. */
interface DescriptorRule {
  readonly copies: boolean;
  readonly needs: number;
  readonly needsOfTarget: number;
  readonly changes: number;
}

const rule = (copies: boolean, needs: number, changes: number, needsOfTarget = 0): DescriptorRule => ({
  copies,
  needs,
  needsOfTarget,
  changes,
});
const sets = (...fields: (keyof typeof FIELD)[]) => rule(false, 0, bits(...fields));
const slice = (axis: "n" | "h" | "w" | "c") => rule(true, bits("base", axis, `s${axis}`, "type"), bits("base", axis));

const RULES: Readonly<Record<string, DescriptorRule>> = {
  "td.mv": rule(true, 0, 0),
  "td.adv": rule(true, bit("base"), bit("base")),
  "td.base": sets("base"),
  "td.zp": sets("zp"),
  "td.table": sets("table"),
  "td.hw": sets("h", "w"),
  "td.nc": sets("n", "c"),
  "td.strhw": sets("sh", "sw"),
  "td.strnc": sets("sn", "sc"),
  "td.type": rule(false, 0, bit("type"), bit("type")),
  "td.pack": rule(false, 0, STRIDES, SHAPE | bits("base", "type")),
  "td.slicen": slice("n"),
  "td.sliceh": slice("h"),
  "td.slicew": slice("w"),
  "td.slicec": slice("c"),
  "td.flat": rule(true, GEOMETRY, SHAPE | STRIDES),
  "td.reshape": rule(true, GEOMETRY, SHAPE | STRIDES, SHAPE),
};

/** Instructions that read or set sticky state, by the beginning of their names. */
const unitOf = (mnemonic: string): UnitName => mnemonic.slice(0, mnemonic.indexOf(".")) as UnitName;

export class StateInstructions {
  /** Where the machine's handlers work: only what an instruction uses is put there before. */
  readonly scratch = new MachineState(0);
  /** What instructions without register operands make of sticky state, by word: loops set the same state again and again. */
  private readonly contents = new Map<string, KnownFields>();
  private readonly made = new WeakMap<KnownFields, Map<number, KnownFields>>();

  /**
   * Executes a descriptor instruction (but td.ld and td.st), one that reads or sets sticky state, or packed SIMD.
   * @throws MachineFault that the machine would raise for what is known
   */
  execute(instruction: DecodedInstruction, state: KnownState): void {
    const { mnemonic } = instruction;
    if (mnemonic.startsWith("p.")) this.simd(instruction, state);
    else if (RULES[mnemonic]) this.descriptor(instruction, RULES[mnemonic], state);
    else if (mnemonic === "td.get") {
      const descriptor = state.descriptors[(instruction.word >>> 15) & 31]!;
      const field = (instruction.word >>> 20) & 31;
      if ((descriptor.known >> field) & 1 || field >= DESCRIPTOR_WORDS) {
        this.scratch.descriptors.set(descriptor.words, ((instruction.word >>> 15) & 31) * DESCRIPTOR_WORDS);
        executeOnState(mnemonic, instruction.word, this.scratch);
        state.setExact(instruction.rd, this.scratch.x[instruction.rd]!);
      } else state.setUnknown(instruction.rd, descriptor.origin);
    } else if (mnemonic === "td.set") {
      const field = (instruction.word >>> 20) & 31;
      this.descriptor(instruction, rule(false, 0, field < DESCRIPTOR_WORDS ? 1 << field : 0), state);
    } else if (mnemonic === "xu.ident") this.plain(instruction, state);
    else this.sticky(instruction, unitOf(mnemonic), state);
  }

  private load(state: KnownState, ...registers: readonly number[]): boolean {
    const { x } = this.scratch;
    for (const register of registers) x[register] = state.low(register);
    return registers.every((register) => state.isExact(register));
  }

  private originOf(state: KnownState, ...registers: readonly number[]): number {
    return registers.map((register) => state.origin(register)).find((origin) => origin >= 0) ?? state.pc;
  }

  private simd(instruction: DecodedInstruction, state: KnownState): void {
    const { mnemonic, word, rd, rs1, rs2, rs3, accumulates } = instruction;
    const sources = [rs1, rs2, rs3, accumulates ? rd : 0];
    if (!this.load(state, ...sources)) {
      state.setUnknown(rd, this.originOf(state, ...sources));
      return;
    }
    executeOnState(mnemonic, word, this.scratch);
    state.setExact(rd, this.scratch.x[rd]!);
  }

  /** An instruction from registers to a register. */
  private plain({ mnemonic, word, rd, rs1 }: DecodedInstruction, state: KnownState): void {
    if (!this.load(state, rs1)) state.setUnknown(rd, this.originOf(state, rs1));
    else {
      executeOnState(mnemonic, word, this.scratch);
      state.setExact(rd, this.scratch.x[rd]!);
    }
  }

  private descriptor(instruction: DecodedInstruction, rules: DescriptorRule, state: KnownState): void {
    const { mnemonic, word, rs1, rs2 } = instruction;
    const target = (word >>> 7) & 31;
    const own = state.descriptors[target]!;
    const source = rules.copies ? state.descriptors[(word >>> 15) & 31]! : own;
    if (rules.copies && rules.changes === 0) {
      state.setDescriptor(target, source);
      return;
    }
    const registersKnown = this.load(state, rs1, rs2);
    const missing = (rules.needs & ~source.known) | (rules.needsOfTarget & ~own.known);
    if (!registersKnown || missing !== 0) {
      const origin = registersKnown
        ? (source.known === ALL_WORDS ? own : source).origin
        : this.originOf(state, rs1, rs2);
      state.setDescriptor(target, { ...source, known: source.known & ~rules.changes, origin });
      return;
    }
    const { descriptors } = this.scratch;
    descriptors.set(own.words, target * DESCRIPTOR_WORDS);
    if (rules.copies) descriptors.set(source.words, ((word >>> 15) & 31) * DESCRIPTOR_WORDS);
    executeOnState(mnemonic, word, this.scratch);
    const words = descriptors.slice(target * DESCRIPTOR_WORDS, (target + 1) * DESCRIPTOR_WORDS);
    state.setDescriptor(target, { ...source, words, known: source.known | rules.changes });
  }

  private sticky(instruction: DecodedInstruction, unit: UnitName, state: KnownState): void {
    const { mnemonic, word, rd, rs1, rs2, writes } = instruction;
    const before = state.fields[unit];
    const { scratch } = this;
    const isReset = mnemonic.endsWith(".reset");
    const isConstant = !writes && rs1 === 0 && rs2 === 0 && unit !== "xu" && mnemonic !== "nu.prefetch";
    const known = isConstant ? this.made.get(before)?.get(word) : undefined;
    if (known) {
      state.setField(unit, known);
      return;
    }
    if (unit === "xu" && !isReset && mnemonic !== "xu.select" && state.xuSelected < 0) {
      // Whose register it is nobody knows.
      if (writes) state.setUnknown(rd, state.pc);
      else state.setField(unit, { values: before.values, known: new Uint8Array(before.values.length) });
      return;
    }
    scratch[unit].set(before.values);
    scratch.xuSelected = Math.max(0, state.xuSelected);
    const registersKnown = this.load(state, rs1, rs2);
    let descriptorKnown = true;
    if (mnemonic === "nu.prefetch") {
      const register = (word >>> 20) & 31;
      const descriptor = state.descriptors[register]!;
      scratch.descriptors.set(descriptor.words, register * DESCRIPTOR_WORDS);
      descriptorKnown = (descriptor.known & bit("base")) !== 0;
      state.prefetchedAt = descriptorKnown ? state.pc : -1;
    }
    if (writes) {
      // A get: of a value that may be unknown.
      const field = (word >>> 15) & 31;
      executeOnState(mnemonic, word, scratch);
      const at = unit === "xu" ? state.xuSelected * 16 + field : field;
      if (mnemonic === "xu.selected" || before.known[at]) state.setExact(rd, scratch.x[rd]!);
      else state.setUnknown(rd, state.pc);
      return;
    }
    if (registersKnown && descriptorKnown) {
      executeOnState(mnemonic, word, scratch);
      const values = scratch[unit].slice();
      state.xuSelected = unit === "xu" && (isReset || mnemonic === "xu.select") ? scratch.xuSelected : state.xuSelected;
      // What the instruction has not set is as known as before.
      const known = isReset ? new Uint8Array(values.length).fill(1) : this.knownAfter(instruction, unit, state, 1);
      const after = this.shared({ values, known });
      state.setField(unit, after);
      if (isConstant) this.remember(before, word, after);
    } else state.setField(unit, { values: before.values, known: this.knownAfter(instruction, unit, state, 0) });
  }

  /** The same sticky state as one object, whichever way it came to be: loops come back to what they began with. */
  private shared(fields: KnownFields): KnownFields {
    const content = `${fields.known.join("")} ${fields.values.join()}`;
    const same = this.contents.get(content);
    if (!same) this.contents.set(content, fields);
    return same ?? fields;
  }

  private remember(before: KnownFields, word: number, after: KnownFields): void {
    const made = this.made.get(before);
    if (made) made.set(word, after);
    else this.made.set(before, new Map([[word, after]]));
  }

  /** Which fields are known when the ones that an instruction sets are (1) or are not (0). */
  private knownAfter(
    { mnemonic, word }: DecodedInstruction,
    unit: UnitName,
    state: KnownState,
    set: 0 | 1,
  ): Uint8Array {
    const { known } = state.fields[unit];
    const field = (word >>> 7) & 31;
    const named =
      SETS[mnemonic] ?? (mnemonic.endsWith(".set") ? [unit === "xu" ? state.xuSelected * 16 + field : field] : []);
    if (named.every((index) => known[index] === set)) return known;
    const copy = known.slice();
    for (const index of named) copy[index] = set;
    return copy;
  }
}

const nu = (...names: (keyof typeof ENUMS.nufield)[]) => names.map((name) => ENUMS.nufield[name]);
const vu = (...names: (keyof typeof ENUMS.vufield)[]) => names.map((name) => ENUMS.vufield[name]);

/** Fields that instructions set, beside those that name one. */
const SETS: Readonly<Record<string, readonly number[]>> = {
  "nu.window": nu("kh", "kw", "sh", "sw"),
  "nu.pad": nu("padt", "padb", "padl", "padr"),
  "nu.dilate": nu("dh", "dw"),
  "nu.act": nu("act"),
  "nu.clamp": nu("lo", "hi", "act"),
  "nu.group": nu("groups"),
  "nu.prec": nu("prec"),
  "nu.mask": nu("mask"),
  "nu.split": nu("split"),
  "nu.prefetch": nu("prefetch"),
  "vu.q0": vu("m0", "s0"),
  "vu.q1": vu("m1", "s1"),
  "vu.q2": vu("m2", "s2"),
  "vu.clamp": vu("lo", "hi"),
  "vu.axes": vu("axes"),
  "vu.shamt": vu("shift"),
  "vu.grid": vu("grid"),
  "vu.perm": vu("perm"),
  "dma.margin": ["padt", "padb", "padl", "padr"].map((name) => ENUMS.dmafield[name as "padt"]),
};

/** What td.ld makes of 16 words, undefined = nobody knows. */
export function loadedDescriptor(words: readonly (number | undefined)[], source: number, pc: number): KnownDescriptor {
  let known = 0;
  words.forEach((word, index) => {
    if (word !== undefined) known |= 1 << index;
  });
  if (known === 0) return { ...unknownDescriptor(pc), source };
  return { words: Int32Array.from(words, (word) => word ?? 0), known, source, origin: known === ALL_WORDS ? -1 : pc };
}
