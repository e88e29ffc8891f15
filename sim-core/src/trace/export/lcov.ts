/** LCOV's tracefile: which functions, lines and branches have run, and how often. */
import { BASE_ISA } from "../../isa/index.ts";
import type { Trace } from "../file/index.ts";
import { TraceNames } from "./names.ts";

interface Branch {
  taken: number;
  notTaken: number;
}

/** Counts of a source file. */
interface Covered {
  /** Times that a line's first instruction has retired; 0 for code that hasn't run. */
  readonly lines: Map<number, number>;
  readonly branches: { readonly line: number; readonly branch: Branch; readonly ran: boolean }[];
  readonly functions: { readonly line: number; readonly name: string; readonly count: number }[];
}

export function* lcov(trace: Trace): Generator<string> {
  const { counts, branches } = countAll(trace);
  const names = new TraceNames(trace.header);
  const files = new Map<string, Covered>();
  const fileOf = (name: string): Covered => {
    const found = files.get(name) ?? { lines: new Map(), branches: [], functions: [] };
    files.set(name, found);
    return found;
  };
  for (const { address, words } of trace.header.code) {
    words.forEach((word, i) => {
      const pc = address + 4 * i;
      const place = names.placeOf(pc);
      if (!place) return;
      const file = fileOf(place.file);
      const count = counts.get(pc) ?? 0;
      // A line of several instructions has run as often as the one that ran most.
      file.lines.set(place.line, Math.max(file.lines.get(place.line) ?? 0, count));
      if (BASE_ISA.decode(word)?.row.timing === "branch") {
        const branch = branches.get(pc) ?? { taken: 0, notTaken: 0 };
        file.branches.push({ line: place.line, branch, ran: count > 0 });
      }
    });
  }
  for (const { kind, address, name } of trace.header.program.symbols) {
    const place = kind === "function" || address === trace.header.program.entry ? names.placeOf(address) : undefined;
    if (place) fileOf(place.file).functions.push({ line: place.line, name, count: counts.get(address) ?? 0 });
  }
  for (const [file, covered] of files) yield* section(file, covered);
}

function* section(file: string, { lines, branches, functions }: Covered): Generator<string> {
  yield `TN:\nSF:${file}\n`;
  for (const { line, name } of functions) yield `FN:${line},${name}\n`;
  for (const { name, count } of functions) yield `FNDA:${count},${name}\n`;
  yield `FNF:${functions.length}\nFNH:${functions.filter(({ count }) => count > 0).length}\n`;
  for (const [block, { line, branch, ran }] of branches.entries()) {
    yield `BRDA:${line},${block},0,${ran ? branch.taken : "-"}\nBRDA:${line},${block},1,${ran ? branch.notTaken : "-"}\n`;
  }
  const hit = branches.reduce((sum, { branch }) => sum + Number(branch.taken > 0) + Number(branch.notTaken > 0), 0);
  yield `BRF:${2 * branches.length}\nBRH:${hit}\n`;
  const sorted = [...lines].sort(([a], [b]) => a - b);
  for (const [line, count] of sorted) yield `DA:${line},${count}\n`;
  yield `LF:${sorted.length}\nLH:${sorted.filter(([, count]) => count > 0).length}\nend_of_record\n`;
}

/** How often each instruction retired, and which way each branch went. */
function countAll({ header, instructions }: Trace): { counts: Map<number, number>; branches: Map<number, Branch> } {
  const counts = new Map<number, number>();
  const branches = new Map<number, Branch>();
  const names = new TraceNames(header);
  const isBranch = new Map<number, boolean>();
  let from: number | undefined;
  for (const { pc } of instructions.all()) {
    counts.set(pc, (counts.get(pc) ?? 0) + 1);
    if (from !== undefined) {
      const branch = branches.get(from) ?? { taken: 0, notTaken: 0 };
      branches.set(from, branch);
      if (pc === from + 4) branch.notTaken++;
      else branch.taken++;
    }
    let known = isBranch.get(pc);
    if (known === undefined) {
      known = BASE_ISA.decode(names.word(pc) ?? 0)?.row.timing === "branch";
      isBranch.set(pc, known);
    }
    from = known ? pc : undefined;
  }
  return { counts, branches };
}
