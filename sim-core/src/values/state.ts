/** What is known of the machine's registers and state where the program stands. */
import { ENUMS } from "../isa/index.ts";
import { DESCRIPTOR_WORDS, dmaResetState, nuResetState, vuResetState } from "../machine/index.ts";
import { xuResetState } from "../units/index.ts";
import { ANY, type Interval, join, widen } from "./interval.ts";
import type { KnownMemory } from "./memory.ts";
import type { Order } from "./order.ts";

/** A tensor descriptor register: values are never changed, so that registers and states share them. */
export interface KnownDescriptor {
  readonly words: Int32Array;
  /** Bit set of the words whose values are known. */
  readonly known: number;
  /** Address of the memory form that it was loaded from, perhaps changed since; -1 = none. */
  readonly source: number;
  /** Address of the instruction that left something unknown; -1 = none. */
  readonly origin: number;
}

/** Sticky state of a unit. Never changed. */
export interface KnownFields {
  readonly values: Int32Array;
  /** Whether each value is known. */
  readonly known: Uint8Array;
}

export const ALL_WORDS = 2 ** DESCRIPTOR_WORDS - 1;
/** Words that decide what an operation does: scale is for people. */
export const MEANING_WORDS = ALL_WORDS & ~((1 << ENUMS.tdfield.scale) | (1 << 14) | (1 << 15));

const CLEARED_DESCRIPTOR: KnownDescriptor = {
  words: new Int32Array(DESCRIPTOR_WORDS),
  known: ALL_WORDS,
  source: -1,
  origin: -1,
};

export const unknownDescriptor = (origin: number): KnownDescriptor => ({ ...CLEARED_DESCRIPTOR, known: 0, origin });

const fieldsOf = (values: Int32Array): KnownFields => ({
  values,
  known: new Uint8Array(values.length).fill(1),
});

export const allKnown = ({ known }: KnownFields): boolean => !known.includes(0);

/** A call that has not returned. */
export interface OpenCall {
  readonly returnAddress: number;
  readonly caller: OpenCall | undefined;
  readonly depth: number;
}

/** What a register holds beside a number: the token of an operation, or the answer of a poll for it. */
export interface Mark {
  readonly kind: "token" | "poll";
  readonly unit: number;
  readonly sequence: number;
  readonly id: number;
}

/** Trap CSRs by name; undefined = nobody knows. */
export type TrapCsrs = Readonly<Record<"mtvec" | "mepc" | "mscratch" | "mcause" | "mtval", number | undefined>>;

const REGISTERS = 32;
const ORIGINS = 3 * REGISTERS;
/** Bounds of a hardware loop that nobody knows. */
export const NOWHERE = -1;
export type UnitName = "nu" | "vu" | "dma" | "xu";

interface KnownLoop {
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

const NO_MARKS: readonly (Mark | undefined)[] = new Array<Mark | undefined>(REGISTERS).fill(undefined);
const CLEARED_DESCRIPTORS = new Array<KnownDescriptor>(32).fill(CLEARED_DESCRIPTOR);
const RESET_FIELDS = {
  nu: fieldsOf(nuResetState()),
  vu: fieldsOf(vuResetState()),
  dma: fieldsOf(dmaResetState()),
  xu: fieldsOf(xuResetState()),
};
const RESET_CSRS: TrapCsrs = { mtvec: 0, mepc: 0, mscratch: 0, mcause: 0, mtval: 0 };
const NO_LOOPS: readonly KnownLoop[] = [0, 1].map(() => ({ start: 0, end: 0, count: 0 }));

export class KnownState {
  pc: number;
  /**
   * Lowest and highest values and steps of x0..x31, one behind the other, and address + 1 of the instructions that first
   * didn't know them: this is copied for every branch that goes both ways.
   */
  private values: Int32Array;
  private marks: readonly (Mark | undefined)[] = NO_MARKS;
  descriptors: readonly KnownDescriptor[] = CLEARED_DESCRIPTORS;
  fields: Readonly<Record<UnitName, KnownFields>> = RESET_FIELDS;
  /** Accelerator that xu.get and xu.set mean; -1 = nobody knows. */
  xuSelected = 0;
  /** Address of the nu.prefetch that no operation has used yet; -1 = none. */
  prefetchedAt = -1;
  csrs: TrapCsrs = RESET_CSRS;
  /** Hardware loops; -1 as count = nobody knows. */
  loops: readonly KnownLoop[] = NO_LOOPS;
  calls: OpenCall | undefined;
  memory: KnownMemory;
  private sharedOrder: Order;
  private ownsOrder = true;

