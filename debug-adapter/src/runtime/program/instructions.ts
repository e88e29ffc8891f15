/** A project's own instructions: their file, and the module that says what they do, where code of the workspace may run. */
import { BASE_ISA, type InstructionSet } from "@nnasm/sim-core/isa";
import { bindModule, readUserInstructions } from "@nnasm/sim-core/user-isa";
import { type FileHost, readText } from "../host.ts";
import { diagnosticsError, LaunchError } from "./launch-error.ts";
import type { LoadedProgram } from "./load.ts";

/** Loads an ES module by its absolute name; absent where the workspace is not trusted. */
export type ModuleLoader = (file: string) => Promise<unknown>;

export interface ProjectInstructions {
  readonly isa: InstructionSet;
  /** Absolute name of the module; undefined without instructions of the project's own. */
  readonly module: string | undefined;
}

/**
 * Reads the instruction file that an nnp.json names; runs nothing.
 * @param file absolute name, undefined when nnp.json names none
 * @throws LaunchError when the file is unreadable or wrong
 */
export function readInstructions(host: FileHost, configFile: string, file: string | undefined): ProjectInstructions {
  if (file === undefined) return { isa: BASE_ISA, module: undefined };
  const text = readText(host, file);
  if (text === undefined) {
    const read = host.read(file);
    const why = "problem" in read ? read.problem : "not readable";
    throw new LaunchError(`cannot read ${file}: ${why}; ${configFile} names it under "instructions"`);
  }
  const { instructions, diagnostics } = readUserInstructions(text, file);
  if (!instructions) throw diagnosticsError(file, diagnostics);
  return { isa: instructions.isa, module: host.resolve(host.folderOf(file), instructions.module) };
}

/**
 * Whether the module has to be loaded before the program can run. In a workspace that is not trusted, programs that don't
 * use its instructions run without: should one turn up nevertheless, it faults.
 * @throws LaunchError when the program needs code that must not run
 */
export function needsModule({ module, program }: LoadedProgram, load: ModuleLoader | undefined): boolean {
  if (module === undefined) return false;
  if (load) return true;
  if (!program.facts.user) return false;
  throw new LaunchError(
    `the program uses the user instructions "${program.facts.user.name}", which run the code in ${module}, and this ` +
      "workspace is not trusted: trust it (Workspaces: Manage Workspace Trust), or start the adapter with --trust-workspace",
  );
}

/**
 * Loads the module of a project's own instructions: from here on code of the workspace runs in this process.
 * @throws LaunchError when it can't be loaded or doesn't fit the instruction file
 */
export async function withModule(loaded: LoadedProgram, load: ModuleLoader): Promise<LoadedProgram> {
  const { isa, module } = loaded;
  if (module === undefined) return loaded;
  let namespace: unknown;
  try {
    namespace = await load(module);
  } catch (error) {
    throw new LaunchError(`cannot load ${module}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const bound = bindModule(isa, namespace, module);
  if ("problems" in bound) throw new LaunchError(bound.problems.join("\n"));
  return { ...loaded, isa: bound.isa };
}
