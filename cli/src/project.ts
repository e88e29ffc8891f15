/** Which program and which machine a command is about. */

import { existsSync, statSync } from "node:fs";
import path from "node:path";
import type { UserRule } from "@nnasm/sim-core/advice";
import {
  type ConfigFile,
  type ConfigResult,
  type MachineConfig,
  overrideConfig,
  readConfig,
} from "@nnasm/sim-core/config";
import { BASE_ISA, type InstructionSet } from "@nnasm/sim-core/isa";
import type { LintLevels } from "@nnasm/sim-core/lint";
import { DiagnosticsError, UsageError, UserError } from "./errors.ts";
import { isFolder, readFile } from "./files.ts";
import { type OwnInstructions, readInstructions } from "./user-instructions.ts";

const CONFIG_NAME = "nnp.json";

export interface Project {
  /** The program's first source file, or an ELF file; relative to the current folder. */
  readonly file: string;
  readonly config: MachineConfig;
  /** The configuration file, if there is one. */
  readonly configFile: string | undefined;
  /** The machine's instructions and the project's own ones, without what these do. */
  readonly isa: InstructionSet;
  /** Present when the project has instructions of its own. */
  readonly own: OwnInstructions | undefined;
  /** Levels that the configuration chooses for lints. */
  readonly lint: LintLevels;
  /** Rules of advice that the configuration adds. */
  readonly advice: readonly UserRule[];
  /** The files that are linked into the program, relative to the current folder; absent for a program of one file. */
  readonly link?: readonly string[];
}

export interface ProjectOptions {
  readonly config?: string;
  /** Values laid over the configuration, as `KEY=VALUE`. */
  readonly set?: readonly string[];
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

/** @throws UsageError naming the key or value that doesn't exist */
function overridden(file: ConfigFile, set: readonly string[]): MachineConfig {
  const settings = set.map((text) => {
    const [, key, value] = /^([\w.]+)=(.+)$/.exec(text) ?? [];
    if (key === undefined || value === undefined) {
      throw new UsageError(`--set ${text} is not KEY=VALUE`, "for example --set nu.cip=8");
    }
    return { key, value };
  });
  const result = overrideConfig(file, settings);
  if ("error" in result) throw new UsageError(`--set: ${result.error}`, result.hint);
  return result.config;
}

const shown = (cwd: string, absolute: string): string => {
  const relative = path.relative(cwd, absolute) || ".";
  return relative.startsWith(`..${path.sep}..`) ? absolute : relative;
};

/**
 * Finds program and machine.
 * The machine is that of --config, else of the nearest nnp.json in the program's folder or above it, else the default one.
 * @param file the program; a folder or nothing means that of the nearest nnp.json there: the files that it wants linked, else
 *   its `entry`. A source that it wants linked means the whole program, too.
 */
export function findProject(cwd: string, file: string | undefined, options: ProjectOptions): Project {
  const isProgram = file !== undefined && !isFolder(cwd, file);
  const folder = path.resolve(cwd, isProgram ? path.dirname(file) : (file ?? "."));
  const { found, entry, link, ...machine } = findMachine(cwd, folder, options);
  const { configFile } = machine;
  const linked = found === undefined ? undefined : link?.map((name) => path.resolve(path.dirname(found), name));
  const isPart = isProgram && linked?.includes(path.resolve(cwd, file));
  if (linked?.length && (isPart || !isProgram)) {
    const files = linked.map((name) => shown(cwd, name));
    for (const name of files) refuseMissing(cwd, name, configFile, "link");
    return { file: isProgram ? file : files[0]!, ...machine, link: files };
  }
  if (isProgram) return { file, ...machine };
  if (entry === undefined || found === undefined) {
    const here = file === undefined ? "here" : `in ${file}`;
    const where =
      configFile === undefined ? `there is no ${CONFIG_NAME} ${here} or above` : `${configFile} has no "entry"`;
    throw new UserError(`which program? ${where}`, 'name a .nnasm or ELF file, or give "entry" in nnp.json');
  }
  const entryFile = shown(cwd, path.resolve(path.dirname(found), entry));
  refuseMissing(cwd, entryFile, configFile, "entry");
  return { file: entryFile, ...machine };
}

/** @throws UserError that says who names a file which isn't there */
function refuseMissing(cwd: string, file: string, configFile: string | undefined, key: string): void {
  if (isFolder(cwd, file)) throw new UserError(`${configFile} names ${file} under "${key}", and that is a folder`);
  if (!existsSync(path.resolve(cwd, file)))
    throw new UserError(`${configFile} names ${file} under "${key}", and there is no such file`);
}

/** The files that the nnp.json of the current folder, or of --config, wants linked; relative to the current folder. */
export function filesToLink(cwd: string, options: ProjectOptions): readonly string[] | undefined {
  const { found, link } = findMachine(cwd, path.resolve(cwd), options);
  if (found === undefined) return undefined;
  const files = link?.map((name) => shown(cwd, path.resolve(path.dirname(found), name)));
  for (const name of files ?? []) refuseMissing(cwd, name, options.config ?? shown(cwd, found), "link");
  return files;
}

type Machine = Omit<Project, "file" | "link"> & {
  /** Absolute path of the configuration file, if there is one. */
  readonly found: string | undefined;
  /** The program that it names. */
  readonly entry: string | undefined;
  /** The files that it wants linked. */
  readonly link: readonly string[] | undefined;
};

/**
 * The machine of --config, else of the nearest nnp.json in a folder or above it, else the default one.
 * @param folder absolute path
 */
export function findMachine(cwd: string, folder: string, options: ProjectOptions): Machine {
  const found = options.config === undefined ? nearestConfig(folder) : path.resolve(cwd, options.config);
  const configFile = options.config ?? (found === undefined ? undefined : shown(cwd, found));
  const result = configFile === undefined ? undefined : read(cwd, configFile);
  const config = overridden(result?.file ?? {}, options.set ?? []);
  const name = result?.file?.instructions;
  const own = configFile === undefined || name === undefined ? undefined : readInstructions(cwd, configFile, name);
  const { entry, link } = result?.file ?? {};
  return {
    found,
    entry,
    link,
    config,
    configFile,
    isa: own?.isa ?? BASE_ISA,
    own,
    lint: result?.file?.lint ?? {},
    advice: result?.file?.advice ?? [],
  };
}
