/** What registers are for: the RISC-V calling convention, chapter 2 of the psABI. */
import { ABI_NAMES, abiName, descriptorNumber, registerNumber } from "@nnasm/sim-core/isa";

function roleOf(index: number): string {
  const name = abiName(index);
  switch (name) {
    case "zero":
      return "always zero; writes are dropped";
    case "ra":
      return "return address; a call changes it";
    case "sp":
      return "stack pointer; a call keeps it";
    case "gp":
      return "global pointer";
    case "tp":
      return "thread pointer";
    case "a0":
    case "a1":
      return "argument and result; a call changes it";
  }
  if (name.startsWith("a")) return "argument; a call changes it";
  return name.startsWith("s") ? "saved register; a call keeps it" : "temporary; a call changes it";
}

export interface RegisterInfo {
  readonly name: string;
  readonly detail: string;
}

/** A general-purpose register by any of its names, or undefined. */
export function registerInfo(name: string): RegisterInfo | undefined {
  const index = registerNumber(name);
  if (index === undefined) return undefined;
  const other = name.startsWith("x") ? abiName(index) : `x${index}`;
  return { name, detail: `${other} · ${roleOf(index)}` };
}

/** The names that completion offers, in the order of their numbers; numeric names only when asked for. */
export function registerNames(prefix: string): readonly string[] {
  return prefix.startsWith("x") ? ABI_NAMES.map((_, index) => `x${index}`) : [...ABI_NAMES];
}

export const DESCRIPTOR_NAMES: readonly string[] = Array.from({ length: 32 }, (_, index) => `td${index}`);

/** Names of registers of either kind, which symbols can't use in operands. */
export function isRegister(name: string): boolean {
  return registerNumber(name) !== undefined || descriptorNumber(name) !== undefined;
}

/** One name for all names of a register: `a0` and `x10` are the same. */
export function canonicalRegister(name: string): string | undefined {
  const index = registerNumber(name);
  if (index !== undefined) return `x${index}`;
  return descriptorNumber(name) === undefined ? undefined : name;
}
