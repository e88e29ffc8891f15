/**
 * Reads of memory that nobody has written: neither the program file nor an instruction, nor a unit. Compiled C reads such
 * bytes on purpose at times (copies of structures with gaps), so the check is off unless asked for.
 */
import { DDR_BASE } from "../config/index.ts";
import type { Unit } from "../isa/index.ts";
import { type ByteSet, DDR_PAGE_BYTES, hex } from "../machine/index.ts";
import { type AccessKind, footprintOf, type Operation } from "../units/index.ts";
import type { Check, Checked, Found } from "./check.ts";
import { type Finding, Findings, type FindingsState } from "./finding.ts";

/** Sections that start-up code or the loader fills with zeros, by C's rules. */
const ZEROED = /^\.(s?bss|COMMON)\b/;

interface State {
  readonly flat: Uint8Array;
  readonly pages: readonly (readonly [number, Uint8Array])[];
  readonly findings: FindingsState;
}

export class UninitialisedCheck implements Check {
  /** Every access counts. */
  readonly quiet = { start: 0, end: 0 };
  readonly listener = { completed: (unit: Unit, operation: Operation) => this.completed(unit, operation) };
  private readonly machine: Checked;
  private readonly found: Findings;
  /** A byte for each byte of the flat memories, and of pages of DDR: 1 = written. */
  private readonly flat: Uint8Array;
  private readonly pages = new Map<number, Uint8Array>();

  constructor(machine: Checked, found: Found) {
    this.machine = machine;
    this.found = new Findings(found);
    this.flat = new Uint8Array(machine.memories.u8.length);
    const { program } = machine;
    for (const { address, bytes } of program.segments) this.write(address, bytes.length);
    for (const { name, address, bytes } of program.sections) if (ZEROED.test(name)) this.write(address, bytes);
  }

  get findings(): readonly Finding[] {
    return this.found.all;
  }

  get omissions(): readonly string[] {
    return this.found.omissions;
  }

  accessed(kind: AccessKind, address: number, bytes: number, pc: number, cycle: number): void {
    if (kind === "write") this.write(address, bytes);
    else this.read("the CU reads", "", address, bytes, pc, cycle);
  }

  /** Somebody outside of the program has written: a debugger, a test bench. */
  wroteFromOutside(address: number, bytes: number): void {
    this.write(address, bytes);
  }

  capture(): State {
    return {
      flat: this.flat.slice(),
      pages: [...this.pages].map(([number, page]) => [number, page.slice()] as const),
      findings: this.found.capture(),
    };
  }

  restore(state: unknown): void {
    const { flat, pages, findings } = state as State;
    this.flat.set(flat);
    this.pages.clear();
    for (const [number, page] of pages) this.pages.set(number, page.slice());
    this.found.restore(findings);
  }

  private completed(_unit: Unit, operation: Operation): void {
    const { reads, writes } = footprintOf(operation, this.machine.config);
    const { mnemonic, pc, endCycle } = operation;
    // Rows that nobody asks for and room behind a tile's end may well be unwritten.
    const partly = mnemonic === "dma.gather" || mnemonic === "dma.ldz";
    reads.forEach(({ role, set }, position) => {
      if (partly && position === 0) return;
      this.readSet(`${mnemonic} reads`, role, set, pc, endCycle);
    });
    for (const { set } of writes) set.forEachRun((address, bytes) => this.write(address, bytes));
  }

  private readSet(what: string, role: string, set: ByteSet, pc: number, cycle: number): void {
    set.forEachRun((address, bytes) => this.read(what, role, address, bytes, pc, cycle));
  }

  private read(what: string, role: string, address: number, bytes: number, pc: number, cycle: number): void {
    const first = this.firstUnwritten(address, bytes);
    if (first < 0 || this.found.isKnown(`${pc} ${role}`)) return;
    const at = address + first;
    this.found.add(`${pc} ${role}`, {
      id: "uninitialised",
      message: `${what} ${hex(at)}${role ? ` (${role})` : ""}, which nothing has written`,
      hint: "write it first, give it a value in the source, or wait for what brings it",
      pc,
      related: [],
      address: at,
      bytes: bytes - first,
      cycle,
    });
  }

  private firstUnwritten(address: number, bytes: number): number {
    const offset = this.machine.memories.flatOffset(address, bytes);
    if (offset >= 0) {
      const at = this.flat.indexOf(0, offset);
      return at < 0 || at >= offset + bytes ? -1 : at - offset;
    }
    for (let i = 0; i < bytes; i++) {
      const position = address + i - DDR_BASE;
      const page = this.pages.get(Math.floor(position / DDR_PAGE_BYTES));
      if (!page || page[position % DDR_PAGE_BYTES] === 0) return i;
    }
    return -1;
  }

  private write(address: number, bytes: number): void {
    const offset = this.machine.memories.flatOffset(address, bytes);
    if (offset >= 0) {
      this.flat.fill(1, offset, offset + bytes);
      return;
    }
    for (let done = 0; done < bytes; ) {
      const position = address + done - DDR_BASE;
      const number = Math.floor(position / DDR_PAGE_BYTES);
      const start = position % DDR_PAGE_BYTES;
      const run = Math.min(bytes - done, DDR_PAGE_BYTES - start);
      let page = this.pages.get(number);
      if (!page) this.pages.set(number, (page = new Uint8Array(DDR_PAGE_BYTES)));
      page.fill(1, start, start + run);
      done += run;
    }
  }
}
