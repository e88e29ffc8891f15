/** From the attributes of a launch to a program in memory, or to an error that names the place and the way out. */
import type { UserRule } from "@nnasm/sim-core/advice";
import { type Assembly, assemble, type SourceHost } from "@nnasm/sim-core/asm";
import type { MachineConfig } from "@nnasm/sim-core/config";
import type { Diagnostic } from "@nnasm/sim-core/diagnostics";
import { type DebugInfo, readDebugInfo, readElf } from "@nnasm/sim-core/elf";
import type { InstructionSet } from "@nnasm/sim-core/isa";
import type { Program } from "@nnasm/sim-core/program";
import { type FileHost, readText } from "../host.ts";
import { readInstructions } from "./instructions.ts";
import { diagnosticsError, LaunchError } from "./launch-error.ts";
import { linkFiles } from "./link.ts";
import { findConfig } from "./project.ts";

export interface ProgramRequest {
  /** Relative names are meant from here; absent: from the host's current folder. */
  readonly folder?: string;
  /** A .nnasm source or an ELF file; a source or an object that the project links means the whole program. */
  readonly program: string;
  /** nnp.json; absent: the nearest one in the program's folder or above it. */
  readonly config?: string;
}

export interface LoadedProgram {
  /** Absolute name of the file that the launch named. */
  readonly file: string;
  readonly program: Program;
  readonly config: MachineConfig;
  /** Absolute name of the configuration file, if there is one. */
  readonly configFile: string | undefined;
  /** Rules of advice that the project adds. */
  readonly advice: readonly UserRule[];
  /** With the project's own instructions; what these do is missing until withModule has loaded it. */
  readonly isa: InstructionSet;
  /** Absolute name of the module of the project's own instructions, if it has any. */
  readonly module: string | undefined;
  /** Present when the program was assembled from source. */
  readonly assembly: Assembly | undefined;
  readonly warnings: readonly Diagnostic[];
  /** What an ELF file tells of the C that it was compiled from. */
  readonly debugInfo?: DebugInfo | undefined;
}

const isElf = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;

/** A NUL byte is in every binary file and in no source. */
const isText = (bytes: Uint8Array): boolean => !bytes.subarray(0, 4096).includes(0);

/**
 * Finds configuration and program and makes the program ready to load.
 * @throws LaunchError
 */
export function loadProgram(host: FileHost, request: ProgramRequest): LoadedProgram {
  const folder = host.resolve(host.cwd, request.folder ?? ".");
  const file = host.resolve(folder, request.program);
  const kind = host.kindOf(file);
  if (kind === "folder") throw new LaunchError(`${file} is a folder: "program" names a .nnasm source or an ELF file`);
  if (kind === undefined) throw new LaunchError(`${file} doesn't exist: check "program" in the launch configuration`);
  const read = host.read(file);
  if ("problem" in read) throw new LaunchError(`cannot read ${file}: ${read.problem}`);
  const { config, configFile, instructions, link, advice } = findConfig(
    host,
    host.folderOf(file),
    request.config === undefined ? undefined : host.resolve(folder, request.config),
  );
  const { isa, module } = readInstructions(host, configFile ?? "", instructions);
  const found = { file, config, configFile, advice, isa, module };
  const sources = sourceHost(host);
  if (configFile !== undefined && link.includes(file)) {
    return { ...found, ...linkFiles(host, sources, { configFile, files: link, config, isa }), assembly: undefined };
  }
  if (isElf(read.bytes))
    return {
      ...found,
      program: programOfElf(file, read.bytes),
      debugInfo: readDebugInfo(read.bytes),
      assembly: undefined,
      warnings: [],
    };
  if (!isText(read.bytes)) {
    throw new LaunchError(`${file} is neither an ELF file nor text: "program" names a .nnasm source or an ELF file`);
  }
  const assembly = assemble({ entry: file, host: sources, config, isa });
  const { program, diagnostics } = assembly;
  if (!program || diagnostics.some(({ severity }) => severity === "error")) throw diagnosticsError(file, diagnostics);
  return { ...found, program, assembly, warnings: diagnostics };
}

function programOfElf(file: string, bytes: Uint8Array): Program {
  const { program, errors } = readElf(bytes);
  if (program) return program;
  const lines = errors.map(({ message, hint }) => `${message}: ${hint}`);
  throw new LaunchError(`cannot load ${file}: ${lines.join("; ")}`);
}

/** Sources by absolute names; an included file is looked for beside the file that includes it. */
function sourceHost(host: FileHost): SourceHost {
  return {
    resolve: (from, relative) => host.resolve(host.folderOf(from), relative),
    readText: (file) => readText(host, file),
    readBytes: (file) => {
      const read = host.read(file);
      return "bytes" in read ? read.bytes : undefined;
    },
  };
}
