/** Decoded code of all pages that have run, and the breakpoints in it. */
import { DDR_BASE } from "../../config/index.ts";
import type { InstructionSet } from "../../isa/index.ts";
import type { Memories } from "../../machine/index.ts";
import { CodePage, type CodePageState, PAGE_BYTES, PAGE_SHIFT } from "./code-page.ts";

/** Index of a word in its page. */
export const wordIndex = (address: number): number => (address % PAGE_BYTES) >> 2;

/** Decoded code of a snapshot. Breakpoints are not in it: they are the debugger's. */
export interface CodeState {
  readonly phase: number;
  readonly pages: readonly CodePageState[];
  readonly copiedBytes: number;
}

export class CodeMemory {
  /** By address / 4 KiB. */
  readonly pages = new Map<number, CodePage>();
  /** What cycles of pages count for (phaseOf). A page follows when it is next asked for. */
  phase = 0;
  private readonly breakpoints = new Set<number>();
  private readonly memories: Memories;
  private readonly isa: InstructionSet;

  constructor(memories: Memories, isa: InstructionSet) {
    this.memories = memories;
    this.isa = isa;
  }

  /** The page of a code address, decoded; undefined where no code memory is. */
  page(address: number): CodePage | undefined {
    const number = address >>> PAGE_SHIFT;
    const known = this.pages.get(number);
    if (known) {
      known.enterPhase(this.phase);
      return known;
    }
    const first = address - (address % PAGE_BYTES);
    if (first >= this.memories.pmBytes && !this.memories.inDdr(first, PAGE_BYTES)) return undefined;
    const page = new CodePage(first);
    page.enterPhase(this.phase);
    page.decode(this.bytes(first), this.isa);
    for (const breakpoint of this.breakpoints) {
      if (breakpoint >>> PAGE_SHIFT === number) page.setBreakpoint(wordIndex(breakpoint), true);
    }
    this.pages.set(number, page);
    return page;
  }

  /** Decodes all pages anew. */
  refetch(): void {
    for (const page of this.pages.values()) page.decode(this.bytes(page.address), this.isa);
  }

  /** Nothing has been executed yet, as far as the accounts know. */
  forgetCycles(): void {
    for (const page of this.pages.values()) {
      page.forgetCycles();
    }
  }

  capture(): CodeState {
    const pages = Array.from(this.pages.values(), (page) => page.capture());
    return { phase: this.phase, pages, copiedBytes: pages.reduce((sum, { copiedBytes }) => sum + copiedBytes, 0) };
  }

  /** Pages that had not been decoded yet are decoded when they are next needed, from the memory of then. */
  restore({ phase, pages }: CodeState): void {
    this.phase = phase;
    const wanted = new Set(pages.map(({ address }) => address >>> PAGE_SHIFT));
    for (const number of this.pages.keys()) if (!wanted.has(number)) this.pages.delete(number);
    for (const state of pages) this.page(state.address)?.restore(state, this.isa);
  }

  /** The word at a code address as it is or would be decoded, 0 where no code memory is. Looking changes nothing. */
  word(address: number): number {
    const page = this.pages.get(address >>> PAGE_SHIFT);
    if (page) return page.word[wordIndex(address)]!;
    const { memories } = this;
    const isCode = address + 4 <= memories.pmBytes || memories.inDdr(address, 4);
    return isCode ? memories.readUnsigned(address - (address % 4), 4) : 0;
  }

  setBreakpoint(address: number, on: boolean): void {
    if (on) this.breakpoints.add(address);
    else this.breakpoints.delete(address);
    this.pages.get(address >>> PAGE_SHIFT)?.setBreakpoint(wordIndex(address), on);
  }

  hasBreakpoint(address: number): boolean {
    return this.breakpoints.has(address);
  }

  private bytes(address: number): Uint8Array {
    const bytes = address < DDR_BASE ? Math.min(PAGE_BYTES, this.memories.pmBytes - address) : PAGE_BYTES;
    return this.memories.read(address, bytes);
  }
}