  /** The state after reset. */
  constructor(pc: number, memory: KnownMemory, order: Order, values = new Int32Array(4 * REGISTERS)) {
    this.pc = pc;
    this.memory = memory;
    this.sharedOrder = order;
    this.values = values;
  }

  copy(): KnownState {
    const copy = new KnownState(this.pc, this.memory.copy(), this.sharedOrder, this.values.slice());
    copy.take(this);
    copy.calls = this.calls;
    this.ownsOrder = false;
    return copy;
  }

  /** Becomes a copy of another state, but for the place and the calls. */
  become(other: KnownState): void {
    this.take(other);
    this.values = other.values.slice();
    this.memory = other.memory.copy();
    this.sharedOrder = other.sharedOrder;
    other.ownsOrder = false;
  }

  private take(other: KnownState): void {
    this.marks = other.marks;
    this.descriptors = other.descriptors;
    this.fields = other.fields;
    this.xuSelected = other.xuSelected;
    this.prefetchedAt = other.prefetchedAt;
    this.csrs = other.csrs;
    this.loops = other.loops;
    this.ownsOrder = false;
  }

  /** For reading. */
  get order(): Order {
    return this.sharedOrder;
  }

  /** For changing. */
  get ownOrder(): Order {
    if (!this.ownsOrder) this.sharedOrder = this.sharedOrder.copy();
    this.ownsOrder = true;
    return this.sharedOrder;
  }

  /** Whether a register holds a single known number. */
  isExact(register: number): boolean {
    return this.values[register] === this.values[REGISTERS + register];
  }

  /** The register's lowest value: the value where it is exact. */
  low(register: number): number {
    return this.values[register]!;
  }

  exact(register: number): number | undefined {
    return this.isExact(register) ? this.values[register]! : undefined;
  }

  interval(register: number): Interval {
    const { values } = this;
    // Two numbers may lie farther apart than a signed word tells.
    return { lo: values[register]!, hi: values[REGISTERS + register]!, step: values[2 * REGISTERS + register]! >>> 0 };
  }

  setExact(register: number, value: number): void {
    if (register === 0) return;
    this.values[register] = value;
    this.values[REGISTERS + register] = value;
    this.values[2 * REGISTERS + register] = 0;
    if (this.marks[register]) this.setMark(register, undefined);
  }

  /** @param origin address of the instruction that doesn't know the value, for messages */
  setInterval(register: number, { lo, hi, step }: Interval, origin: number): void {
    if (register === 0) return;
    this.values[register] = lo;
    this.values[REGISTERS + register] = hi;
    this.values[2 * REGISTERS + register] = step;
    this.values[ORIGINS + register] = origin + 1;
    if (this.marks[register]) this.setMark(register, undefined);
  }

  /** Narrows what is known of a register: a branch has told. */
  refine(register: number, { lo, hi, step }: Interval): void {
    if (register === 0) return;
    this.values[register] = lo;
    this.values[REGISTERS + register] = hi;
    this.values[2 * REGISTERS + register] = step;
  }

  setUnknown(register: number, origin: number): void {
    this.setInterval(register, ANY, origin);
  }

  /** Address of the instruction because of which the register is not exact; -1 = none. */
  origin(register: number): number {
    return this.isExact(register) ? -1 : this.values[ORIGINS + register]! - 1;
  }

  mark(register: number): Mark | undefined {
    return this.marks[register];
  }

  setMark(register: number, mark: Mark | undefined): void {
    if (register !== 0) this.marks = this.marks.with(register, mark);
  }

  setDescriptor(register: number, descriptor: KnownDescriptor): void {
    this.descriptors = this.descriptors.with(register, descriptor);
  }

  setField(unit: UnitName, fields: KnownFields): void {
    this.fields = { ...this.fields, [unit]: fields };
  }

  /** Whether the registers hold the same as another state's. */
  hasSameRegisters(other: KnownState): boolean {
    for (let i = 0; i < ORIGINS; i++) if (this.values[i] !== other.values[i]) return false;
    return true;
  }

