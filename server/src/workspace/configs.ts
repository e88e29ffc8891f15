/** Which nnp.json applies to a file, and what it says. */
import { CONFIG_FILE, JsonDocument, type MachineConfig, PRESETS, readConfig } from "@nnasm/sim-core/config";
import type { Diagnostic, Range } from "@nnasm/sim-core/diagnostics";
import type { Files } from "./files.ts";
import { childUri, isInside, parentUri, resolveUri, type Uri } from "./uri.ts";

export const CONFIG_NAME = "nnp.json";

export interface ProjectConfig {
  /** The nnp.json, or undefined when none applies and the machine is the default one. */
  readonly uri: Uri | undefined;
  readonly machine: MachineConfig;
  /** The project's entry file, when the nnp.json names one. */
  readonly entry: Uri | undefined;
  /** The files that the program is linked of, when the nnp.json names them. */
  readonly link: readonly Uri[] | undefined;
  /** The file with the project's own instructions, when the nnp.json names one. */
  readonly instructions: Uri | undefined;
  /** What is wrong with the nnp.json. */
  readonly diagnostics: readonly Diagnostic[];
}

const NO_CONFIG: ProjectConfig = {
  uri: undefined,
  machine: PRESETS.default,
  entry: undefined,
  link: undefined,
  instructions: undefined,
  diagnostics: [],
};

/** Files that an nnp.json names: the key, and what is said when there is no such file. */
const NAMED = [
  { key: "entry", id: "config-entry" },
  { key: "instructions", id: "config-instructions" },
] as const;

/** Whether a file to link is a source, judged by its name. */
export const isLinkedSource = (name: Uri): boolean => /\.(nnasm|s|S|asm)$/.test(name);

export class Configs {
  private readonly files: Files;
  /** The folders open in the editor. */
  private folders: readonly Uri[] = [];
  private readonly read = new Map<Uri, { stamp: string; config: ProjectConfig }>();

  constructor(files: Files) {
    this.files = files;
  }

  setFolders(folders: readonly Uri[]): void {
    this.folders = folders;
  }

  /** The nearest nnp.json in the file's folder or above it, not above its workspace folder. */
  configOf(file: Uri): ProjectConfig {
    const uri = this.nearest(file);
    return uri === undefined ? NO_CONFIG : this.load(uri);
  }

  private nearest(file: Uri): Uri | undefined {
    let folder = parentUri(file);
    const top = this.workspaceFolderOf(file) ?? folder;
    while (folder !== undefined) {
      const candidate = childUri(folder, CONFIG_NAME);
      if (this.files.exists(candidate)) return candidate;
      if (folder === top) return undefined;
      folder = parentUri(folder);
    }
    return undefined;
  }

  /** The innermost workspace folder that holds the file. */
  workspaceFolderOf(file: Uri): Uri | undefined {
    return this.folders
      .filter((folder) => isInside(folder, file))
      .reduce<Uri | undefined>((best, folder) => (best && best.length > folder.length ? best : folder), undefined);
  }

  /** What is wrong with an nnp.json: also that a file that it names doesn't exist, which may change without it. */
  diagnosticsOf(config: ProjectConfig): readonly Diagnostic[] {
    const { uri, diagnostics } = config;
    if (uri === undefined) return diagnostics;
    const missing: { id: string; name: Uri; path: (string | number)[] }[] = [];
    for (const { key, id } of NAMED) {
      const name = config[key];
      if (name !== undefined && !this.files.exists(name)) missing.push({ id, name, path: [key] });
    }
    for (const [index, name] of (config.link ?? []).entries()) {
      // Objects and libraries come to be by building.
      if (isLinkedSource(name) && !this.files.exists(name))
        missing.push({ id: "config-link", name, path: ["link", index] });
    }
    return [
      ...diagnostics,
      ...missing.map(({ id, name, path }): Diagnostic => {
        const message = `there is no file ${name}`;
        const hint = `"${path[0]}" is relative to the folder of nnp.json`;
        return { id, severity: "error", message, hint, file: uri, range: this.rangeIn(uri, path) };
      }),
    ];
  }

  /** Where a value of an nnp.json stands. */
  rangeIn(uri: Uri, path: readonly (string | number)[]): Range {
    return new JsonDocument(this.files.text(uri) ?? "", uri, CONFIG_FILE).range([...path]);
  }

  private load(uri: Uri): ProjectConfig {
    const stamp = this.files.stamp(uri);
    const before = this.read.get(uri);
    if (before?.stamp === stamp) return before.config;
    const { config, file, diagnostics } = readConfig(this.files.text(uri) ?? "", uri);
    // While the file is broken, the last good machine stays: half-typed JSON must not change every diagnostic.
    const result: ProjectConfig = {
      uri,
      machine: config ?? before?.config.machine ?? PRESETS.default,
      entry: file ? file.entry && resolveUri(uri, file.entry) : before?.config.entry,
      link: file ? file.link?.map((name) => resolveUri(uri, name)) : before?.config.link,
      instructions: file ? file.instructions && resolveUri(uri, file.instructions) : before?.config.instructions,
      diagnostics,
    };
    this.read.set(uri, { stamp, config: result });
    return result;
  }
}
