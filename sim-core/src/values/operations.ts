/** Issues, tokens and waits of a followed program, and the control unit's accesses to what operations touch. */
import type { MachineConfig } from "../config/index.ts";
import { ENUMS, UNITS } from "../isa/index.ts";
import { AddressSpace, ByteSet, DESCRIPTOR_WORDS, hex, MachineFault, type MachineState } from "../machine/index.ts";
import {
  type Footprint,
  footprintOfWork,
  ISSUES,
  makeToken,
  type TouchedBytes,
  tokenUnit,
  type WorkTime,
  workTime,
} from "../units/index.ts";
import type { DecodedInstruction } from "./code.ts";
import type { Certainty, FollowListener, StaticAccess, StaticRace } from "./events.ts";
import type { IssuedOperation, Order } from "./order.ts";
import { Preparations, type Prepared } from "./preparations.ts";
import { allKnown, type KnownDescriptor, type KnownFields, type KnownState, MEANING_WORDS } from "./state.ts";

/** A token operand: of an operation, of one that is complete, or nobody knows of which. */
type Token =
  | { readonly kind: "operation"; readonly operation: IssuedOperation }
  | { readonly kind: "forgotten"; readonly unit: number; readonly sequence: number }
  | { readonly kind: "complete" | "none" | "unknown" };

const SEQUENCE_MASK = 2 ** 28 - 1;
const UNKNOWN_TIME = () => undefined;
const FIRST_CHANNEL = UNITS.indexOf("dma0");
const unitName = (unit: number): string => UNITS[unit] ?? `unit ${unit}`;

export class Operations {
  private readonly config: MachineConfig;
  private readonly space: AddressSpace;
  private readonly listener: FollowListener;
  private readonly scratch: MachineState;
  /** How sure it is that the program comes to where it is followed just now. */
  private readonly certainty: () => Certainty;
  /** Whether the budget is used up, and loops are cut short: then what is merely possible says little. */
  private readonly isHurried: () => boolean;
  private readonly kept: Preparations;
  private nextId = 1;
  /** Operations that were followed. */
  issues = 0;

  constructor(
    config: MachineConfig,
    listener: FollowListener,
    scratch: MachineState,
    { certainty, isHurried }: { readonly certainty: () => Certainty; readonly isHurried: () => boolean },
  ) {
    this.config = config;
    this.space = new AddressSpace(config);
    this.kept = Preparations.of(config);
    this.listener = listener;
    this.scratch = scratch;
    this.certainty = certainty;
    this.isHurried = isHurried;
  }

  /** Whether the machine has a queue of that number. */
  private hasQueue(unit: number): boolean {
    return unit > 0 && unit < FIRST_CHANNEL + this.config.dma.channels;
  }

  issue(instruction: DecodedInstruction, state: KnownState): void {
    const { mnemonic, row, word } = instruction;
    const known = ISSUES.get(mnemonic);
    const unit = known ? known.unitOf(word) : UNITS.indexOf("xu");
    const { pc } = state;
    const registers = row.operands.flatMap((operand) =>
      operand.type === "td" ? [(word >>> { rd: 7, rs1: 15, rs2: 20 }[operand.field as "rd"]) & 31] : [],
    );
    const descriptors = registers.map((register) => state.descriptors[register]!);
    if (!this.hasQueue(unit)) {
      const message = `${unitName(unit)} doesn't exist, this machine has ${this.config.dma.channels} DMA channels`;
      throw new MachineFault("illegalInstruction", word, message, "see dma.channels in nnp.json");
    }
    const fields = state.fields[unit >= FIRST_CHANNEL ? "dma" : (UNITS[unit] as "nu" | "vu" | "xu")];
    const unknown = descriptors.findIndex((one) => (one.known & MEANING_WORDS) !== MEANING_WORDS);
    const scalarKnown = mnemonic !== "xu.runx" || state.isExact(instruction.rs2);
    let prepared: Prepared | undefined;
    if (unknown >= 0) {
      const register = registers[unknown]!;
      this.listener.unchecked?.(pc, `td${register} is not known here`, descriptors[unknown]!.origin);
    } else if (!known) this.listener.unchecked?.(pc, "only its own module knows what it takes", -1);
    else if (!allKnown(fields) || !scalarKnown) {
      this.listener.unchecked?.(pc, `the state of ${unitName(unit)} is not known here`, -1);
    } else prepared = this.prepare(instruction, unit, registers, descriptors, fields, state);
    if (prepared?.fault) {
      if (state.csrs.mtvec !== 0) throw prepared.fault;
      this.listener.fault?.(pc, prepared.fault, this.certainty(), descriptors);
    }
    this.follow(instruction, unit, prepared, descriptors, state);
  }

