/** `nnasm build`: assembles and links a program into an ELF file, or sources into objects. */
import { memoryUsage } from "@nnasm/sim-core/asm";
import { writeElf } from "@nnasm/sim-core/elf";
import { memoryTable, type ReportOptions, writeReports } from "../build-reports.ts";
import { UsageError, UserError } from "../errors.ts";
import { diskHost, refuseInputs, withExtension, writeFile } from "../files.ts";
import type { Io } from "../io.ts";
import { isLinkable } from "../link-inputs.ts";
import { loadProgram } from "../load.ts";
import { filesToLink, findProject } from "../project.ts";
import { diagnosticJson, report } from "../report.ts";
import { compile } from "./compile.ts";
import { type LinkCommandOptions, link } from "./link.ts";

export interface BuildOptions extends LinkCommandOptions, ReportOptions {
  /** Only assemble. */
  readonly compile?: boolean;
}

/**
 * One source is assembled straight into a program; several files, or one that is no source, are linked. Without a file the
 * nnp.json decides: the files of its "link", else its "entry".
 * @throws UserError or DiagnosticsError
 */
export function build(io: Io, named: readonly string[], options: BuildOptions): void {
  const files = named.length > 0 || options.compile ? named : (filesToLink(io.cwd, options) ?? []);
  const [file] = files;
  if (named.length === 0 && files.length > 0) {
    link(io, files, options);
    return;
  }
  if (options.compile) compile(io, files, options);
  else if (files.length > 1 || (file !== undefined && isLinkable(io.cwd, file))) {
    if (options.listing !== undefined) {
      throw new UsageError("--listing takes one source", "build the sources one by one with -c, or give --map");
    }
    link(io, files, options);
  } else buildSource(io, file, options);
}

function buildSource(io: Io, file: string | undefined, options: BuildOptions): void {
  // One named source is built alone, whatever its project links.
  const { link: _, ...project } = findProject(io.cwd, file, options);
  const { program, diagnostics, assembly, dependencies } = loadProgram(io.cwd, project, options);
  if (assembly === undefined) throw new UserError(`${project.file} is an ELF file already`, "name a .nnasm source");
  const elf = writeElf(program);
  const output = options.output ?? withExtension(project.file, ".elf");
  refuseInputs(io.cwd, [...dependencies, project.configFile], [output, options.listing, options.map]);
  // Executable, as linkers leave it: qemu-riscv32 refuses a file that isn't.
  writeFile(io.cwd, output, elf, 0o777);
  writeReports(io.cwd, assembly, program, options);
  report(io.err, diagnostics, diskHost(io.cwd).readText);
  const sections = assembly.sections.filter((section) => section.bytes > 0);
  if (options.json) {
    const result = {
      ok: true,
      entry: project.file,
      output,
      bytes: elf.length,
      entryAddress: program.entry,
      sections: sections.map(({ name, memory, address, bytes }) => ({ name, memory, address, bytes })),
      ...(options.memory ? { memory: memoryUsage(assembly, project.config) } : {}),
      dependencies,
      diagnostics: diagnostics.map(diagnosticJson),
    };
    io.out.write(`${JSON.stringify(result, null, 2)}\n`);
    return;
  }
  const sizes = sections.map(({ name, bytes, memory }) => `${name} ${bytes} B${memory ? ` in ${memory}` : ""}`);
  io.out.write(`${output}: ${sizes.join(", ")}\n`);
  if (options.memory) io.out.write(memoryTable(assembly, project.config));
}
