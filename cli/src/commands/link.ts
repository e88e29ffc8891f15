/** `nnasm link`: makes a program of objects, libraries and sources. */
import { memoryUsage, writeSymbolMap } from "@nnasm/sim-core/asm";
import { link as linkObjects } from "@nnasm/sim-core/link";
import { memoryTable } from "../build-reports.ts";
import { DiagnosticsError } from "../errors.ts";
import { diskHost, refuseInputs, withExtension, writeFile } from "../files.ts";
import type { Io } from "../io.ts";
import { readLinkInputs } from "../link-inputs.ts";
import { findProject } from "../project.ts";
import { diagnosticJson, report } from "../report.ts";
import type { SourceOptions } from "../sources.ts";
import { chooseWarnings } from "../warnings.ts";

export interface LinkCommandOptions extends SourceOptions {
  readonly output?: string;
  readonly config?: string;
  readonly entry?: string;
  readonly gcSections?: boolean;
  /** File for sections, symbols and constants. */
  readonly map?: string;
  readonly memory?: boolean;
  readonly json?: boolean;
}

/**
 * @param files the first one decides which nnp.json holds
 * @throws UserError or DiagnosticsError
 */
export function link(io: Io, files: readonly string[], options: LinkCommandOptions): void {
  const [first = ""] = files;
  const project = findProject(io.cwd, first, options);
  const { config } = project;
  const { inputs, diagnostics: assembled, dependencies } = readLinkInputs(io.cwd, files, project, options);
  const { entry, gcSections } = options;
  const result = linkObjects({ inputs, config, ...(entry ? { entry } : {}), ...(gcSections ? { gcSections } : {}) });
  const diagnostics = [...assembled, ...chooseWarnings(result.diagnostics, options)];
  const { elf, program } = result;
  if (!elf || !program || diagnostics.some(({ severity }) => severity === "error")) {
    throw new DiagnosticsError(diagnostics);
  }
  const output = options.output ?? withExtension(first, ".elf");
  refuseInputs(io.cwd, [...dependencies, project.configFile], [output, options.map]);
  // Executable, as linkers leave it: qemu-riscv32 refuses a file that isn't.
  writeFile(io.cwd, output, elf, 0o777);
  if (options.map !== undefined) writeFile(io.cwd, options.map, writeSymbolMap(program));
  report(io.err, diagnostics, diskHost(io.cwd).readText);
  if (options.json) {
    const json = {
      ok: true,
      output,
      bytes: elf.length,
      entryAddress: program.entry,
      objects: result.objects,
      sections: result.sections,
      ...(options.memory ? { memory: memoryUsage(result, config) } : {}),
      dependencies,
      diagnostics: diagnostics.map(diagnosticJson),
    };
    io.out.write(`${JSON.stringify(json, null, 2)}\n`);
    return;
  }
  const sizes = result.sections.map(({ name, bytes, memory }) => `${name} ${bytes} B in ${memory}`);
  io.out.write(`${output}: ${sizes.join(", ")}\n`);
  if (options.memory) io.out.write(memoryTable(result, config));
}
