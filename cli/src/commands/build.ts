/** `nnasm build`: assembles and links a program into an ELF file. */
import path from "node:path";
import { memoryUsage } from "@nnasm/sim-core/asm";
import { writeElf } from "@nnasm/sim-core/elf";
import { memoryTable, type ReportOptions, writeReports } from "../build-reports.ts";
import { UserError } from "../errors.ts";
import { diskHost, writeFile } from "../files.ts";
import type { Io } from "../io.ts";
import { loadProgram, type SourceOptions } from "../load.ts";
import { findProject } from "../project.ts";
import { diagnosticJson, report } from "../report.ts";

export interface BuildOptions extends SourceOptions, ReportOptions {
  readonly output?: string;
  readonly config?: string;
  readonly memory?: boolean;
  readonly json?: boolean;
}

/** `net.nnasm` -> `net.elf`, in the same folder. */
export function defaultOutput(source: string): string {
  const { dir, name } = path.parse(source);
  return path.join(dir, `${name}.elf`);
}

export function build(io: Io, file: string | undefined, options: BuildOptions): void {
  const project = findProject(io.cwd, file, options);
  const { program, diagnostics, assembly } = loadProgram(io.cwd, project, options);
  if (assembly === undefined) throw new UserError(`${project.file} is an ELF file already`, "name a .nnasm source");
  const elf = writeElf(program);
  const output = options.output ?? defaultOutput(project.file);
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
      dependencies: assembly.dependencies,
      diagnostics: diagnostics.map(diagnosticJson),
    };
    io.out.write(`${JSON.stringify(result, null, 2)}\n`);
    return;
  }
  const sizes = sections.map(({ name, bytes, memory }) => `${name} ${bytes} B${memory ? ` in ${memory}` : ""}`);
  io.out.write(`${output}: ${sizes.join(", ")}\n`);
  if (options.memory) io.out.write(memoryTable(assembly, project.config));
}
