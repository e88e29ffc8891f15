/** JSON files of a project: comments allowed, checked by a schema, every error with its place and the way out. */
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import type { z } from "zod";
import { type Diagnostic, nearest, type Position, type Range } from "../diagnostics/index.ts";
import { issueText, valueAt } from "./issue-text.ts";

export type JsonPath = readonly (string | number)[];

const NOWHERE: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

function positionAt(text: string, offset: number): Position {
  let line = 0;
  let lineStart = 0;
  for (let index = text.indexOf("\n"); index >= 0 && index < offset; index = text.indexOf("\n", index + 1)) {
    line++;
    lineStart = index + 1;
  }
  return { line, character: offset - lineStart };
}

/** What errors of a kind of file are called, and what helps against a file that is no JSON at all. */
export interface JsonFileKind {
  /** Diagnostics are `<prefix>-syntax`, `<prefix>-unknown-key`, `<prefix>-duplicate-key` and `<prefix>-value`. */
  readonly prefix: string;
  /** The whole value, as in "the configuration". */
  readonly title: string;
  readonly syntaxHint: string;
}

export interface CheckedJson<Value> {
  /** Present when there is no error. */
  readonly value?: Value;
  readonly diagnostics: readonly Diagnostic[];
}

/** A text and the places of its values. */
export class JsonDocument {
  readonly file: string;
  private readonly text: string;
  private readonly kind: JsonFileKind;
  private readonly root: Node | undefined;
  /** What keeps the text from being JSON; empty when it is. */
  readonly syntaxErrors: readonly Diagnostic[];

