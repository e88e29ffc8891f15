/** Reads `nnp.json`: comments allowed, every error with its place and the way out. */
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import type { z } from "zod";
import { type Diagnostic, nearest, type Position } from "../diagnostics/index.ts";
import { PRESETS } from "./presets.ts";
import { type ConfigFile, fileSchema, type MachineConfig } from "./schema.ts";

export interface ConfigResult {
  /** The complete configuration; present whenever there is no error. */
  readonly config?: MachineConfig;
  /** The file's own values, for the preset picker and the entry rule. */
  readonly file?: ConfigFile;
  readonly diagnostics: readonly Diagnostic[];
}

function positionAt(text: string, offset: number): Position {
  let line = 0;
  let lineStart = 0;
  for (let index = text.indexOf("\n"); index >= 0 && index < offset; index = text.indexOf("\n", index + 1)) {
    line++;
    lineStart = index + 1;
  }
  return { line, character: offset - lineStart };
}

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

/** Keys that the schema knows at a path, for the suggestion beside an unknown key. */
export function knownKeys(path: readonly (string | number)[]): string[] {
  let schema: unknown = fileSchema;
  for (const part of path) {
    // The members of a list share one shape, which unwrapping the list has led to.
    if (typeof part === "number") continue;
    const shape = (schema as { shape?: Record<string, unknown> }).shape;
    let next = shape?.[part as string] as { unwrap?: () => unknown; shape?: unknown } | undefined;
    while (next && !next.shape && next.unwrap) next = next.unwrap() as typeof next;
    schema = next;
  }
  return Object.keys((schema as { shape?: object } | undefined)?.shape ?? {});
}

function issueDiagnostics(issue: z.core.$ZodIssue, text: string, root: Node, file: string): Diagnostic[] {
  const path = issue.path as (string | number)[];
  const at = (node: Node) => ({
    start: positionAt(text, node.offset),
    end: positionAt(text, node.offset + node.length),
  });
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const node = findNodeAtLocation(root, [...path, key])?.parent?.children?.[0] ?? root;
      const known = knownKeys(path);
      const near = nearest(key, known);
      return {
        id: "config-unknown-key",
        severity: "error",
        message: `unknown key "${[...path, key].join(".")}"`,
        hint: near ? `did you mean "${near}"?` : `known keys here: ${known.join(", ")}`,
        file,
        range: at(node),
      };
    });
  }
  const node = findNodeAtLocation(root, path) ?? root;
  const name = path.join(".") || "the configuration";
  return [{ id: "config-value", severity: "error", message: `${name}: ${issue.message}`, file, range: at(node) }];
}

/**
 * Reads the text of an `nnp.json`.
 * @param file name of the file for diagnostics
 */
export function readConfig(text: string, file: string): ConfigResult {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const syntaxError = (message: string, offset: number, length: number): Diagnostic => ({
    id: "config-syntax",
    severity: "error",
    message: `not valid JSON: ${message}`,
    hint: 'the smallest configuration is {}; see "preset" for named ones',
    file,
    range: { start: positionAt(text, offset), end: positionAt(text, offset + length) },
  });
  if (text.trim() === "") return { diagnostics: [syntaxError("the file is empty", 0, 0)] };
  if (!root || errors.length > 0) {
    const words = (error: ParseError) =>
      printParseErrorCode(error.error).replace(/(?!^)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    return { diagnostics: errors.map((error) => syntaxError(words(error), error.offset, error.length)) };
  }
  const parsed = fileSchema.safeParse(toValue(root));
  if (!parsed.success) {
    return { diagnostics: parsed.error.issues.flatMap((issue) => issueDiagnostics(issue, text, root, file)) };
  }
  return { config: completeConfig(parsed.data), file: parsed.data, diagnostics: [] };
}

function toValue(node: Node): unknown {
  if (node.type === "object") {
    const entries = (node.children ?? []).map((property) => {
      const [key, value] = property.children ?? [];
      return [key?.value as string, value ? toValue(value) : undefined] as const;
    });
    return Object.fromEntries(entries);
  }
  if (node.type === "array") return (node.children ?? []).map(toValue);
  return node.value as unknown;
}
