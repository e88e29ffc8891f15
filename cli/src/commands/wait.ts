/** `nnasm run --wait`: the program waits for a debugger to attach, and runs under its hand. */
import path from "node:path";
import { type LaunchAttributes, type LoadedProgram, waitForDebuggers } from "@nnasm/debug-adapter";
import { parseChecks } from "../checks.ts";
import { UsageError, UserError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { diskHost } from "../files.ts";
import type { Io } from "../io.ts";
import { loadProgram } from "../load.ts";
import { findProject } from "../project.ts";
import { report } from "../report.ts";
import { withModule } from "../user-instructions.ts";
import type { RunOptions } from "./run.ts";

/** What a run under a debugger doesn't write. */
const OTHERS = ["trace", "logCommits", "logEvents", "dumpLayers", "compare", "json"] as const;

/** @returns the program's exit code */
export async function runWaiting(io: Io, file: string | undefined, options: RunOptions): Promise<number> {
  const other = OTHERS.find((name) => options[name] !== undefined);
  if (other !== undefined) {
    const flag = `--${other.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new UsageError(`${flag} doesn't go with --wait`, "leave one of them out");
  }
  const load = async (): Promise<LoadedProgram> => {
    const project = findProject(io.cwd, file, options);
    const absolute = path.resolve(io.cwd, project.file);
    const { program, diagnostics, assembly } = loadProgram(io.cwd, { ...project, file: absolute }, options);
    report(io.err, diagnostics, diskHost(io.cwd).readText);
    const { config, configFile, advice, own } = project;
    const isa = own ? await withModule(io.cwd, own) : project.isa;
    return { file: absolute, program, config, configFile, advice, isa, module: undefined, assembly, warnings: [] };
  };
  // What is wrong with the program is said before anybody waits for it.
  const { file: program } = await load();
  const attributes: LaunchAttributes = {
    program,
    stopOnEntry: false,
    stopOnExit: false,
    noDebug: false,
    profile: false,
    consoleCycles: false,
    mode: options.functional ? "functional" : "cycle",
    ...(options.maxCycles === undefined ? {} : { maxCycles: options.maxCycles }),
    ...(options.checks === undefined ? {} : { checks: parseChecks(options.checks) }),
    load: {},
    expect: {},
    args: [],
  };
  const name = path.basename(program);
  const exitCode = await waitForDebuggers({
    port: options.wait === true ? 0 : (options.wait ?? 0),
    attributes,
    load,
    listening: (port) => io.err.write(`${name} waits for a debugger on port ${port} of this machine\n`),
    output: (category, text) => (category === "stdout" ? io.out : io.err).write(text),
    warn: (message) => io.err.write(`nnasm: ${message}\n`),
  }).catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "EADDRINUSE" && code !== "EACCES") throw error;
    const why = code === "EADDRINUSE" ? "it is taken" : message;
    throw new UserError(
      `can't wait on port ${options.wait}: ${why}`,
      "name another port, or none for any that is free",
    );
  });
  return exitCode === undefined ? EXIT.interrupted : exitCode & 0xff;
}
