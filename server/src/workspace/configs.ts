/** Which nnp.json applies to a file, and what it says. */
import { type MachineConfig, PRESETS, readConfig } from "@nnasm/sim-core/config";
import type { Diagnostic } from "@nnasm/sim-core/diagnostics";
import type { Files } from "./files.ts";
import { childUri, isInside, parentUri, resolveUri, type Uri } from "./uri.ts";

export const CONFIG_NAME = "nnp.json";

export interface ProjectConfig {
  /** The nnp.json, or undefined when none applies and the machine is the default one. */
  readonly uri: Uri | undefined;
  readonly machine: MachineConfig;
  /** The project's entry file, when the nnp.json names one. */
  readonly entry: Uri | undefined;
  /** What is wrong with the nnp.json. */
  readonly diagnostics: readonly Diagnostic[];
}

const NO_CONFIG: ProjectConfig = { uri: undefined, machine: PRESETS.default, entry: undefined, diagnostics: [] };

const ENTRY = /("entry"\s*:\s*)("(?:[^"\\]|\\.)*")/;

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

  /** What is wrong with an nnp.json: also that its entry file doesn't exist, which may change without it. */
  diagnosticsOf({ uri, entry, diagnostics }: ProjectConfig): readonly Diagnostic[] {
    if (uri === undefined || entry === undefined || this.files.exists(entry)) return diagnostics;
    const lines = (this.files.text(uri) ?? "").split(/\r\n|\r|\n/);
    const line = lines.findIndex((text) => ENTRY.test(text));
    const match = ENTRY.exec(lines[line] ?? "");
    // Written over several lines it is found no less, only its place is.
    const start = match ? { line, character: match.index + match[1]!.length } : { line: 0, character: 0 };
    const end = match ? { line, character: start.character + match[2]!.length } : start;
    const missing: Diagnostic = {
      id: "config-entry",
      severity: "error",
      message: `there is no file ${entry}`,
      hint: '"entry" is relative to the folder of nnp.json',
      file: uri,
      range: { start, end },
    };
    return [...diagnostics, missing];
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
      diagnostics,
    };
    this.read.set(uri, { stamp, config: result });
    return result;
  }
}