  private prepare(
    { mnemonic, word, rs1, rs2 }: DecodedInstruction,
    unit: number,
    registers: readonly number[],
    descriptors: readonly KnownDescriptor[],
    fields: KnownFields,
    state: KnownState,
  ): Prepared {
    const { scratch } = this;
    const operands = descriptors.map((descriptor) => this.kept.descriptorKey(descriptor));
    const scalar = mnemonic === "xu.runx" ? state.low(rs2) : 0;
    const key = `${word} ${operands.join()} ${this.kept.fieldsKey(fields)} ${scalar}`;
    const before = this.kept.prepared.get(key);
    if (before) return before;
    registers.forEach((register, i) => {
      scratch.descriptors.set(descriptors[i]!.words, register * DESCRIPTOR_WORDS);
    });
    scratch[unit >= FIRST_CHANNEL ? "dma" : (UNITS[unit] as "nu")].set(fields.values);
    // A fill's value decides nothing here.
    for (const register of [rs1, rs2]) scratch.x[register] = state.low(register);
    let made: Prepared;
    try {
      const issue = ISSUES.get(mnemonic)!.prepare(word, scratch, this.config, this.space);
      const { config } = this;
      let known: WorkTime | undefined;
      const time = () => (known ??= workTime(unit, issue, config));
      made = { footprint: footprintOfWork(unit, issue, config), fault: undefined, time };
    } catch (error) {
      if (!(error instanceof MachineFault)) throw error;
      made = { footprint: undefined, fault: error, time: UNKNOWN_TIME };
    }
    this.kept.prepared.set(key, made);
    return made;
  }

  private follow(
    instruction: DecodedInstruction,
    unit: number,
    prepared: Prepared | undefined,
    descriptors: readonly KnownDescriptor[],
    state: KnownState,
  ): void {
    const { pc } = state;
    const footprint = prepared?.footprint;
    const time = prepared?.time ?? UNKNOWN_TIME;
    const { mnemonic } = instruction;
    this.issues++;
    const after = state.order.afterOf(unit);
    const operation = state.ownOrder.issue({ id: this.nextId++, unit, pc, mnemonic, footprint });
    if (footprint) this.compare(operation, footprint, state.order);
    this.listener.issued?.({
      pc,
      after,
      time,
      instruction,
      operation,
      descriptors,
      state,
      certainty: this.certainty(),
    });
    if (mnemonic.startsWith("nu.")) {
      const { values, known } = state.fields.nu;
      const at = ENUMS.nufield.prefetch;
      if (values[at] !== 0 || !known[at]) {
        state.setField("nu", {
          values: values.with(at, 0),
          known: known.with(at, 1),
        });
      }
      state.prefetchedAt = -1;
    }
    if (footprint) for (const { set } of footprint.writes) state.memory.forget(set.low, set.high);
    else state.memory.forgetAll();
  }

  /** Races of a new operation with those under way. */
  private compare(operation: IssuedOperation, footprint: Footprint, order: Order): void {
    const { clock, perhaps } = operation;
    order.forEach((other) => {
      if (other === operation || !other.footprint) return;
      if (other.unit !== operation.unit && other.sequence > clock[other.unit]!) {
        const isPerhapsOrdered = other.sequence <= perhaps[other.unit]!;
        this.meet(other, other.footprint, operation, footprint.reads, footprint.writes, false, isPerhapsOrdered);
      } else if (footprint.early.length > 0) {
        this.meet(other, other.footprint, operation, footprint.early, [], true, order.isPerhapsComplete(other));
      }
    });
  }

