/** Runs tests again when a file changes that they depend on. */
import { type FSWatcher, readdirSync, statSync, watch } from "node:fs";
import path from "node:path";
import { UserError } from "../errors.ts";
import { isFolder } from "../files.ts";
import { expectedFolder } from "./expected-files.ts";
import { includeClosure } from "./find.ts";
import type { TestItem, TestResult } from "./protocol.ts";

/** Editors write a file in several steps. */
const SETTLE_MS = 100;
const SKIPPED = new Set(["node_modules", "dist", "out", "build"]);

export interface TestWatch {
  readonly cwd: string;
  /** Files and folders that tests are looked for in. */
  readonly names: readonly string[];
  readonly find: () => readonly TestItem[];
  readonly run: (tests: readonly TestItem[]) => Promise<{ readonly results: readonly TestResult[] }>;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/** @returns when the signal aborts */
export async function watchTests(watched: TestWatch): Promise<void> {
  const { cwd, run, signal, say } = watched;
  const folders = new Folders(signal);
  /** By file: what it was when the tests that depend on it began, and these tests' names. */
  let known = new Map<string, { readonly stamp: string; readonly tests: readonly string[] }>();
  let files = new Set<string>();
  let dependencies = new Map<string, readonly string[]>();
  let tests = findOrSay(watched);
  let wanted = tests;
  while (!signal.aborted) {
    for (const { file } of wanted) dependencies.set(file, includeClosure(cwd, file));
    const before = stampsOf(cwd, dependencies);
    if (wanted.length > 0) {
      const { results } = await run(wanted);
      for (const { file, dependencies: found } of results) {
        dependencies.set(file, [...new Set([...(dependencies.get(file) ?? []), ...found])]);
      }
    }
    // What was found only by running is taken as it is now.
    known = merge(stampsOf(cwd, dependencies), before);
    files = new Set(tests.map(({ file }) => file));
    if (signal.aborted) return;
    say(`watching ${tests.length} ${tests.length === 1 ? "test" : "tests"}; Ctrl-C ends`);
    do {
      await folders.changed([...foldersToWatch(watched, known.keys())]);
      if (signal.aborted) return;
      const now = stampsOf(cwd, dependencies);
      const changed = [...now].filter(([file, { stamp }]) => known.get(file)?.stamp !== stamp);
      const affected = new Set(changed.flatMap(([, { tests: names }]) => names));
      tests = findOrSay(watched);
      dependencies = new Map([...dependencies].filter(([file]) => tests.some((each) => each.file === file)));
      wanted = tests.filter(({ file }) => affected.has(file) || !files.has(file));
      known = now;
      files = new Set(tests.map(({ file }) => file));
    } while (wanted.length === 0);
  }
}

/** A folder without tests is no error here: the first may be written now. */
function findOrSay({ find, say }: TestWatch): readonly TestItem[] {
  try {
    return find();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    say(error.message);
    return [];
  }
}

type Stamps = Map<string, { readonly stamp: string; readonly tests: readonly string[] }>;

function stampsOf(cwd: string, dependencies: ReadonlyMap<string, readonly string[]>): Stamps {
  const testsOf = new Map<string, string[]>();
  for (const [test, files] of dependencies) {
    for (const file of [...files, expectedFolder(test)]) testsOf.set(file, [...(testsOf.get(file) ?? []), test]);
  }
  return new Map([...testsOf].map(([file, tests]) => [file, { stamp: stampOf(path.resolve(cwd, file)), tests }]));
}

function stampOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.mtimeMs} ${stat.size}` : "absent";
}

const merge = (base: Stamps, over: Stamps): Stamps =>
  new Map([...base].map(([file, value]) => [file, { ...value, stamp: over.get(file)?.stamp ?? value.stamp }]));

/** Folders in which something can change that concerns tests. */
function foldersToWatch({ cwd, names }: TestWatch, files: Iterable<string>): Set<string> {
  const folders = new Set<string>();
  const add = (folder: string): void => {
    if (folders.has(folder)) return;
    folders.add(folder);
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory() && !entry.name.startsWith(".") && !SKIPPED.has(entry.name)) {
        add(path.join(folder, entry.name));
      }
    }
  };
  for (const name of names) if (isFolder(cwd, name)) add(path.resolve(cwd, name));
  for (const file of files) folders.add(path.dirname(path.resolve(cwd, file)));
  return folders;
}

/** The operating system's word that something happened in folders; what it was is found by looking. */
class Folders {
  private readonly watchers = new Map<string, FSWatcher>();
  private readonly signal: AbortSignal;
  private pending = false;
  private wake: (() => void) | undefined;

  constructor(signal: AbortSignal) {
    this.signal = signal;
    signal.addEventListener("abort", () => {
      for (const watcher of this.watchers.values()) watcher.close();
      this.wake?.();
    });
  }

  /** Waits until something has happened since the last call, and then until it is quiet. */
  async changed(folders: readonly string[]): Promise<void> {
    for (const folder of folders) this.watch(folder);
    if (!this.pending && !this.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    do {
      this.pending = false;
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    } while (this.pending && !this.signal.aborted);
  }

  private watch(folder: string): void {
    if (this.watchers.has(folder) || this.signal.aborted) return;
    try {
      const watcher = watch(folder, () => {
        this.pending = true;
        this.wake?.();
      });
      watcher.on("error", () => this.forget(folder));
      this.watchers.set(folder, watcher);
    } catch {
      // A folder that has gone meanwhile: its tests have gone, too.
    }
  }

  private forget(folder: string): void {
    this.watchers.get(folder)?.close();
    this.watchers.delete(folder);
  }
}
