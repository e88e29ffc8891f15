/** Reads `nnp.json`: comments allowed, every error with its place and the way out. */
import type { Diagnostic } from "../diagnostics/index.ts";
import { JsonDocument } from "./json-document.ts";
import { PRESETS } from "./presets.ts";
import { type ConfigFile, fileSchema, type MachineConfig } from "./schema.ts";

export interface ConfigResult {
  /** The complete configuration; present whenever there is no error. */
  readonly config?: MachineConfig;
  /** The file's own values, for the preset picker and the entry rule. */
  readonly file?: ConfigFile;
  readonly diagnostics: readonly Diagnostic[];
}

/** What errors of nnp.json are called. */
export const CONFIG_FILE = {
  prefix: "config",
  title: "the configuration",
  syntaxHint: 'the smallest configuration is {}; see "preset" for named ones',
};

/** The configuration that a file means: laid over its preset, sections merged key by key. */
export function completeConfig(file: ConfigFile): MachineConfig {
  const base = PRESETS[file.preset ?? "default"];
  return {
    clockMHz: file.clockMHz ?? base.clockMHz,
    pm: { ...base.pm, ...file.pm },
    dm: { ...base.dm, ...file.dm },
    wm: { ...base.wm, ...file.wm },
    ddr: { ...base.ddr, ...file.ddr },
    cu: { ...base.cu, ...file.cu },
    dma: { ...base.dma, ...file.dma },
    nu: { ...base.nu, ...file.nu },
    vu: { ...base.vu, ...file.vu },
    xu: { ...base.xu, ...file.xu },
    ...(file.layout ? { layout: file.layout } : {}),
  } as MachineConfig;
}

/**
 * Reads the text of an `nnp.json`.
 * @param file name of the file for diagnostics
 */
export function readConfig(text: string, file: string): ConfigResult {
  const result = new JsonDocument(text, file, CONFIG_FILE).check(fileSchema);
  if (result.value === undefined) return { diagnostics: result.diagnostics };
  return { config: completeConfig(result.value), file: result.value, diagnostics: [] };
}
