/** Files to link: objects, libraries, and sources, which are assembled on the way; told apart by their contents. */
import { assembleObject, type ObjectSources } from "@nnasm/sim-core/asm";
import type { Diagnostic } from "@nnasm/sim-core/diagnostics";
import { readObject } from "@nnasm/sim-core/elf";
import { isArchive, type LinkInput } from "@nnasm/sim-core/link";
import { DiagnosticsError, UserError } from "./errors.ts";
import { diskHost, isFolder, readFile } from "./files.ts";
import type { Project } from "./project.ts";
import { definesOf, isElf, isText, refuseC, type SourceOptions } from "./sources.ts";
import { chooseWarnings } from "./warnings.ts";

/** Whether a file is an object or a library rather than a source. */
export function isLinkable(cwd: string, file: string): boolean {
  if (isFolder(cwd, file)) return false;
  const bytes = readFile(cwd, file);
  return isElf(bytes) ? readObject(bytes).object !== undefined : isArchive(bytes);
}

export interface LinkInputs {
  readonly inputs: readonly LinkInput[];
  /** What the sources among them say, by name. */
  readonly sources: ReadonlyMap<string, ObjectSources>;
  /** Warnings about the sources among them. */
  readonly diagnostics: readonly Diagnostic[];
  readonly dependencies: readonly string[];
}

/** @throws UserError or DiagnosticsError when one of the files is of no use to a linker */
export function readLinkInputs(
  cwd: string,
  files: readonly string[],
  project: Project,
  options: SourceOptions,
): LinkInputs {
  const inputs: LinkInput[] = [];
  const sources = new Map<string, ObjectSources>();
  const diagnostics: Diagnostic[] = [];
  const dependencies = new Set<string>();
  for (const file of files) {
    const bytes = readFile(cwd, file);
    dependencies.add(file);
    refuseC(file);
    if (isArchive(bytes)) inputs.push({ name: file, bytes });
    else if (isElf(bytes)) {
      const { object, errors } = readObject(bytes);
      if (!object)
        throw new UserError(`cannot link ${file}: ${errors[0]?.message ?? "no object in it"}`, errors[0]?.hint);
      inputs.push({ name: file, object });
    } else if (isText(bytes)) {
      const assembled = assembleSource(cwd, file, project, options);
      diagnostics.push(...assembled.diagnostics);
      for (const each of assembled.dependencies) dependencies.add(each);
      inputs.push({ name: file, object: assembled.object, placeOf: assembled.placeOf });
      sources.set(file, assembled.sources);
    } else {
      throw new UserError(
        `cannot link ${file}: neither an object, nor a library, nor text`,
        "name a .nnasm, .o or .a file",
      );
    }
  }
  if (diagnostics.some(({ severity }) => severity === "error")) throw new DiagnosticsError(diagnostics);
  return { inputs, sources, diagnostics, dependencies: [...dependencies] };
}

/** Assembles one source into an object. @throws DiagnosticsError when it has errors */
export function assembleSource(cwd: string, file: string, { config, isa }: Project, options: SourceOptions) {
  const assembled = assembleObject({ entry: file, host: diskHost(cwd), config, isa, defines: definesOf(options) });
  const diagnostics = chooseWarnings(assembled.diagnostics, options);
  const { object } = assembled;
  if (object === undefined || diagnostics.some(({ severity }) => severity === "error")) {
    throw new DiagnosticsError(diagnostics);
  }
  return { ...assembled, object, diagnostics };
}
