/** Gathers the objects of a program: those named, and the members of libraries that something needs. */
import { readObject } from "../elf/index.ts";
import { type ArchiveMember, readArchive } from "./archive.ts";
import type { LinkObject } from "./input.ts";
import { GlobalSymbols } from "./symbol-table.ts";

export interface LinkArchive {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export type LinkInput = LinkObject | LinkArchive;

/** A file that can't be linked. */
export interface FileProblem {
  readonly file: string;
  readonly detail: string;
  readonly hint: string;
}

interface LoadedMember {
  readonly input: LinkObject;
  readonly defines: readonly string[];
  taken: boolean;
}

/** Reads the named objects and whatever members of the libraries they need, in any order. */
export function collect(
  inputs: readonly LinkInput[],
  entry: string,
): { globals: GlobalSymbols; problems: FileProblem[] } {
  const globals = new GlobalSymbols();
  const problems: FileProblem[] = [];
  globals.symbol(entry).needed = true;
  const libraries: LoadedMember[][] = [];
  for (const input of inputs) {
    if ("object" in input) addObject(globals, input, problems);
    else libraries.push(loadArchive(input, problems));
  }
  // A member may need another library's, in front of or behind its own.
  for (let isMore = true; isMore; ) {
    isMore = false;
    for (const members of libraries) if (takeNeeded(globals, members, problems)) isMore = true;
  }
  return { globals, problems };
}

function addObject(globals: GlobalSymbols, input: LinkObject, problems: FileProblem[]): void {
  // Such an object holds the compiler's own intermediate form and no code.
  if (input.object.symbols.some(({ name }) => name === "__gnu_lto_slim")) {
    const hint = "compile without -flto, or with -ffat-lto-objects";
    problems.push({
      file: input.name,
      detail: `${input.name} holds no code, only input for GCC's link-time optimizer`,
      hint,
    });
  } else globals.add(input);
}

function loadArchive({ name, bytes }: LinkArchive, problems: FileProblem[]): LoadedMember[] {
  const { members, error } = readArchive(bytes);
  if (!members) {
    problems.push({ file: name, detail: `${name}: ${error}`, hint: "make the library again with ar rcs" });
    return [];
  }
  const loaded: LoadedMember[] = [];
  for (const member of members) {
    const result = loadMember(name, member);
    if ("detail" in result) {
      // A library for another machine has hundreds of such members; the first one says it.
      problems.push(result);
      return [];
    }
    loaded.push(result);
  }
  return loaded;
}

function loadMember(archive: string, { name, bytes }: ArchiveMember): LoadedMember | FileProblem {
  const full = `${archive}(${name})`;
  const { object, errors } = readObject(bytes);
  if (!object) {
    const [error] = errors;
    return { file: archive, detail: `${full}: ${error!.message}`, hint: error!.hint };
  }
  const defines = object.symbols
    .filter(({ binding, place }) => binding !== "local" && place !== "undefined" && place !== "common")
    .map((symbol) => symbol.name);
  return { input: { name: full, object }, defines, taken: false };
}

/** Takes members until nothing more is needed of this library; true when there were any. */
function takeNeeded(globals: GlobalSymbols, members: readonly LoadedMember[], problems: FileProblem[]): boolean {
  let isAny = false;
  for (let isMore = true; isMore; ) {
    isMore = false;
    for (const member of members) {
      if (member.taken || !member.defines.some((name) => globals.wants(name))) continue;
      member.taken = true;
      addObject(globals, member.input, problems);
      isMore = true;
      isAny = true;
    }
  }
  return isAny;
}