  private meet(
    first: IssuedOperation,
    touched: Footprint,
    second: IssuedOperation,
    reads: readonly TouchedBytes[],
    writes: readonly TouchedBytes[],
    early: boolean,
    perhaps: boolean,
  ): void {
    const found = overlap(touched.writes, writes) ?? overlap(touched.writes, reads) ?? overlap(touched.reads, writes);
    if (!found) return;
    this.tellRace({
      first: accessOf(first, found.first.role, touched.writes.includes(found.first), false),
      second: accessOf(second, found.second.role, writes.includes(found.second), early),
      ...found.common,
      certainty: this.certaintyOf(first, perhaps),
    });
  }

  private tellRace(race: StaticRace): void {
    if (race.certainty !== "possible" || !this.isHurried()) this.listener.race?.(race);
  }

  private certaintyOf(first: IssuedOperation, perhaps: boolean): Certainty {
    if (perhaps) return "possible";
    return first.maybe ? "path" : this.certainty();
  }

  /**
   * An access of the control unit itself to some of the bytes from `start` up to `end`.
   * @param exact whether it is to all of them
   */
  accessed(state: KnownState, start: number, end: number, write: boolean, exact: boolean): void {
    const { order, pc } = state;
    if (!order.active) return;
    const bytes = end - start;
    const access: StaticAccess = { unit: "cu", pc, mnemonic: write ? "store" : "load", write, role: "", early: false };
    order.forEach((operation) => {
      const { footprint } = operation;
      if (!footprint) return;
      const hit = (list: readonly TouchedBytes[]) => list.find(({ set }) => set.touches(start, bytes));
      const written = hit(footprint.writes);
      const found = written ?? (write ? hit(footprint.reads) : undefined);
      if (!found) return;
      const common = found.set.intersection(ByteSet.range(start, bytes))!;
      const perhaps = !exact || order.isPerhapsComplete(operation);
      this.tellRace({
        first: accessOf(operation, found.role, written !== undefined, false),
        second: access,
        ...common,
        certainty: this.certaintyOf(operation, perhaps),
      });
    });
  }

  /**
   * nn.token, nn.wait, nn.poll, nn.after, nn.fence.
   * @throws MachineFault for tokens that were never issued and units that don't exist
   */
  synchronise(instruction: DecodedInstruction, state: KnownState): void {
    const { word, rd, rs1, rs2 } = instruction;
    switch (instruction.mnemonic) {
      case "nn.token":
        this.takeToken(rd, (word >>> 15) & 31, word, state);
        break;
      case "nn.wait":
        this.wait(instruction, [rs1, rs2], state);
        break;
      case "nn.poll":
        this.poll(rd, rs1, state);
        break;
      case "nn.after":
        this.addAfter(instruction, (word >>> 7) & 31, [rs1, rs2], state);
        break;
      case "nn.fence":
        this.fence(instruction, state);
        break;
    }
  }

  private requireQueue(unit: number, word: number): void {
    if (this.hasQueue(unit)) return;
    const message = unit === 0 ? "the CU has no queue to wait for" : `this machine has no queue for ${unitName(unit)}`;
    throw new MachineFault("illegalInstruction", word, message, "see dma.channels in nnp.json");
  }

  private takeToken(rd: number, unit: number, word: number, state: KnownState): void {
    this.requireQueue(unit, word);
    const { order } = state;
    const [count, last] = [order.count(unit), order.last(unit)];
    if (count === undefined) state.setUnknown(rd, state.pc);
    else state.setExact(rd, count === 0 ? 0 : makeToken(unit, count) | 0);
    if (last) state.setMark(rd, { kind: "token", unit, sequence: last.sequence, id: last.id });
  }