  /**
   * Takes in another way to the same place.
   * @param widening for loops that nobody knows the end of: bounds that grow are given up
   * @returns whether less is known than before
   */
  join(other: KnownState, widening: boolean): boolean {
    let changed = this.joinRegisters(other, widening);
    if (this.descriptors !== other.descriptors) {
      this.descriptors.forEach((mine, register) => {
        const joined = joinDescriptors(mine, other.descriptors[register]!);
        if (joined === mine) return;
        this.setDescriptor(register, joined);
        changed = true;
      });
    }
    if (this.fields !== other.fields) {
      for (const unit of Object.keys(this.fields) as UnitName[]) {
        const mine = this.fields[unit];
        const joined = joinFields(mine, other.fields[unit]);
        if (joined === mine) continue;
        this.setField(unit, joined);
        changed = true;
      }
    }
    if (this.xuSelected !== other.xuSelected && this.xuSelected !== -1) {
      this.xuSelected = -1;
      changed = true;
    }
    if (this.prefetchedAt !== other.prefetchedAt) this.prefetchedAt = -1;
    changed = this.joinControl(other) || changed;
    changed = this.memory.join(other.memory) || changed;
    if (this.sharedOrder === other.sharedOrder) return changed;
    return this.ownOrder.join(other.sharedOrder, widening) || changed;
  }

  private joinRegisters(other: KnownState, widening: boolean): boolean {
    let changed = false;
    for (let register = 1; register < REGISTERS; register++) {
      const mark = this.marks[register];
      const theirs = other.marks[register];
      const keepsMark = !mark || mark === theirs || (mark.id === theirs?.id && mark.kind === theirs.kind);
      const same =
        this.values[register] === other.values[register] &&
        this.values[REGISTERS + register] === other.values[REGISTERS + register] &&
        this.values[2 * REGISTERS + register] === other.values[2 * REGISTERS + register];
      if (same && keepsMark) continue;
      const before = this.interval(register);
      const joined = (widening ? widen : join)(before, other.interval(register));
      const grown = joined.lo !== before.lo || joined.hi !== before.hi || joined.step !== before.step;
      if (!grown && keepsMark) continue;
      const origin = this.values[ORIGINS + register] || other.values[ORIGINS + register]!;
      this.setInterval(register, joined, origin - 1);
      if (mark && keepsMark) this.setMark(register, mark);
      changed = true;
    }
    return changed;
  }

  private joinControl(other: KnownState): boolean {
    let changed = false;
    if (this.csrs !== other.csrs) {
      for (const name of Object.keys(this.csrs) as (keyof TrapCsrs)[]) {
        if (this.csrs[name] === other.csrs[name] || this.csrs[name] === undefined) continue;
        this.csrs = { ...this.csrs, [name]: undefined };
        changed = true;
      }
    }
    if (this.loops === other.loops) return changed;
    this.loops = this.loops.map((mine, index) => {
      const { start, end, count } = other.loops[index]!;
      const sameBounds = mine.start === start && mine.end === end;
      if (sameBounds && mine.count === count) return mine;
      if (mine.end === NOWHERE || (mine.count === -1 && sameBounds)) return mine;
      changed = true;
      // The bounds of a loop that isn't running come from the one that is.
      if (mine.count === 0 && count !== 0) return { start, end, count: -1 };
      if (count === 0 && mine.count !== 0) return { ...mine, count: -1 };
      if (sameBounds) return { ...mine, count: -1 };
      return { start: NOWHERE, end: NOWHERE, count: mine.count === 0 ? 0 : -1 };
    });
    return changed;
  }
}

function joinDescriptors(mine: KnownDescriptor, theirs: KnownDescriptor): KnownDescriptor {
  if (mine === theirs) return mine;
  let known = mine.known & theirs.known;
  for (let word = 0; word < DESCRIPTOR_WORDS; word++) {
    if (mine.words[word] !== theirs.words[word]) known &= ~(1 << word);
  }
  if (known === mine.known) return mine;
  const origin = mine.origin >= 0 ? mine.origin : theirs.origin;
  return { words: mine.words, known, source: mine.source === theirs.source ? mine.source : -1, origin };
}

function joinFields(mine: KnownFields, theirs: KnownFields): KnownFields {
  if (mine === theirs) return mine;
  const known = mine.known.map((is, i) => (is && theirs.known[i] && mine.values[i] === theirs.values[i] ? 1 : 0));
  return known.every((is, i) => is === mine.known[i]) ? mine : { values: mine.values, known };
}