  /** @param file name of the file for diagnostics */
  constructor(text: string, file: string, kind: JsonFileKind) {
    this.text = text;
    this.file = file;
    this.kind = kind;
    const errors: ParseError[] = [];
    const root = parseTree(text, errors, { allowTrailingComma: true });
    if (text.trim() === "") this.syntaxErrors = [this.syntaxError("the file is empty", 0, 0)];
    else {
      this.syntaxErrors = errors.map(({ error, offset, length }) => {
        const words = printParseErrorCode(error).replace(/(?!^)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
        return this.syntaxError(words, offset, length);
      });
      if (this.syntaxErrors.length === 0) this.root = root;
    }
  }

  /** The value at a path, or the nearest place around it when there is none. */
  range(path: JsonPath): Range {
    const node = this.node(path);
    return node ? this.rangeOf(node) : path.length > 0 ? this.range(path.slice(0, -1)) : NOWHERE;
  }

  /** The key of the property at a path. */
  keyRange(path: JsonPath): Range {
    const property = this.node(path)?.parent;
    return property?.type === "property" ? this.rangeOf(property.children![0]!) : this.range(path);
  }

  error(id: string, message: string, range: Range, hint?: string): Diagnostic {
    const { file, kind } = this;
    return {
      id: `${kind.prefix}-${id}`,
      severity: "error",
      message,
      ...(hint === undefined ? {} : { hint }),
      file,
      range,
    };
  }

  /** The value as the schema reads it, or everything that is wrong with it. */
  check<Schema extends z.ZodType>(schema: Schema): CheckedJson<z.infer<Schema>> {
    if (!this.root) return { diagnostics: this.syntaxErrors };
    const duplicates = this.duplicates(this.root, []);
    const value = toValue(this.root);
    // Generated code for a schema would take longer to make than it saves: a file is checked once for each of its versions.
    const parsed = schema.safeParse(value, { jitless: true });
    if (parsed.success && duplicates.length === 0) return { value: parsed.data, diagnostics: [] };
    const issues = parsed.success ? [] : parsed.error.issues.flatMap((issue) => this.issue(issue, schema, value));
    return { diagnostics: [...duplicates, ...issues] };
  }

  private node(path: JsonPath): Node | undefined {
    return this.root && findNodeAtLocation(this.root, [...path]);
  }

  private rangeOf({ offset, length }: Node): Range {
    return { start: positionAt(this.text, offset), end: positionAt(this.text, offset + length) };
  }

  /** From a column of a text value, counted from one, to its end; the whole value where escapes move columns. */
  private within(path: JsonPath, column: number): Range {
    const node = this.node(path);
    if (node?.type !== "string") return this.range(path);
    const { offset, length } = node;
    if (this.text.slice(offset, offset + length).includes("\\")) return this.range(path);
    const end = offset + length - 1;
    return this.rangeOf({ ...node, offset: Math.min(offset + column, end), length: Math.max(1, length - 1 - column) });
  }

  private syntaxError(message: string, offset: number, length: number): Diagnostic {
    const range = { start: positionAt(this.text, offset), end: positionAt(this.text, offset + length) };
    return this.error("syntax", `not valid JSON: ${message}`, range, this.kind.syntaxHint);
  }

  /** JSON itself would let the last one win without a word. */
  private duplicates(node: Node, path: JsonPath): Diagnostic[] {
    const found: Diagnostic[] = [];
    const first = new Map<string, Node>();
    for (const [index, child] of (node.children ?? []).entries()) {
      if (node.type === "array") found.push(...this.duplicates(child, [...path, index]));
      if (node.type !== "object" || !child.children) continue;
      const [key, value] = child.children as [Node, Node | undefined];
      const name = key.value as string;
      const before = first.get(name);
      if (before) {
        const message = `"${[...path, name].join(".")}" is there twice`;
        found.push({
          ...this.error("duplicate-key", message, this.rangeOf(key), "keep one of them"),
          related: [{ file: this.file, range: this.rangeOf(before), message: "the first one" }],
        });
      } else first.set(name, key);
      if (value) found.push(...this.duplicates(value, [...path, name]));
    }
    return found;
  }

  private issue(issue: z.core.$ZodIssue, schema: z.ZodType, root: unknown): Diagnostic[] {
    const path = issue.path as (string | number)[];
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => {
        const known = knownKeys(schema, path);
        const near = nearest(key, known);
        const message = `unknown key "${[...path, key].join(".")}"`;
        const hint = near ? `did you mean "${near}"?` : `known keys here: ${known.join(", ")}`;
        return this.error("unknown-key", message, this.keyRange([...path, key]), hint);
      });
    }
    const name = path.join(".") || this.kind.title;
    const isKey = issue.code === "invalid_key";
    const { message, hint, column } = isKey
      ? { message: issue.issues[0]?.message ?? issue.message }
      : issueText(issue, valueAt(root, path));
    const range = isKey ? this.keyRange(path) : column === undefined ? this.range(path) : this.within(path, column);
    return [this.error("value", `${name}: ${message}`, range, hint)];
  }
}

/** The parts of zod's classes that lead from a schema to those of its values. */
interface SchemaNode {
  readonly shape?: Readonly<Record<string, SchemaNode>>;
  readonly element?: SchemaNode;
  readonly valueType?: SchemaNode;
  readonly options?: readonly SchemaNode[];
  readonly unwrap?: () => SchemaNode;
}

/** All schemas that a value at a path may have. */
function schemasAt(schema: SchemaNode, path: JsonPath): SchemaNode[] {
  if (Array.isArray(schema.options)) return schema.options.flatMap((option) => schemasAt(option, path));
  if (schema.unwrap && !schema.shape && !schema.element) return schemasAt(schema.unwrap(), path);
  const [part, ...rest] = path;
  if (part === undefined) return [schema];
  const next = schema.shape?.[part] ?? schema.element ?? schema.valueType;
  return next ? schemasAt(next, rest) : [];
}

/** Keys that the schema knows at a path, for the suggestion beside an unknown key. */
export function knownKeys(schema: z.ZodType, path: JsonPath): string[] {
  return [...new Set(schemasAt(schema as SchemaNode, path).flatMap((found) => Object.keys(found.shape ?? {})))];
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
