/** Files of the user, by paths relative to the current folder, as they are shown in messages. */
import {
  chmodSync,
  type Dirent,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import type { SourceHost } from "@nnasm/sim-core/asm";
import { UsageError, UserError } from "./errors.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EISDIR: "is a folder, not a file",
  ENOTDIR: "no such file",
  ELOOP: "its links go round in a circle",
  ENAMETOOLONG: "the name is too long",
  ENOSPC: "no space left on the device",
  EROFS: "the file system is read-only",
  EACCES: "no permission",
  EPERM: "no permission",
};

/** What the system says about a file, in words. */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error));
}

export function readFile(cwd: string, file: string): Uint8Array {
  try {
    return readFileSync(path.resolve(cwd, file));
  } catch (error) {
    const hint = file === "-" ? "standard input is called /dev/stdin" : undefined;
    throw new UserError(`cannot read ${file}: ${reasonOf(error)}`, hint);
  }
}

/** @throws UsageError for `-`, which elsewhere means standard output and would become a file of this name here */
export function refuseDash(file: string): void {
  if (file === "-")
    throw new UsageError("cannot write -: it is no name of a file", "standard output is called /dev/stdout");
}

/** The file itself, wherever links to it stand: a link that is written to stays one. */
function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    // There is none yet, or a message about it comes when it is used.
    return file;
  }
}

/**
 * Called before anything is written: `build main.nnasm -o main.nnasm` must not cost the source.
 * @param inputs all files that the program is made of
 * @throws UsageError when an output is one of them
 */
export function refuseInputs(
  cwd: string,
  inputs: readonly (string | undefined)[],
  outputs: readonly (string | undefined)[],
): void {
  const real = (file: string): string => realPath(path.resolve(cwd, file));
  const named = (files: readonly (string | undefined)[]) => files.filter((file) => file !== undefined);
  const taken = new Set(named(inputs).map(real));
  const lost = named(outputs).find((output) => taken.has(real(output)));
  if (lost !== undefined) {
    throw new UsageError(`cannot write ${lost}: the command reads it`, "name another file for the output");
  }
}

/** What stands in the way of a file that is to be written; of its folders one may be a file. */
export function writeReasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return code === "ENOTDIR" || code === "EEXIST" ? "a folder of its path is a file" : reasonOf(error);
}

/**
 * Writes a file beside its place and moves it there, so that an interrupted command leaves no half file.
 * @param mode permissions before the umask takes its share; without it those of the file that was there
 */
export function writeFile(cwd: string, file: string, contents: string | Uint8Array, mode?: number): void {
  refuseDash(file);
  const target = realPath(path.resolve(cwd, file));
  // Not the name with something behind it: that may be too long where the name itself isn't.
  const partial = path.join(path.dirname(target), `.nnasm.${process.pid}.tmp`);
  try {
    const old = statSync(target, { throwIfNoEntry: false });
    // A device such as /dev/null or a pipe is written to, never replaced; a folder gives its own error.
    if (old !== undefined && !old.isFile()) {
      writeFileSync(target, contents);
      return;
    }
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(partial, contents, mode === undefined ? {} : { mode });
    if (mode === undefined && old !== undefined) chmodSync(partial, old.mode);
    renameSync(partial, target);
  } catch (error) {
    removeIfThere(partial);
    throw new UserError(`cannot write ${file}: ${writeReasonOf(error)}`);
  }
}

function removeIfThere(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // It was never made.
  }
}

/** `src/net.nnasm` with `.elf` -> `src/net.elf` */
export function withExtension(file: string, extension: string): string {
  const { dir, name } = path.parse(file);
  return path.join(dir, `${name}${extension}`);
}

export function isFolder(cwd: string, file: string): boolean {
  return statSync(path.resolve(cwd, file), { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Folders that hold no sources of the user's own. */
const SKIPPED = new Set(["node_modules", "dist", "out", "build"]);

/** All `.nnasm` files in a folder and below it, in order of their names. */
export function findSources(cwd: string, folder: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(path.resolve(cwd, folder), { withFileTypes: true });
  } catch (error) {
    throw new UserError(`cannot read ${folder}: ${reasonOf(error)}`);
  }
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = path.join(folder, entry.name);
    if (entry.isFile() && entry.name.endsWith(".nnasm")) found.push(name);
    else if (entry.isDirectory() && !entry.name.startsWith(".") && !SKIPPED.has(entry.name))
      found.push(...findSources(cwd, name));
  }
  return found;
}

function readOptional(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    // Whatever the reason, the assembler names the file and the line that asks for it.
    return undefined;
  }
}

/** Sources on disk; a file that an include names is looked for beside the file that includes it. */
export function diskHost(cwd: string): SourceHost {
  return {
    resolve: (fromFile, relative) =>
      path.isAbsolute(relative) ? relative : path.join(path.dirname(fromFile), relative),
    readText: (file) => readOptional(path.resolve(cwd, file))?.toString("utf8"),
    readBytes: (file) => readOptional(path.resolve(cwd, file)),
  };
}
