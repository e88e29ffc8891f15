/** Quick fixes that look at the workspace's other sources: a file to include for a name, and what a name of a file means. */
import { type Assembly, type ParsedFile, stringText } from "@nnasm/sim-core/asm";
import { type Diagnostic, nearest, type Range } from "@nnasm/sim-core/diagnostics";
import type { Action } from "./actions.ts";
import { fileNamesIn, insideQuotes } from "./file-names.ts";
import { isLarge } from "./large.ts";
import { outline } from "./outline.ts";
import type { Snapshot } from "./snapshot.ts";
import { applyEdits, textIn } from "./text.ts";

export interface OtherSources {
  /** Sources of the workspace whose text contains a word. */
  readonly containing: (word: string) => Iterable<ParsedFile>;
  /** All sources of the workspace. */
  readonly names: Iterable<string>;
  /** The path to write in `from` to mean `to`. */
  readonly relative: (from: string, to: string) => string;
}

/** No more files than these are offered, and tried, for a name. */
const MOST = 3;

/** Includes that would define the name that a diagnostic misses; each is tried by assembling. */
export function includeFixes(snapshot: Snapshot, diagnostic: Diagnostic, sources: OtherSources): Action[] {
  const { file, assembly } = snapshot;
  if (diagnostic.id === "missing-include") return similarFile(snapshot, diagnostic, sources);
  const isMacro = diagnostic.id === "unknown-mnemonic";
  if ((!isMacro && diagnostic.id !== "undefined-symbol") || isLarge(assembly) || snapshot.object) return [];
  const name = textIn(file, diagnostic.range);
  const mine = new Set(assembly.files.map((each) => each.name));
  const found: Action[] = [];
  for (const other of sources.containing(name.replace(/\.(?:base|bytes|n|h|w|c|zp)$/, ""))) {
    if (mine.has(other.name) || other.name === file.name || !definesName(other, name, isMacro)) continue;
    const written = sources.relative(file.name, other.name);
    const edits = placesFor(snapshot, diagnostic.range, written).find((each) => mends(snapshot, diagnostic, each));
    if (edits) found.push({ title: `Include \`${written}\``, kind: "fix", diagnostic, edits });
    if (found.length === MOST) break;
  }
  return found;
}

function definesName(file: ParsedFile, name: string, isMacro: boolean): boolean {
  const owner = name.replace(/\.\w+$/, "");
  const items = outline(file).flatMap(function all(item): ReturnType<typeof outline> {
    return [item, ...item.children.flatMap(all)];
  });
  return items.some((item) => {
    if (isMacro || item.kind === "macro") return isMacro && item.kind === "macro" && item.name === name;
    return item.kind !== "section" && item.kind !== "layer" && (item.name === name || item.name === owner);
  });
}

/** Where the include may stand: behind the last one above, or on top, where the name is known from; else at the end. */
function placesFor({ file }: Snapshot, { start }: Range, name: string) {
  const newline = file.text.includes("\r\n") ? "\r\n" : "\n";
  let line = 0;
  for (const [index, { statements, text }] of file.lines.entries()) {
    const first = file.firstLines[index]!;
    if (first >= start.line) break;
    const isHead = line === 0 && statements.length === 0 && /^\s*(?:#|\/\/)/.test(text) && first === index;
    const isInclude = statements.some((statement) => statement.name?.name === ".include");
    if (isInclude || (isHead && line === first)) line = first + 1;
  }
  const text = `        .include "${name.replace(/["\\]/g, "\\$&")}"${newline}`;
  const front = { line, character: 0 };
  const lines = file.text.split(/\r\n|\r|\n/);
  const end = { line: lines.length - 1, character: lines.at(-1)!.length };
  const gap = end.character === 0 ? "" : newline;
  return [[{ range: { start: front, end: front }, text }], [{ range: { start: end, end }, text: gap + text }]];
}

const errors = ({ diagnostics }: Assembly): readonly Diagnostic[] =>
  diagnostics.filter(({ severity }) => severity === "error");

/** Whether the error goes and no other comes, and the program starts where it would have. */
function mends(snapshot: Snapshot, { id, message }: Diagnostic, edits: Action["edits"]): boolean {
  const before = errors(snapshot.assembly);
  const after = snapshot.reassemble({ text: applyEdits(snapshot.file, edits) });
  const left = errors(after);
  if (left.length >= before.length || left.some((each) => each.id === id && each.message === message)) return false;
  return after.symbols.has("_start") || firstCode(snapshot.assembly)?.file === firstCode(after)?.file;
}

/** Without `_start` a program starts with its first instruction. */
const firstCode = ({ placements }: Assembly) => placements.find(({ words }) => words && words.length > 0);

/** The source of the workspace that a misspelt include means: one of the same name elsewhere, or of a similar one. */
function similarFile({ file }: Snapshot, diagnostic: Diagnostic, { names, relative }: OtherSources): Action[] {
  const { start } = diagnostic.range;
  const line = file.lines[file.firstLines.indexOf(start.line)];
  const statement = line?.statements.find((each) => each.start <= start.character && start.character <= each.end);
  const [written] = statement?.name?.name === ".include" ? fileNamesIn(statement) : [];
  if (!written) return [];
  const paths = [...names].filter((name) => name !== file.name).map((name) => relative(file.name, name));
  const path = stringText(written.text);
  const base = (text: string): string => text.slice(text.lastIndexOf("/") + 1);
  const near = paths.find((each) => base(each) === base(path)) ?? nearest(path, paths);
  if (near === undefined) return [];
  const span = insideQuotes(written);
  const range = {
    start: { line: start.line, character: span.start },
    end: { line: start.line, character: span.end },
  };
  const edits = [{ range, text: near.replace(/["\\]/g, "\\$&") }];
  return [{ title: `Change to \`${near}\``, kind: "fix", diagnostic, preferred: true, edits }];
}
