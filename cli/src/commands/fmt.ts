/** `nnasm fmt`: lays out sources in columns, as the editor's "Format Document" does. */
import { formatText } from "@nnasm/server/format";
import { UsageError, UserError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { findSources, isFolder, readFile, writeFile } from "../files.ts";
import type { Colors, Io } from "../io.ts";

export interface FmtOptions {
  readonly check?: boolean;
  readonly diff?: boolean;
  readonly stdin?: boolean;
  readonly tabs?: boolean;
  readonly json?: boolean;
}

interface Formatted {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

/** @returns the exit code: 1 when --check finds a file that is not laid out */
export function fmt(io: Io, files: readonly string[], options: FmtOptions): ExitCode {
  if (options.stdin) return formatInput(io, files, options);
  const results = sourcesIn(io.cwd, files).map((file) => formatSource(io.cwd, file, options));
  const changed = results.filter(({ before, after }) => before !== after);
  if (!options.check && !options.diff) for (const { file, after } of changed) writeFile(io.cwd, file, after);
  if (options.json) {
    const list = results.map(({ file, before, after }) => ({ file, changed: before !== after }));
    io.out.write(`${JSON.stringify({ ok: !options.check || changed.length === 0, files: list }, null, 2)}\n`);
  } else if (options.diff) {
    for (const result of changed) io.out.write(unifiedDiff(result, io.out.colors));
  } else {
    for (const { file } of changed) io.out.write(`${file}\n`);
  }
  return options.check && changed.length > 0 ? EXIT.input : EXIT.ok;
}

/** From standard input to standard output, for editors and pipes. */
function formatInput(io: Io, files: readonly string[], options: FmtOptions): ExitCode {
  if (files.length > 0) throw new UsageError("--stdin takes no files", "leave out --stdin, or the files");
  const before = textOf(io.readInput(), "standard input");
  const after = formatText(before, { insertSpaces: !options.tabs });
  if (options.diff) io.out.write(unifiedDiff({ file: "stdin", before, after }, io.out.colors));
  else if (!options.check) io.out.write(after);
  return options.check && after !== before ? EXIT.input : EXIT.ok;
}

/** The files that the arguments mean: themselves, and all sources in folders; without arguments, those below here. */
function sourcesIn(cwd: string, files: readonly string[]): string[] {
  const named = files.length > 0 ? files : ["."];
  return [...new Set(named.flatMap((file) => (isFolder(cwd, file) ? findSources(cwd, file) : [file])))];
}

function formatSource(cwd: string, file: string, options: FmtOptions): Formatted {
  const before = textOf(readFile(cwd, file), file);
  return { file, before, after: formatText(before, { insertSpaces: !options.tabs }) };
}

/** Text that can be written back without a change: what is no UTF-8 is refused rather than mended. */
function textOf(bytes: Uint8Array, name: string): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch {
    // Said below.
  }
  throw new UserError(`cannot format ${name}: it is not UTF-8 text`, "convert it first, or leave it out");
}

/** Lines of a diff that stay around a change, for orientation. */
const CONTEXT = 3;

/** A unified diff as `patch` takes it. Formatting changes lines in place, so both sides have the same numbers. */
function unifiedDiff({ file, before, after }: Formatted, colors: Colors): string {
  const old = before.split("\n");
  const now = after.split("\n");
  // Behind the last line end there is no line.
  const count = old.at(-1) === "" ? old.length - 1 : old.length;
  const isChanged = (line: number): boolean => old[line] !== now[line];
  const end = (line: number): string => (line === old.length - 1 ? "\n\\ No newline at end of file\n" : "\n");
  let text = "";
  for (let line = 0; line < count; line++) {
    if (!isChanged(line)) continue;
    const first = Math.max(0, line - CONTEXT);
    let last = line;
    for (let next = line; next < count && next <= last + 2 * CONTEXT; next++) if (isChanged(next)) last = next;
    const behind = Math.min(count, last + CONTEXT + 1);
    text += colors.cyan(`@@ -${first + 1},${behind - first} +${first + 1},${behind - first} @@`);
    text += "\n";
    for (let at = first; at < behind; ) {
      if (!isChanged(at)) {
        text += ` ${old[at]}${end(at)}`;
        at++;
        continue;
      }
      const from = at;
      for (; at < behind && isChanged(at); at++) text += `${colors.red(`-${old[at]}`)}${end(at)}`;
      for (let added = from; added < at; added++) text += `${colors.green(`+${now[added]}`)}${end(added)}`;
    }
    line = behind - 1;
  }
  return text && `${colors.bold(`--- ${file}\n+++ ${file}`)}\n${text}`;
}
