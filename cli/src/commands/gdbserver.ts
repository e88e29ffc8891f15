/** `nnasm gdbserver`: a program for GDB to debug, over its remote protocol. */
import path from "node:path";
import { GdbServerError, serveGdb } from "@nnasm/debug-adapter";
import { UserError } from "../errors.ts";
import { diskHost } from "../files.ts";
import type { Io } from "../io.ts";
import { loadProgram } from "../load.ts";
import { findProject, type ProjectOptions } from "../project.ts";
import { report } from "../report.ts";

export interface GdbServerCommandOptions extends ProjectOptions {
  readonly port: number;
  readonly functional?: boolean;
  /** Megabytes for the history, 0 for none. */
  readonly history?: number;
  readonly stopOnExit?: boolean;
  readonly once?: boolean;
  readonly quiet?: boolean;
}

/** Resolves when the server ends. @throws UserError or DiagnosticsError when program or port can't be had */
export async function gdbserver(io: Io, file: string | undefined, options: GdbServerCommandOptions): Promise<void> {
  const project = findProject(io.cwd, file, options);
  const program = path.resolve(io.cwd, project.file);
  // The server would only count them: here they are shown at their lines, as every command does.
  report(io.err, loadProgram(io.cwd, project).diagnostics, diskHost(io.cwd).readText);
  const { port, config, functional, history, stopOnExit = false, once = false, quiet = false } = options;
  const say = (text: string): void => {
    io.err.write(`nnasm gdbserver: ${text}\n`);
  };
  try {
    await serveGdb({
      program,
      port,
      stopOnExit,
      once,
      ...(config === undefined ? {} : { config: path.resolve(io.cwd, config) }),
      ...(functional ? { mode: "functional" as const } : {}),
      ...(history === undefined ? {} : { historyMegabytes: history }),
      listening: (chosen) => io.out.write(`listening on 127.0.0.1:${chosen}\n`),
      log: (message) => {
        if (!quiet) say(message);
      },
    });
  } catch (error) {
    if (error instanceof GdbServerError) throw new UserError(error.message);
    throw error;
  }
}
