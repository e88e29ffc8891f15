/** `nnasm build -c`: assembles sources into objects for a linker. */
import { writeObject } from "@nnasm/sim-core/elf";
import { UsageError, UserError } from "../errors.ts";
import { diskHost, refuseInputs, withExtension, writeFile } from "../files.ts";
import type { Io } from "../io.ts";
import { assembleSource, isLinkable } from "../link-inputs.ts";
import { findProject, type Project } from "../project.ts";
import { diagnosticJson, report } from "../report.ts";
import type { LinkCommandOptions } from "./link.ts";

/** @throws UserError or DiagnosticsError */
export function compile(io: Io, files: readonly string[], options: LinkCommandOptions): void {
  const projects: Project[] = (files.length > 0 ? files : [undefined]).map((file) =>
    findProject(io.cwd, file, options),
  );
  if (options.output !== undefined && projects.length > 1) {
    throw new UsageError(
      "-o names one object, but there are several sources",
      "leave -o out, or assemble them one by one",
    );
  }
  const results = projects.map((project) => {
    const { file } = project;
    if (isLinkable(io.cwd, file)) throw new UserError(`${file} is an object already`, "nnasm link takes it");
    const { object, diagnostics, dependencies } = assembleSource(io.cwd, file, project, options);
    const output = options.output ?? withExtension(file, ".o");
    refuseInputs(io.cwd, [...dependencies, project.configFile], [output]);
    const bytes = writeObject(object);
    writeFile(io.cwd, output, bytes);
    report(io.err, diagnostics, diskHost(io.cwd).readText);
    const sections = object.sections
      .filter(({ flags, size }) => flags.allocate && size > 0)
      .map(({ name, size }) => ({ name, bytes: size }));
    return { entry: file, output, bytes: bytes.length, sections, dependencies, diagnostics };
  });
  if (options.json) {
    const objects = results.map((result) => ({ ...result, diagnostics: result.diagnostics.map(diagnosticJson) }));
    io.out.write(`${JSON.stringify({ ok: true, objects }, null, 2)}\n`);
    return;
  }
  for (const { output, sections } of results) {
    io.out.write(`${output}: ${sections.map(({ name, bytes }) => `${name} ${bytes} B`).join(", ") || "no contents"}\n`);
  }
}
