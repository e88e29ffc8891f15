/** What an editor can tell of `nnp.json`: the keys and values that fit a place, and what a key means. */
import { getLocation, type Location } from "jsonc-parser";
import { PRESETS } from "./presets.ts";
import { configJsonSchema } from "./schema.ts";

/** A key or value that fits a place. */
export interface ConfigSuggestion {
  /** As it is written, with quotes where it is a text. */
  readonly text: string;
  readonly isKey: boolean;
  readonly description?: string;
}

export interface ConfigSuggestions {
  readonly items: readonly ConfigSuggestion[];
  /** What the chosen one replaces, as offsets into the text. */
  readonly start: number;
  readonly end: number;
}

/** The parts of a JSON schema that are used here. */
interface Schema {
  readonly description?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
}

let schema: Schema | undefined;

/** Schemas that the value at a path may have. */
function schemasAt(path: Location["path"], from?: Schema): readonly Schema[] {
  const at = from ?? (schema ??= configJsonSchema() as Schema);
  if (at.anyOf) return at.anyOf.flatMap((option) => schemasAt(path, option));
  const [part, ...rest] = path;
  if (part === undefined) return [at];
  const next =
    typeof part === "number" ? at.items : (at.properties?.[part] ?? (at.additionalProperties as Schema | undefined));
  return typeof next === "object" ? schemasAt(rest, next) : [];
}

const valueAt = (root: unknown, path: Location["path"]): unknown =>
  path.reduce<unknown>(
    (value, part) => (typeof value === "object" && value !== null ? value[part as keyof object] : undefined),
    root,
  );

/** Keys or values that fit at an offset into the text. */
export function configSuggestions(text: string, offset: number): ConfigSuggestions {
  const { path, isAtPropertyKey, previousNode: node } = getLocation(text, offset);
  const isInside = node !== undefined && offset >= node.offset && offset <= node.offset + node.length;
  const [start, end] = isInside ? [node.offset, node.offset + node.length] : [wordStart(text, offset), offset];
  const items = isAtPropertyKey
    ? keysOf(schemasAt(path.slice(0, -1)), presentKeys(text, path, node?.value))
    : valuesOf(schemasAt(path));
  return { items, start, end };
}

/** Where the letters in front of an offset begin: of a key or value without its quotes. */
function wordStart(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && /[\w$]/.test(text[start - 1]!)) start--;
  return start;
}

function keysOf(schemas: readonly Schema[], present: ReadonlySet<string>): ConfigSuggestion[] {
  const found = new Map<string, ConfigSuggestion>();
  for (const { properties = {} } of schemas) {
    for (const [key, { description }] of Object.entries(properties)) {
      if (present.has(key)) continue;
      found.set(key, { text: JSON.stringify(key), isKey: true, ...(description === undefined ? {} : { description }) });
    }
  }
  return [...found.values()];
}

/** Keys that the object around a place has, but for the one there. */
function presentKeys(text: string, path: Location["path"], own: unknown): Set<string> {
  const present = new Set<string>();
  for (const match of text.matchAll(/"([^"\\\n]*)"\s*:/g)) {
    const around = getLocation(text, match.index + 1).path;
    if (match[1] === own || around.length !== path.length) continue;
    if (around.slice(0, -1).every((part, index) => part === path[index])) present.add(match[1]!);
  }
  return present;
}

function valuesOf(schemas: readonly Schema[]): ConfigSuggestion[] {
  return schemas.flatMap((each): ConfigSuggestion[] => {
    const values = each.enum ?? (each.type === "boolean" ? [true, false] : []);
    return values.map((value) => ({ text: JSON.stringify(value), isKey: false }));
  });
}

/** What the key at an offset means, as Markdown, with its place in the text; undefined where none stands. */
export function configHelp(text: string, offset: number) {
  const { path, previousNode: node, isAtPropertyKey } = getLocation(text, offset);
  if (!node || !isAtPropertyKey || offset < node.offset || offset > node.offset + node.length) return undefined;
  const [found] = schemasAt(path);
  if (!found) return undefined;
  const values = valuesOf([found]).map((each) => `\`${each.text}\``);
  const usual = valueAt(PRESETS.default, path);
  const parts = [
    `**${path.join(".")}**${found.description === undefined ? "" : `: ${found.description}`}`,
    ...(values.length > 0 ? [`One of ${values.join(", ")}.`] : []),
    ...(found.minimum !== undefined && found.maximum !== undefined
      ? [`From ${found.minimum} to ${found.maximum}.`]
      : []),
    ...(usual === undefined || typeof usual === "object" ? [] : [`Without a preset: \`${JSON.stringify(usual)}\`.`]),
  ];
  return { markdown: parts.join("\n\n"), start: node.offset, end: node.offset + node.length };
}
