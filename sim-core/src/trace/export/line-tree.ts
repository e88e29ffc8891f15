/** Cycles by call path and source line: what profile viewers draw. */
import { type CallPath, callPaths } from "../call-paths.ts";
import type { Trace } from "../file/index.ts";
import { TraceNames } from "./names.ts";

/** A line of a function, on one call path. */
export interface LineNode {
  /** The function, by its name. */
  readonly name: string;
  /** Empty for code without line information. */
  readonly file: string;
  /** From one; 0 for code without line information. */
  readonly line: number;
  /** Index of the line that calls the function; -1 for a function that nobody calls. */
  readonly parent: number;
  /** Cycles of the line itself. */
  cycles: number;
}

/** Lines with cycles, or with calls, of all paths; callers come before what they call. */
export function lineTree(trace: Trace): LineNode[] {
  const names = new TraceNames(trace.header);
  const paths = callPaths(trace);
  const nodes: LineNode[] = [];
  const byKey = new Map<string, number>();
  /** The node of an instruction's line in the function of a path. */
  const nodeAt = (path: number, pc: number): number => {
    const place = names.placeOf(pc);
    const [file, line] = place ? [place.file, place.line] : ["", 0];
    const key = `${path}:${file}:${line}`;
    const known = byKey.get(key);
    if (known !== undefined) return known;
    const own = paths[path]!;
    const parent = own.parent < 0 ? -1 : nodeAt(own.parent, own.site);
    const name = names.functionAt(own.parent < 0 ? trace.header.program.entry : own.target);
    byKey.set(key, nodes.length);
    nodes.push({ name, file, line, parent, cycles: 0 });
    return nodes.length - 1;
  };
  paths.forEach(({ cycles }: CallPath, path) => {
    for (const [pc, own] of cycles) nodes[nodeAt(path, pc)]!.cycles += own;
  });
  return nodes;
}
