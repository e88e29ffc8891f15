/**
 * Stores through the stack pointer below the stack's limit: it has run into data. The limit is the symbol
 * `__stack_limit`, or the end of the highest section of DM.
 */
import { DM_BASE } from "../config/index.ts";
import { hex } from "../machine/index.ts";
import type { AccessKind } from "../units/index.ts";
import type { Check, Checked, Found } from "./check.ts";
import { type Finding, Findings, type FindingsState } from "./finding.ts";

const SP = 2;
const STORE_OPCODE = 0x23;

export class StackCheck implements Check {
  /** Above the limit nothing can go wrong. */
  readonly quiet: { readonly start: number; readonly end: number };
  readonly listener = {};
  private readonly machine: Checked;
  private readonly found: Findings;
  private readonly limit: number;

  constructor(machine: Checked, found: Found) {
    this.machine = machine;
    this.found = new Findings(found);
    const { program, config } = machine;
    const end = DM_BASE + config.dm.bytes;
    const sections = program.sections.filter(({ address, bytes }) => address >= DM_BASE && address + bytes <= end);
    const symbol = program.symbols.find(({ name }) => name === "__stack_limit");
    this.limit =
      symbol?.address ?? sections.reduce((high, { address, bytes }) => Math.max(high, address + bytes), DM_BASE);
    this.quiet = { start: this.limit - DM_BASE, end: config.dm.bytes };
  }

  get findings(): readonly Finding[] {
    return this.found.all;
  }

  get omissions(): readonly string[] {
    return this.found.omissions;
  }

  accessed(kind: AccessKind, address: number, bytes: number, pc: number, cycle: number): void {
    if (kind === "read" || address >= this.limit || !this.isStackStore(pc)) return;
    if (this.found.isKnown(String(pc))) return;
    this.found.add(String(pc), {
      id: "stack",
      message: `the stack has run below its limit ${hex(this.limit)}: a store at ${hex(address)}`,
      hint: "make dm.bytes larger, keep large arrays off the stack, or look for endless recursion; __stack_limit moves the limit",
      pc,
      related: [],
      address,
      bytes,
      cycle,
    });
  }

  capture(): FindingsState {
    return this.found.capture();
  }

  restore(state: unknown): void {
    this.found.restore(state as FindingsState);
  }

  private isStackStore(pc: number): boolean {
    const word = this.machine.memories.readUnsigned(pc, 4);
    return (word & 0x7f) === STORE_OPCODE && ((word >>> 15) & 31) === SP;
  }
}
