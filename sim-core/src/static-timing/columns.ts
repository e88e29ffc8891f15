/** What is known of each instruction from its word alone, in columns, so that walking over code touches numbers only. */
import type { FlowInstruction } from "../flow/index.ts";
import { ENUMS, UNITS } from "../isa/index.ts";
import { type CuTiming, type InstructionCost, instructionCost, Op, waitedFor } from "../units/index.ts";

/** What a time depends on beside the pipeline. */
export enum Kind {
  /** Nothing. */
  plain,
  /** The way that it goes. */
  branch,
  load,
  store,
  /** td.ld and td.st */
  descriptor,
  /** The state of the unit's queue. */
  issue,
  /** nn.wait: the units whose operations the tokens stand for. */
  wait,
  /** nn.fence: the units that it names. */
  fence,
  wfi,
  /** lp.setup, lp.setupi: whether the count is 0. */
  setup,
  /** Leaves the pipeline to the trap handler, if there is one. */
  ecall,
  ebreak,
  user,
  /** fence.i */
  refetch,
}

/** Set of units, bit n being the unit that tokens call n. */
export type UnitSet = number;

/** Bytes that loads and stores move. */
const BYTES: Readonly<Record<string, number>> = { lw: 4, sw: 4, lh: 2, lhu: 2, sh: 2, lb: 1, lbu: 1, sb: 1 };

export class Columns {
  /** What the control unit's loop calls the operation; Op.HANDLER for all that it leaves to handlers. */
  readonly op: Uint8Array;
  /** First three general-purpose registers that it waits for, five bits each; x0 where there are fewer. */
  readonly sources: Int32Array;
  /** Register that it writes, 0 for none. */
  readonly target: Uint8Array;
  readonly hold: Int32Array;
  readonly holdCause: Uint8Array;
  readonly late: Int32Array;
  readonly lateCause: Uint8Array;
  readonly kind: Uint8Array;
  /** Units of an issue or a fence, bytes of an access. */
  readonly detail: Int32Array;
  /** Largest `late` of all. */
  readonly mostLate: number;

  constructor(instructions: readonly FlowInstruction[], timing: CuTiming) {
    const count = instructions.length;
    this.op = new Uint8Array(count);
    this.sources = new Int32Array(count);
    this.target = new Uint8Array(count);
    this.hold = new Int32Array(count);
    this.holdCause = new Uint8Array(count);
    this.late = new Int32Array(count);
    this.lateCause = new Uint8Array(count);
    this.kind = new Uint8Array(count);
    this.detail = new Int32Array(count);
    const costs = new Map<number, InstructionCost & { readonly kind: Kind; readonly op: number }>();
    // Large programs have the same words again and again.
    const seen = new Map<number, number>();
    let most = 0;
    for (let index = 0; index < count; index++) {
      const { instruction, word, writes, reads } = instructions[index]!;
      const same = seen.get(word);
      if (same !== undefined) {
        this.copy(same, index);
        continue;
      }
      seen.set(word, index);
      let cost = costs.get(instruction.index);
      if (!cost) {
        const op = Op[instruction.mnemonic.toUpperCase() as keyof typeof Op] ?? Op.HANDLER;
        cost = { ...instructionCost(instruction, timing), kind: kindOf(instructions[index]!), op };
        costs.set(instruction.index, cost);
        most = Math.max(most, cost.late);
      }
      if (reads !== 0) {
        const [first = 0, second = 0, third = 0] = waitedFor(instruction, word);
        this.sources[index] = first | (second << 5) | (third << 10);
      }
      this.target[index] = writes === 0 ? 0 : 31 - Math.clz32(writes);
      this.op[index] = cost.op;
      this.hold[index] = cost.hold;
      this.holdCause[index] = cost.holdCause;
      this.late[index] = cost.late;
      this.lateCause[index] = cost.lateCause;
      this.kind[index] = cost.kind;
      if (cost.kind !== Kind.plain) this.detail[index] = detailOf(instructions[index]!, cost.kind);
    }
    this.mostLate = most;
  }

  private copy(from: number, to: number): void {
    this.sources[to] = this.sources[from]!;
    this.target[to] = this.target[from]!;
    this.op[to] = this.op[from]!;
    this.hold[to] = this.hold[from]!;
    this.holdCause[to] = this.holdCause[from]!;
    this.late[to] = this.late[from]!;
    this.lateCause[to] = this.lateCause[from]!;
    this.kind[to] = this.kind[from]!;
    this.detail[to] = this.detail[from]!;
  }
}

function kindOf({ instruction: { mnemonic, row } }: FlowInstruction): Kind {
  switch (row.timing) {
    case "branch":
      return Kind.branch;
    case "load":
      return Kind.load;
    case "store":
      return Kind.store;
    case "issue":
      return Kind.issue;
    case "user":
      return row.unit === "cu" ? Kind.user : Kind.issue;
    default:
      return BY_MNEMONIC[mnemonic] ?? Kind.plain;
  }
}

const BY_MNEMONIC: Readonly<Record<string, Kind>> = {
  "td.ld": Kind.descriptor,
  "td.st": Kind.descriptor,
  "nn.wait": Kind.wait,
  "nn.fence": Kind.fence,
  wfi: Kind.wfi,
  "lp.setup": Kind.setup,
  "lp.setupi": Kind.setup,
  ecall: Kind.ecall,
  ebreak: Kind.ebreak,
  "fence.i": Kind.refetch,
};

function detailOf({ instruction: { mnemonic, row }, operands }: FlowInstruction, kind: Kind): number {
  switch (kind) {
    case Kind.load:
    case Kind.store:
      return BYTES[mnemonic]!;
    case Kind.descriptor:
      return mnemonic === "td.ld" ? 0 : 1;
    case Kind.fence:
      return operands[0]!;
    case Kind.issue: {
      if (row.unit !== "dma") return 1 << UNITS.indexOf(row.unit as (typeof UNITS)[number]);
      const channel = row.operands.findIndex((operand) => operand.type === "enum" && operand.values === "channel");
      return 1 << (UNITS.indexOf("dma0") + ENUMS.channel.ch0 + operands[channel]!);
    }
    default:
      return 0;
  }
}
