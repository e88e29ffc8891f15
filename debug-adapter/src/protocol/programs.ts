/** From the attributes of a launch to the program and to how the debugger runs it. */
import {
  type DebuggerOptions,
  type FileHost,
  type LoadedProgram,
  loadProgram,
  withDataFiles,
} from "../runtime/index.ts";
import type { LaunchAttributes } from "./launch.ts";

/** @throws LaunchError */
export function programOf(files: FileHost, attributes: LaunchAttributes): LoadedProgram {
  const { cwd, program, config, load, expect } = attributes;
  const loaded = loadProgram(files, {
    program,
    ...(cwd === undefined ? {} : { folder: cwd }),
    ...(config === undefined ? {} : { config }),
  });
  return withDataFiles(files, files.resolve(files.cwd, cwd ?? "."), loaded, { load, expect });
}

type Chosen = "noDebug" | "mode" | "stopOnExit" | "consoleCycles" | "args" | "maxCycles" | "checks" | "historyBytes";

/** What the attributes choose of the debugger's options. */
export function optionsOf(attributes: LaunchAttributes): Pick<DebuggerOptions, Chosen> {
  const { noDebug, mode, stopOnExit, consoleCycles, args, maxCycles, checks, historyMegabytes } = attributes;
  return {
    noDebug,
    mode,
    stopOnExit,
    consoleCycles,
    args,
    ...(maxCycles === undefined ? {} : { maxCycles }),
    ...(checks === undefined ? {} : { checks }),
    ...(historyMegabytes === undefined ? {} : { historyBytes: historyMegabytes * 2 ** 20 }),
  };
}