  private token(register: number, state: KnownState): Token {
    const { order } = state;
    const mark = state.mark(register);
    if (mark?.kind === "token") return tokenOf(order, mark.unit, mark.sequence, mark.id);
    const value = state.exact(register);
    if (value === undefined) return { kind: "unknown" };
    if (value === 0) return { kind: "none" };
    const unit = tokenUnit(value >>> 0);
    const count = this.hasQueue(unit) ? order.count(unit) : 0;
    const sequence = value & SEQUENCE_MASK;
    if (count === undefined) return { kind: "unknown" };
    if (sequence > count || !this.hasQueue(unit)) {
      throw new MachineFault(
        "token",
        value,
        `the token ${hex(value)} (${unitName(unit)}) was never issued`,
        "read tokens with nn.token after the issue that they stand for",
      );
    }
    return tokenOf(order, unit, sequence);
  }

  private wait(instruction: DecodedInstruction, registers: readonly number[], state: KnownState): void {
    const tokens = registers.map((register) => this.token(register, state));
    this.tellWait(instruction, tokens, state, -1);
    for (const token of tokens) {
      if (token.kind === "operation") state.ownOrder.awaited(token.operation);
      else if (token.kind === "forgotten") state.ownOrder.awaitedNumber(token.unit, token.sequence);
      else if (token.kind === "unknown") state.ownOrder.awaitedSomething();
    }
  }

  private poll(rd: number, rs1: number, state: KnownState): void {
    const token = this.token(rs1, state);
    if (token.kind === "complete" || token.kind === "none") state.setExact(rd, 1);
    else {
      state.setInterval(rd, { lo: 0, hi: 1, step: 1 }, state.pc);
      if (token.kind === "operation") {
        const { unit, sequence, id } = token.operation;
        state.setMark(rd, { kind: "poll", unit, sequence, id });
      } else state.ownOrder.awaitedSomething();
    }
  }

  private addAfter(
    instruction: DecodedInstruction,
    unit: number,
    registers: readonly number[],
    state: KnownState,
  ): void {
    this.requireQueue(unit, instruction.word);
    const tokens = registers.map((register) => this.token(register, state));
    this.tellWait(instruction, tokens, state, unit);
    for (const token of tokens) {
      if (token.kind === "operation") state.ownOrder.addAfter(unit, token.operation, state.pc);
      else if (token.kind === "unknown" || token.kind === "forgotten")
        state.ownOrder.addAfter(unit, undefined, state.pc);
    }
  }

  private fence(instruction: DecodedInstruction, state: KnownState): void {
    const mask = instruction.word >>> 20;
    const units: number[] = [];
    for (let unit = 0; unit < 12; unit++) {
      if (!((mask >> unit) & 1)) continue;
      this.requireQueue(unit, instruction.word);
      units.push(unit);
    }
    const needed = units.some((unit) => !state.order.isIdle(unit));
    const nothing = units.every((unit) => state.order.count(unit) === 0);
    this.listener.waited?.({ pc: state.pc, instruction, needed, nothing });
    if (needed) for (const unit of units) state.ownOrder.awaitedAll(unit);
  }

  /** @param unit the unit that waits, whose own operations are in order anyway; -1 = the control unit */
  private tellWait(instruction: DecodedInstruction, tokens: readonly Token[], state: KnownState, unit: number): void {
    const needed = tokens.some(
      (token) =>
        token.kind === "unknown" ||
        (token.kind === "operation" && token.operation.unit !== unit) ||
        (token.kind === "forgotten" && token.unit !== unit),
    );
    const nothing = tokens.every(({ kind }) => kind === "none");
    this.listener.waited?.({ pc: state.pc, instruction, needed, nothing });
  }
}

function tokenOf(order: Order, unit: number, sequence: number, id?: number): Token {
  if (order.isComplete(unit, sequence)) return { kind: "complete" };
  const operation = order.find(unit, sequence, id);
  return operation ? { kind: "operation", operation } : { kind: "forgotten", unit, sequence };
}

function accessOf(operation: IssuedOperation, role: string, write: boolean, early: boolean): StaticAccess {
  const { unit, pc, mnemonic } = operation;
  return { unit, pc, mnemonic, write, role, early };
}

function overlap(left: readonly TouchedBytes[], right: readonly TouchedBytes[]) {
  for (const first of left) {
    for (const second of right) {
      const common = first.set.intersection(second.set);
      if (common) return { first, second, common };
    }
  }
  return undefined;
}
