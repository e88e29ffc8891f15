/** Faults of the simulated machine: typed, precise, each with a RISC-V cause number. */
import type { Unit } from "../isa/types.ts";

/**
 * mcause values. 0..11 are those of the RISC-V privileged manual; 24..31 lie in the range that it leaves to
 * custom use.
 */
export const CAUSES = {
  instructionMisaligned: 0,
  instructionAccess: 1,
  illegalInstruction: 2,
  breakpoint: 3,
  loadMisaligned: 4,
  loadAccess: 5,
  storeMisaligned: 6,
  storeAccess: 7,
  environmentCall: 11,
  shape: 24,
  type: 25,
  tensorMemory: 26,
  token: 27,
  loopRule: 28,
  late: 29,
  descriptor: 30,
  user: 31,
} as const;

export type FaultKind = keyof typeof CAUSES;

export interface Fault {
  readonly kind: FaultKind;
  /** The unit that found it. */
  readonly unit: Unit;
  /** Address of the instruction: the faulting one, or for a late fault the one that issued the operation. */
  readonly pc: number;
  /** What goes to mtval: an address, an instruction word or a token. */
  readonly value: number;
  /** What is wrong, with the numbers; one sentence without a full stop. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** Thrown inside the core by checks deep in a unit; the CU turns it into a trap or a stop. Never leaves sim-core. */
export class MachineFault extends Error {
  readonly kind: FaultKind;
  readonly value: number;
  readonly hint: string | undefined;

  constructor(kind: FaultKind, value: number, message: string, hint?: string) {
    super(message);
    this.kind = kind;
    this.value = value;
    this.hint = hint;
  }
}

/** A fault as plain data: what a unit keeps of it until the program hears of it. */
export interface FaultRecord {
  readonly kind: FaultKind;
  readonly value: number;
  readonly message: string;
  readonly hint: string | undefined;
}

export const faultRecord = ({ kind, value, message, hint }: MachineFault): FaultRecord => ({
  kind,
  value,
  message,
  hint,
});

export const hex = (value: number): string => `0x${(value >>> 0).toString(16).padStart(8, "0")}`;
