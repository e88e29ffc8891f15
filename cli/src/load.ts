/** Turns the file that a command names into a program: assembles a source, or reads an ELF file. */
import { type Assembly, assemble } from "@nnasm/sim-core/asm";
import type { Diagnostic } from "@nnasm/sim-core/diagnostics";
import { type ElfError, readElf } from "@nnasm/sim-core/elf";
import { link } from "@nnasm/sim-core/link";
import type { Program } from "@nnasm/sim-core/program";
import { DiagnosticsError, UserError } from "./errors.ts";
import { diskHost, readFile } from "./files.ts";
import { readLinkInputs } from "./link-inputs.ts";
import type { Project } from "./project.ts";
import { definesOf, isElf, isText, refuseC, type SourceOptions } from "./sources.ts";
import { chooseWarnings } from "./warnings.ts";

export interface LoadedProgram {
  readonly program: Program;
  /** Warnings; a program with errors isn't loaded. */
  readonly diagnostics: readonly Diagnostic[];
  /** Present when the program was assembled from one source. */
  readonly assembly?: Assembly;
  /** All files that it is made of. */
  readonly dependencies: readonly string[];
}

/**
 * @throws UserError or DiagnosticsError when there is no program to be had from the file
 */
export function loadProgram(cwd: string, project: Project, options: SourceOptions = {}): LoadedProgram {
  const { file, config, isa, link: files } = project;
  if (files) return linkProgram(cwd, files, project, options);
  const defines = definesOf(options);
  const bytes = readFile(cwd, file);
  refuseC(file);
  if (isElf(bytes)) {
    const { program, warnings, errors } = readElf(bytes);
    if (program) {
      const diagnostics = chooseWarnings(
        warnings.map((warning) => elfDiagnostic(warning, file)),
        options,
      );
      if (diagnostics.some(({ severity }) => severity === "error")) throw new DiagnosticsError(diagnostics);
      return { program, diagnostics, dependencies: [file] };
    }
    const [first] = errors;
    const others = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
    const id = first ? ` [${first.id}]` : "";
    throw new UserError(`cannot load ${file}: ${first?.message ?? "no program in it"}${others}${id}`, first?.hint);
  }
  if (!isText(bytes)) {
    throw new UserError(`cannot load ${file}: neither an ELF file nor text`, "name a .nnasm source or an ELF file");
  }
  // Not read a second time: it may be a pipe.
  const disk = diskHost(cwd);
  const text = Buffer.from(bytes).toString("utf8");
  const host = { ...disk, readText: (name: string) => (name === file ? text : disk.readText(name)) };
  const assembly = assemble({ entry: file, host, config, isa, defines });
  const { program } = assembly;
  const diagnostics = chooseWarnings(assembly.diagnostics, options);
  if (program === undefined || diagnostics.some((diagnostic) => diagnostic.severity === "error")) {
    throw new DiagnosticsError(diagnostics);
  }
  return { program, diagnostics, assembly, dependencies: assembly.dependencies };
}

/** Links the files of a project in memory, as `nnasm build` links them into a file. */
function linkProgram(cwd: string, files: readonly string[], project: Project, options: SourceOptions): LoadedProgram {
  const { inputs, diagnostics: assembled, dependencies } = readLinkInputs(cwd, files, project, options);
  const { program, diagnostics: linked } = link({ inputs, config: project.config });
  const diagnostics = [...assembled, ...chooseWarnings(linked, options)];
  if (program === undefined || diagnostics.some(({ severity }) => severity === "error")) {
    throw new DiagnosticsError(diagnostics);
  }
  return { program, diagnostics, dependencies };
}

/** An ELF file has no lines: what is wrong is said at its beginning. */
function elfDiagnostic({ id, message, hint }: ElfError, file: string): Diagnostic {
  const start = { line: 0, character: 0 };
  return { id, severity: "warning", message, hint, file, range: { start, end: start } };
}
