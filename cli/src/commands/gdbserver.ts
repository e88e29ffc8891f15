/** `nnasm gdbserver`: a program for GDB to debug, over its remote protocol. */
import { GdbServerError, serveGdb } from "@nnasm/debug-adapter";
import { UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import { findProject, type ProjectOptions } from "../project.ts";

export interface GdbServerCommandOptions extends ProjectOptions {
  readonly port: number;
  readonly functional?: boolean;
  /** Megabytes for the history, 0 for none. */
  readonly history?: number;
  readonly stopOnExit?: boolean;
  readonly once?: boolean;
  readonly quiet?: boolean;
}

/** Resolves when the server ends. @throws UserError when program or port can't be had */
export async function gdbserver(io: Io, file: string | undefined, options: GdbServerCommandOptions): Promise<void> {
  const { file: program } = findProject(io.cwd, file, options);
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
      ...(config === undefined ? {} : { config }),
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
