/** Turns the file that a command names into a program: assembles a source, or reads an ELF file. */
import { type Assembly, assemble } from "@nnasm/sim-core/asm";
import type { Diagnostic } from "@nnasm/sim-core/diagnostics";
import { type ElfError, readElf } from "@nnasm/sim-core/elf";
import type { Program } from "@nnasm/sim-core/program";
import { DiagnosticsError, UserError } from "./errors.ts";
import { diskHost, readFile } from "./files.ts";
import type { Project } from "./project.ts";
import { chooseWarnings, type WarningOptions } from "./warnings.ts";

export interface LoadedProgram {
  readonly program: Program;
  /** Warnings; a program with errors isn't loaded. */
  readonly diagnostics: readonly Diagnostic[];
  /** Present when the program was assembled from source. */
  readonly assembly?: Assembly;
}

export const isElf = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;

/** Whether the bytes are text at all; a NUL byte is in every binary file and in no source. */
export const isText = (bytes: Uint8Array): boolean => !bytes.subarray(0, 4096).includes(0);

/** What every command that assembles takes from its command line. */
export interface SourceOptions extends WarningOptions {
  /** Values of symbols, as `NAME=VALUE`. */
  readonly define?: readonly string[];
}

/**
 * @throws UserError or DiagnosticsError when there is no program to be had from the file
 */
export function loadProgram(cwd: string, { file, config, isa }: Project, options: SourceOptions = {}): LoadedProgram {
  const defines = definesOf(options);
  const bytes = readFile(cwd, file);
  if (isElf(bytes)) {
    const { program, warnings, errors } = readElf(bytes);
    if (program) {
      const diagnostics = chooseWarnings(
        warnings.map((warning) => elfDiagnostic(warning, file)),
        options,
      );
      if (diagnostics.some(({ severity }) => severity === "error")) throw new DiagnosticsError(diagnostics);
      return { program, diagnostics };
    }
    const [first] = errors;
    const others = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
    const id = first ? ` [${first.id}]` : "";
    throw new UserError(`cannot load ${file}: ${first?.message ?? "no program in it"}${others}${id}`, first?.hint);
  }
  if (!isText(bytes)) {
    throw new UserError(`cannot load ${file}: neither an ELF file nor text`, "name a .nnasm source or an ELF file");
  }
  const assembly = assemble({ entry: file, host: diskHost(cwd), config, isa, defines });
  const { program } = assembly;
  const diagnostics = chooseWarnings(assembly.diagnostics, options);
  if (program === undefined || diagnostics.some((diagnostic) => diagnostic.severity === "error")) {
    throw new DiagnosticsError(diagnostics);
  }
  return { program, diagnostics, assembly };
}

/** The values of symbols that the command line sets. */
export function definesOf({ define = [] }: SourceOptions): ReadonlyMap<string, number> {
  return new Map(define.map(parseDefine));
}

/** An ELF file has no lines: what is wrong is said at its beginning. */
function elfDiagnostic({ id, message, hint }: ElfError, file: string): Diagnostic {
  const start = { line: 0, character: 0 };
  return { id, severity: "warning", message, hint, file, range: { start, end: start } };
}

/** Reads `-D NAME=VALUE`; NAME alone means 1. */
function parseDefine(text: string): readonly [string, number] {
  const [, name, value = "1"] = /^([A-Za-z_.$][\w.$]*)(?:=(.+))?$/.exec(text) ?? [];
  const number = Number(value);
  if (name === undefined || !Number.isInteger(number)) {
    throw new UserError(`-D ${text} is not NAME=NUMBER`, "for example -D IMAGES=10 or -D BASE=0x80000000");
  }
  return [name, number];
}
