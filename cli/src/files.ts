/** Files of the user, by paths relative to the current folder, as they are shown in messages. */
import { type Dirent, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { SourceHost } from "@nnasm/sim-core/asm";
import { UserError } from "./errors.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EISDIR: "is a folder, not a file",
  ENOTDIR: "no such file",
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
    throw new UserError(`cannot read ${file}: ${reasonOf(error)}`);
  }
}

/**
 * Writes a file beside its place and moves it there, so that an interrupted command leaves no half file.
 * @param mode permissions before the umask takes its share
 */
export function writeFile(cwd: string, file: string, contents: string | Uint8Array, mode = 0o666): void {
  const target = path.resolve(cwd, file);
  const partial = `${target}.${process.pid}.tmp`;
  try {
    const old = statSync(target, { throwIfNoEntry: false });
    // A device such as /dev/null or a pipe is written to, never replaced; a folder gives its own error.
    if (old !== undefined && !old.isFile()) {
      writeFileSync(target, contents);
      return;
    }
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(partial, contents, { mode });
    renameSync(partial, target);
  } catch (error) {
    throw new UserError(`cannot write ${file}: ${reasonOf(error)}`);
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
