/** Programs of several files: linked in memory, as `nnasm build` links them into a file. */
import { assembleObject, type SourceHost } from "@nnasm/sim-core/asm";
import type { MachineConfig } from "@nnasm/sim-core/config";
import type { Diagnostic } from "@nnasm/sim-core/diagnostics";
import { type DebugInfo, readDebugInfo, readObject } from "@nnasm/sim-core/elf";
import type { InstructionSet } from "@nnasm/sim-core/isa";
import { isArchive, type LinkInput, link } from "@nnasm/sim-core/link";
import type { Program } from "@nnasm/sim-core/program";
import type { FileHost } from "../host.ts";
import { diagnosticsError, LaunchError } from "./launch-error.ts";

export interface LinkRequest {
  /** Absolute name of the nnp.json that names the files, for messages. */
  readonly configFile: string;
  /** Absolute names. */
  readonly files: readonly string[];
  readonly config: MachineConfig;
  readonly isa: InstructionSet;
}

export interface LinkedProgram {
  readonly program: Program;
  /** What compilers' objects tell of their C. */
  readonly debugInfo: DebugInfo | undefined;
  readonly warnings: readonly Diagnostic[];
}

/** @throws LaunchError that names the file, or the statement, which can't be linked */
export function linkFiles(host: FileHost, sources: SourceHost, request: LinkRequest): LinkedProgram {
  const { configFile, files, config, isa } = request;
  const warnings: Diagnostic[] = [];
  const inputs = files.map((name): LinkInput => {
    const read = host.read(name);
    if ("problem" in read) throw new LaunchError(`cannot read ${name}: ${read.problem}; check "link" in ${configFile}`);
    const { bytes } = read;
    if (isArchive(bytes)) return { name, bytes };
    if (bytes[0] === 0x7f && bytes[1] === 0x45) {
      const { object, errors } = readObject(bytes);
      if (object) return { name, object };
      throw new LaunchError(`cannot link ${name}: ${errors[0]?.message ?? "no object in it"}`);
    }
    const { object, placeOf, diagnostics } = assembleObject({ entry: name, host: sources, config, isa });
    if (!object || diagnostics.some(({ severity }) => severity === "error")) throw diagnosticsError(name, diagnostics);
    warnings.push(...diagnostics);
    return { name, object, placeOf };
  });
  const { program, elf, diagnostics } = link({ inputs, config });
  if (!program || !elf || diagnostics.some(({ severity }) => severity === "error")) {
    throw diagnosticsError(configFile, diagnostics);
  }
  return { program, debugInfo: readDebugInfo(elf), warnings: [...warnings, ...diagnostics] };
}
