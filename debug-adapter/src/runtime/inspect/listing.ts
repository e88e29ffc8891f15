/** A program's code as text that nobody has written: every instruction that macros, repetitions and libraries have made. */
import { disassembleRange } from "./disassembly.ts";
import { hex32 } from "./format.ts";
import type { Machine } from "./machine.ts";

export interface Listing {
  readonly text: string;
  /** Address of the instruction on each line, counted from zero; undefined for labels and empty lines. */
  readonly addresses: readonly (number | undefined)[];
}

const TEXT_WIDTH = 32;

/** As the program was loaded; what it has written into its own code since is read, too. */
export function listingOf(machine: Machine): Listing {
  const lines: string[] = [];
  const addresses: (number | undefined)[] = [];
  const add = (text: string, address?: number): void => {
    lines.push(text);
    addresses.push(address);
  };
  for (const { address: start, bytes, executable } of machine.program.segments) {
    if (!executable) continue;
    let before = "";
    for (const { address, text, label, place } of disassembleRange(machine, start, bytes.length >>> 2)) {
      if (label !== undefined) {
        if (lines.length > 0) add("");
        add(`${label}:`);
      }
      const here = place ? `${place.file.split(/[\\/]/).at(-1)}:${place.line}` : "";
      const remark = here === before || here === "" ? "" : `  # ${here}`;
      before = here;
      add(`${hex32(address)}  ${text.padEnd(TEXT_WIDTH)}${remark}`.trimEnd(), address);
    }
  }
  return { text: `${lines.join("\n")}\n`, addresses };
}

/** The first instruction at or behind a line, with the line that it stands on; lines count from zero. */
export function instructionAt(
  { addresses }: Listing,
  line: number,
): { readonly line: number; readonly address: number } | undefined {
  for (let at = Math.max(0, line); at < addresses.length; at++) {
    const address = addresses[at];
    if (address !== undefined) return { line: at, address };
  }
  return undefined;
}

/** For people who see the listing among files. */
export const listingName = (file: string): string => `${file.split(/[\\/]/).at(-1)} (all code)`;
