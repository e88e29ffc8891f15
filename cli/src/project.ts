/** Which program and which machine a command is about. */

import { statSync } from "node:fs";
import path from "node:path";
import { type ConfigResult, type MachineConfig, PRESETS, readConfig } from "@nnasm/sim-core/config";
import { DiagnosticsError, UserError } from "./errors.ts";
import { isFolder, readFile } from "./files.ts";

const CONFIG_NAME = "nnp.json";

export interface Project {
  /** The program's first source file, or an ELF file; relative to the current folder. */
  readonly file: string;
  readonly config: MachineConfig;
  /** The configuration file, if there is one. */
  readonly configFile: string | undefined;
}

export interface ProjectOptions {
  readonly config?: string;
}

/** The nearest nnp.json in `folder` or above it, as an absolute path. */
function nearestConfig(folder: string): string | undefined {
  for (let current = folder; ; current = path.dirname(current)) {
    const candidate = path.join(current, CONFIG_NAME);
    if (statSync(candidate, { throwIfNoEntry: false })?.isFile()) return candidate;
    if (current === path.dirname(current)) return undefined;
  }
}

function read(cwd: string, file: string): ConfigResult & { readonly config: MachineConfig } {
  const result = readConfig(Buffer.from(readFile(cwd, file)).toString("utf8"), file);
  if (result.config === undefined) throw new DiagnosticsError(result.diagnostics);
  return { ...result, config: result.config };
}

const shown = (cwd: string, absolute: string): string => {
  const relative = path.relative(cwd, absolute);
  return relative.startsWith(`..${path.sep}..`) ? absolute : relative;
};

/**
 * Finds program and machine.
 * The machine is that of --config, else of the nearest nnp.json in the program's folder or above it, else the default one.
 * @param file the program; a folder or nothing means the `entry` of the nearest nnp.json there
 */
export function findProject(cwd: string, file: string | undefined, options: ProjectOptions): Project {
  const isProgram = file !== undefined && !isFolder(cwd, file);
  const folder = path.resolve(cwd, isProgram ? path.dirname(file) : (file ?? "."));
  const found = options.config === undefined ? nearestConfig(folder) : path.resolve(cwd, options.config);
  const configFile = options.config ?? (found === undefined ? undefined : shown(cwd, found));
  const result = configFile === undefined ? undefined : read(cwd, configFile);
  const config = result?.config ?? PRESETS.default;
  if (isProgram) return { file, config, configFile };
  const entry = result?.file?.entry;
  if (entry === undefined || found === undefined) {
    const where =
      configFile === undefined ? `there is no ${CONFIG_NAME} here or above` : `${configFile} has no "entry"`;
    throw new UserError(`which program? ${where}`, 'name a .nnasm or ELF file, or give "entry" in nnp.json');
  }
  return { file: shown(cwd, path.resolve(path.dirname(found), entry)), config, configFile };
}
