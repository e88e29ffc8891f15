/** `nnasm build`: assembles and links a program into an ELF file. */
import path from "node:path";
import { writeElf } from "@nnasm/sim-core/elf";
import { UserError } from "../errors.ts";
import { diskHost, writeFile } from "../files.ts";
import type { Io } from "../io.ts";
import { loadProgram, parseDefine } from "../load.ts";
import { findProject } from "../project.ts";
import { diagnosticJson, report } from "../report.ts";

export interface BuildOptions {
  readonly output?: string;
  readonly config?: string;
  readonly define?: readonly string[];
  readonly json?: boolean;
}

/** `net.nnasm` -> `net.elf`, in the same folder. */
export function defaultOutput(source: string): string {
  const { dir, name } = path.parse(source);
  return path.join(dir, `${name}.elf`);
}

export function build(io: Io, file: string | undefined, options: BuildOptions): void {
  const project = findProject(io.cwd, file, options);
  const { program, diagnostics, assembly } = loadProgram(
    io.cwd,
    project,
    new Map((options.define ?? []).map(parseDefine)),
  );
  if (assembly === undefined) throw new UserError(`${project.file} is an ELF file already`, "name a .nnasm source");
  const elf = writeElf(program);
  const output = options.output ?? defaultOutput(project.file);
  // Executable, as linkers leave it: qemu-riscv32 refuses a file that isn't.
  writeFile(io.cwd, output, elf, 0o777);
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
      dependencies: assembly.dependencies,
      diagnostics: diagnostics.map(diagnosticJson),
    };
    io.out.write(`${JSON.stringify(result, null, 2)}\n`);
    return;
  }
  const sizes = sections.map(({ name, bytes, memory }) => `${name} ${bytes} B${memory ? ` in ${memory}` : ""}`);
  io.out.write(`${output}: ${sizes.join(", ")}\n`);
}
