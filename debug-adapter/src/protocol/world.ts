/** What a session asks of the world around it, and what it tells that. */
import type { FileHost, LoadedProgram, ModuleLoader, Scheduler } from "../runtime/index.ts";
import type { LaunchAttributes } from "./launch.ts";

/** What a session asks of the world around it. */
export interface SessionWorld {
  readonly files: FileHost;
  readonly scheduler: Scheduler;
  readonly modules?: ModuleLoader;
  /** Present where clients attach to a program instead of launching one. */
  readonly waiting?: WaitingProgram;
}

/** A program that was started elsewhere and waits for a debugger. */
export interface WaitingProgram {
  /** How it is to be run, as far as attaching clients don't say. */
  readonly attributes: LaunchAttributes;
  /** The program, assembled anew. @throws LaunchError */
  load(): Promise<LoadedProgram>;
  /** What the program or the debugger writes. */
  output(category: OutputCategory, text: string): void;
  /** The program has ended, or has been ended. */
  ended(exitCode: number | undefined): void;
}

export type OutputCategory = "console" | "important" | "stdout" | "stderr";
