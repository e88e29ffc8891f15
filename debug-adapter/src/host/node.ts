/** Files on disk and Node's event loop. The only place of the adapter beside its entries that knows Node. */
import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { FileHost, FileRead, FileWriter, Scheduler } from "../runtime/index.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EISDIR: "is a folder, not a file",
  ENOTDIR: "no such file",
  EACCES: "no permission",
  EPERM: "no permission",
};

function problemOf(error: unknown): { readonly problem: string } {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return { problem: REASONS[code] ?? (error instanceof Error ? error.message : String(error)) };
}

function read(file: string): FileRead {
  try {
    return { bytes: readFileSync(file) };
  } catch (error) {
    return problemOf(error);
  }
}

function create(file: string): FileWriter | { readonly problem: string } {
  try {
    const handle = openSync(file, "w");
    const write = (bytes: Uint8Array): void => {
      for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
    };
    return { write, close: () => closeSync(handle) };
  } catch (error) {
    return problemOf(error);
  }
}

function kindOf(name: string): "file" | "folder" | undefined {
  try {
    const stat = statSync(name, { throwIfNoEntry: false });
    return stat?.isFile() ? "file" : stat?.isDirectory() ? "folder" : undefined;
  } catch {
    // A folder on the way may not be entered: for us nothing is there.
    return undefined;
  }
}

/** On Windows names differ in case and in slashes, and editors write the drive in either case. */
const keyOf = (file: string): string =>
  process.platform === "win32" ? path.normalize(file).toLowerCase() : path.normalize(file);

export const nodeFiles: FileHost = {
  cwd: process.cwd(),
  resolve: (folder, name) => path.resolve(folder, name),
  folderOf: (name) => path.dirname(name),
  kindOf,
  read,
  create,
  keyOf,
  sha256: (bytes) => createHash("sha256").update(bytes).digest("hex"),
};

/** A module that has changed since it was loaded is loaded anew; what it imports itself is not. */
export async function importModule(file: string): Promise<unknown> {
  const changed = statSync(file).mtimeMs;
  return import(`${pathToFileURL(file).href}?changed=${changed}`);
}

export const nodeScheduler: Scheduler = {
  now: () => performance.now(),
  // setImmediate lets waiting input come first, and costs microseconds where a timer costs a millisecond.
  yield: () => new Promise((resolve) => setImmediate(resolve)),
};
