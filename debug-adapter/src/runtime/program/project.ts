/** The machine that a program runs on: an `nnp.json`, or the default preset. */
import type { UserRule } from "@nnasm/sim-core/advice";
import { type MachineConfig, PRESETS, readConfig } from "@nnasm/sim-core/config";
import { type FileHost, readText } from "../host.ts";
import { diagnosticsError, LaunchError } from "./launch-error.ts";

const CONFIG_NAME = "nnp.json";

export interface FoundConfig {
  readonly config: MachineConfig;
  readonly configFile: string | undefined;
  /** Absolute name of the file with the project's own instructions, if it has any. */
  readonly instructions: string | undefined;
  /** Absolute names of the files that it wants linked into the program. */
  readonly link: readonly string[];
  /** Rules of advice that the project adds. */
  readonly advice: readonly UserRule[];
}

/**
 * @param folder absolute name of the program's folder, from which the search goes upward
 * @param named absolute name of the file that the launch names
 * @throws LaunchError when a named or found file is unreadable or wrong
 */
export function findConfig(host: FileHost, folder: string, named: string | undefined): FoundConfig {
  const configFile = named ?? nearestConfig(host, folder);
  if (configFile === undefined)
    return { config: PRESETS.default, configFile, instructions: undefined, link: [], advice: [] };
  const text = readText(host, configFile);
  if (text === undefined) {
    const read = host.read(configFile);
    const why = "problem" in read ? read.problem : "not readable";
    throw new LaunchError(`cannot read ${configFile}: ${why}; check "config" in the launch configuration`);
  }
  const { config, file, diagnostics } = readConfig(text, configFile);
  if (!config) throw diagnosticsError(configFile, diagnostics);
  const name = file?.instructions;
  const folderOfConfig = host.folderOf(configFile);
  const link = (file?.link ?? []).map((each) => host.resolve(folderOfConfig, each));
  const advice = file?.advice ?? [];
  return { config, configFile, instructions: name && host.resolve(folderOfConfig, name), link, advice };
}

function nearestConfig(host: FileHost, start: string): string | undefined {
  for (let folder = start; ; folder = host.folderOf(folder)) {
    const candidate = host.resolve(folder, CONFIG_NAME);
    if (host.kindOf(candidate) === "file") return candidate;
    if (folder === host.folderOf(folder)) return undefined;
  }
}
