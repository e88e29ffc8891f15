/**
 * Macro calls and inlined functions: code that stands in the place of its call. The line table tells the lines of the body;
 * which calls put them there, the program's tree of inlined calls tells. A debugger shows each call as a frame.
 */
import { type InlinedCall, innermostCall, type Program } from "@nnasm/sim-core/program";
import { lineFromOne, type Place } from "./lines.ts";

export interface Expansion {
  readonly name: string;
  readonly kind: InlinedCall["kind"];
  readonly call: Place;
  /** How many calls enclose it. */
  readonly depth: number;
  /** Address of the first instruction. */
  readonly start: number;
  /** True where the call is entered; false for further pieces of code that doesn't lie in one run. */
  readonly isEntry: boolean;
  /** The same for all pieces of one call. */
  readonly id: string;
}

export class Expansions {
  readonly all: readonly Expansion[];
  private readonly inlined: readonly InlinedCall[];

  /** @param files absolute names of the program's files, at their index */
  constructor({ inlined }: Pick<Program, "inlined">, files: readonly string[]) {
    this.inlined = inlined;
    const all: Expansion[] = [];
    for (const { name, kind, parent, callFile, callLine, callColumn, low, entry } of inlined) {
      const depth = parent < 0 ? 0 : all[parent]!.depth + 1;
      const call = { file: files[callFile] ?? "", line: lineFromOne(callLine), column: callColumn };
      const id = `${depth} ${entry} ${name} ${callFile}:${callLine}:${callColumn}`;
      all.push({ name, kind, call, depth, start: low, isEntry: entry === low, id });
    }
    this.all = all;
  }

  /** The calls that put the instruction at an address in place, outermost first. */
  chainAt(address: number): readonly Expansion[] {
    const chain: Expansion[] = [];
    for (let at = innermostCall(this.inlined, address); at >= 0; at = this.inlined[at]!.parent) {
      chain.push(this.all[at]!);
    }
    return chain.reverse();
  }
}

/** How many leading calls of an address's chain have been entered when the machine comes to it from outside. */
export function enteredBefore(chain: readonly Expansion[], address: number): number {
  const next = chain.findIndex(({ start, isEntry }) => start === address && isEntry);
  return next < 0 ? chain.length : next;
}

/** How many leading calls two chains share. */
export function sharedCalls(one: readonly Expansion[], other: readonly Expansion[]): number {
  const at = one.findIndex(({ id }, index) => id !== other[index]?.id);
  return at < 0 ? one.length : at;
}
