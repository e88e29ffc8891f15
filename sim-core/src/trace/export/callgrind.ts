/** The format of callgrind's output, for callgrind_annotate and KCachegrind: cycles by line, and of calls. */
import { type CallPath, callPaths } from "../call-paths.ts";
import type { Trace } from "../file/index.ts";
import { TraceNames } from "./names.ts";

interface Line {
  cycles: number;
  readonly calls: Map<number, { count: number; inclusive: number; readonly targetLine: number }>;
}

export function* callgrind(trace: Trace): Generator<string> {
  const names = new TraceNames(trace.header);
  const paths = callPaths(trace);
  const inclusive = inclusiveCycles(paths);
  const { entry } = trace.header.program;
  const targetOf = (path: number): number => (paths[path]!.parent < 0 ? entry : paths[path]!.target);
  /** By function, file and line. */
  const functions = new Map<number, Map<string, Map<number, Line>>>();
  const lineAt = (target: number, pc: number): Line => {
    const { file, line } = placeOf(names, pc);
    const files = functions.get(target) ?? new Map<string, Map<number, Line>>();
    functions.set(target, files);
    const lines = files.get(file) ?? new Map<number, Line>();
    files.set(file, lines);
    const found = lines.get(line) ?? { cycles: 0, calls: new Map() };
    lines.set(line, found);
    return found;
  };
  paths.forEach((path, node) => {
    const target = targetOf(node);
    for (const [pc, cycles] of path.cycles) lineAt(target, pc).cycles += cycles;
    if (path.parent < 0) return;
    const { calls } = lineAt(targetOf(path.parent), path.site);
    const call = calls.get(target) ?? { count: 0, inclusive: 0, targetLine: placeOf(names, target).line };
    calls.set(target, call);
    call.count += path.calls;
    call.inclusive += inclusive[node]!;
  });
  const total = inclusive[0] ?? 0;
  yield `# callgrind format\nversion: 1\ncreator: ${trace.header.producer}\ncmd: ${trace.header.name}\n`;
  yield `positions: line\nevents: Cycles\nsummary: ${total}\n`;
  for (const [target, files] of functions) {
    yield `\nfl=${placeOf(names, target).file}\nfn=${names.functionAt(target)}\n`;
    for (const [file, lines] of files) {
      if (files.size > 1) yield `fe=${file}\n`;
      for (const [line, { cycles, calls }] of lines) {
        if (cycles > 0) yield `${line} ${cycles}\n`;
        for (const [callee, call] of calls) {
          yield `cfl=${placeOf(names, callee).file}\ncfn=${names.functionAt(callee)}\n`;
          yield `calls=${call.count} ${call.targetLine}\n${line} ${call.inclusive}\n`;
        }
      }
    }
  }
  yield `\ntotals: ${total}\n`;
}

const placeOf = (names: TraceNames, pc: number): { file: string; line: number } =>
  names.placeOf(pc) ?? { file: "(unknown)", line: 0 };

/** Cycles of each path with everything that it calls. */
function inclusiveCycles(paths: readonly CallPath[]): number[] {
  const sums = paths.map(({ cycles }) => [...cycles.values()].reduce((sum, own) => sum + own, 0));
  for (let node = paths.length - 1; node > 0; node--) sums[paths[node]!.parent]! += sums[node]!;
  return sums;
}
