/** Who calls whom: functions, and the calls, jumps and branches between them. */
import { type ParsedFile, type Reference, rangeIn } from "@nnasm/sim-core/asm";
import type { Position, Range } from "@nnasm/sim-core/diagnostics";
import { endOfFile } from "./file-end.ts";
import { namedAt } from "./occurrences.ts";
import { indexOf } from "./program-index.ts";
import type { Snapshot } from "./snapshot.ts";

export interface FunctionInfo {
  readonly name: string;
  readonly file: string;
  /** From the label to the next function. */
  readonly range: Range;
  readonly selection: Range;
}

export interface CallEdge {
  readonly function: FunctionInfo;
  /** Where the calls stand, in the caller's file. */
  readonly ranges: readonly Range[];
}

/** Functions by name: labels that `.type` calls so or that something calls, and the program's start. */
function functionNames(snapshot: Snapshot): Set<string> {
  const names = new Set<string>();
  for (const symbol of snapshot.assembly.symbols.values()) {
    if (symbol.kind === "label" && (symbol.type === "function" || symbol.name === "_start")) names.add(symbol.name);
  }
  for (const { name } of indexOf(snapshot.assembly).calls) {
    if (snapshot.assembly.symbols.kindOf(name) === "label") names.add(name);
  }
  return names;
}

/** The functions of a file in source order. */
function functionsIn(file: ParsedFile, names: ReadonlySet<string>): FunctionInfo[] {
  const starts: { name: string; line: number; selection: Range }[] = [];
  for (const [index, line] of file.lines.entries()) {
    for (const { labels } of line.statements) {
      for (const label of labels) {
        if (label.numeric || !names.has(label.name)) continue;
        const number = file.firstLines[index]!;
        starts.push({ name: label.name, line: number, selection: rangeIn(line, number, label) });
      }
    }
  }
  return starts.map(({ name, selection }, index) => {
    const next = starts[index + 1];
    const end = next ? { line: next.line, character: 0 } : endOfFile(file);
    return { name, file: file.name, selection, range: { start: selection.start, end } };
  });
}

function allFunctions(snapshot: Snapshot): FunctionInfo[] {
  const names = functionNames(snapshot);
  return snapshot.assembly.files.flatMap((file) => functionsIn(file, names));
}

const holds = ({ range }: FunctionInfo, { line }: Position): boolean =>
  range.start.line <= line && (line < range.end.line || (line === range.end.line && range.end.character > 0));

/** The function that a position names, or else the one that it stands in. */
export function functionAt(snapshot: Snapshot, position: Position): FunctionInfo | undefined {
  const functions = allFunctions(snapshot);
  const named = namedAt(snapshot, position);
  return (
    functions.find(({ name }) => name === named?.name) ??
    functions.find((candidate) => candidate.file === snapshot.file.name && holds(candidate, position))
  );
}

/** The line at which the function that a line belongs to begins; 0 above the first one. */
export function codeFunctionStart(snapshot: Snapshot, line: number): number {
  const starts = functionsIn(snapshot.file, functionNames(snapshot)).map(({ range }) => range.start.line);
  return Math.max(0, ...starts.filter((start) => start <= line));
}

const isTransfer = ({ kind }: Reference): boolean => kind === "call";

/** Who calls a function. */
export function incomingCalls(snapshot: Snapshot, name: string): CallEdge[] {
  const functions = allFunctions(snapshot);
  const edges = new Map<FunctionInfo, Range[]>();
  for (const reference of indexOf(snapshot.assembly).referencesTo(name, false)) {
    if (!isTransfer(reference)) continue;
    const caller = functions.find((item) => item.file === reference.file && holds(item, reference.range.start));
    if (caller) edges.set(caller, [...(edges.get(caller) ?? []), reference.range]);
  }
  return [...edges].map(([caller, ranges]) => ({ function: caller, ranges }));
}

/** Whom a function calls. */
export function outgoingCalls(snapshot: Snapshot, name: string): CallEdge[] {
  const functions = allFunctions(snapshot);
  const caller = functions.find((item) => item.name === name);
  if (!caller) return [];
  const edges = new Map<FunctionInfo, Range[]>();
  for (const reference of indexOf(snapshot.assembly).calls) {
    const { file, range } = reference;
    if (file !== caller.file || !holds(caller, range.start)) continue;
    const callee = functions.find((item) => item.name === reference.name);
    if (callee) edges.set(callee, [...(edges.get(callee) ?? []), range]);
  }
  return [...edges].map(([callee, ranges]) => ({ function: callee, ranges }));
}
