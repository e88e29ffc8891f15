/** C objects as text and as trees of values. */
import { bareType } from "@nnasm/sim-core/elf";
import { EvaluationError } from "../expression/types.ts";
import { addressText, formattedText, type ValueFormat } from "../inspect/format.ts";
import type { Machine } from "../inspect/machine.ts";
import type { NodeList, Scope, ValueNode } from "../inspect/node.ts";
import type { CContext, CDebug } from "./c-frames.ts";
import type { CObject } from "./c-object.ts";

/** Elements and members that a line of text shows, and how deep it looks. */
const PREVIEW_ITEMS = 8;
const PREVIEW_DEPTH = 2;
const PREVIEW_TEXT = 64;

function objectText(machine: Machine, object: CObject, format: ValueFormat, depth = 0): string {
  const { bare, problem } = object;
  if (problem !== undefined) return `<${problem}>`;
  switch (bare.kind) {
    case "base":
      if (bare.encoding === "float") return String(object.float());
      if (bare.encoding === "bool")
        return object.integer() === 0n ? "false" : `true${object.integer() === 1n ? "" : ` (${object.integer()})`}`;
      if (/Char$/.test(bare.encoding)) return characterText(object.integer(), format);
      return integerText(object.integer(), bare.bytes, format);
    case "enum": {
      const value = object.integer();
      const name = bare.values.find((one) => BigInt(one.value) === value)?.name;
      return name === undefined ? integerText(value, bare.bytes, format) : `${name} (${value})`;
    }
    case "pointer":
      return pointerText(machine, object);
    case "array":
      return isText(object) ? quoted(textOf(object, bare.count ?? 0)) : listText(machine, object, format, depth);
    case "struct":
    case "union": {
      if (depth >= PREVIEW_DEPTH) return "{...}";
      const shown = object.members.slice(0, PREVIEW_ITEMS).map((member) => {
        const text = objectText(machine, object.memberObject(member), format, depth + 1);
        return member.name === "" ? text : `${member.name} = ${text}`;
      });
      return `{${shown.join(", ")}${object.members.length > PREVIEW_ITEMS ? ", ..." : ""}}`;
    }
    case "function":
      return object.address === undefined
        ? "function"
        : addressText(object.address, (at) => machine.symbols.describe(at));
    default:
      return `<${object.type} has no value>`;
  }
}

function integerText(value: bigint, bytes: number, { hex }: ValueFormat): string {
  const digits = BigInt.asUintN(8 * bytes, value).toString(16);
  if (hex) return `0x${digits.padStart(2 * bytes, "0")}`;
  return value >= 0n && value < 10n ? String(value) : `${value} (0x${digits})`;
}

const ESCAPES: Readonly<Record<number, string>> = { 0: "\\0", 9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 92: "\\\\" };

function characterOf(code: number, quote: string): string {
  if (code === 34 && quote === "'") return '"';
  if (code === 39 && quote === "'") return "\\'";
  const escaped = ESCAPES[code];
  if (escaped !== undefined) return escaped;
  return code >= 32 && code < 127 ? String.fromCharCode(code) : `\\x${code.toString(16).padStart(2, "0")}`;
}

function characterText(value: bigint, format: ValueFormat): string {
  const code = Number(BigInt.asUintN(8, value));
  return `${format.hex ? `0x${code.toString(16).padStart(2, "0")}` : value} '${characterOf(code, "'")}'`;
}

const isText = ({ bare }: CObject): boolean => {
  const element =
    bare.kind === "array" ? bareType(bare.element) : bare.kind === "pointer" ? bareType(bare.to) : undefined;
  return element?.kind === "base" && element.bytes === 1 && /Char$/.test(element.encoding) && element.name === "char";
};

/** Characters up to a zero, at most so many. */
function textOf(object: CObject, most: number): { text: string; isCut: boolean } {
  let text = "";
  for (let at = 0; at < most; at++) {
    if (at >= PREVIEW_TEXT) return { text, isCut: true };
    const byte = object.elementObject(at).read()?.[0];
    if (byte === undefined || byte === 0) break;
    text += characterOf(byte, '"');
  }
  return { text, isCut: false };
}

const quoted = ({ text, isCut }: { text: string; isCut: boolean }): string => `"${text}"${isCut ? "..." : ""}`;

function pointerText(machine: Machine, object: CObject): string {
  const address = object.number();
  const text = addressText(address, (at) => (at === 0 ? undefined : machine.symbols.describe(at)));
  if (address === 0 || !isText(object) || !machine.simulator.memories.covers(address, 1)) return text;
  return `${text} ${quoted(textOf(object, PREVIEW_TEXT + 1))}`;
}

function listText(machine: Machine, object: CObject, format: ValueFormat, depth: number): string {
  const count = object.bare.kind === "array" ? (object.bare.count ?? 0) : 0;
  if (depth >= PREVIEW_DEPTH) return "{...}";
  const shown = Array.from({ length: Math.min(count, PREVIEW_ITEMS) }, (_, at) =>
    objectText(machine, object.elementObject(at), format, depth + 1),
  );
  return `{${shown.join(", ")}${count > PREVIEW_ITEMS ? ", ..." : ""}}`;
}

/** @param path an expression that gives the object; undefined when there is none */
export function objectNode(
  machine: Machine,
  name: string,
  path: string | undefined,
  object: CObject,
  format: ValueFormat,
): ValueNode {
  const children = childrenOf(machine, path, object);
  const address = object.bare.kind === "pointer" && object.problem === undefined ? object.number() : object.address;
  const isPlace = address !== undefined && machine.simulator.memories.covers(address, 1);
  return {
    name,
    value: objectText(machine, object, format),
    type: object.type,
    ...(path === undefined ? {} : { expression: path }),
    ...(isPlace ? { address } : {}),
    ...(object.address === undefined ? {} : { bytes: object.size }),
    ...(children ? { children } : {}),
    ...(object.scalar === undefined || object.problem !== undefined
      ? {}
      : { set: (text: string) => object.set(writtenNumber(machine, object, text)) }),
  };
}

/** The number that was written for an object: an enumerator's name, a character, or an expression. */
function writtenNumber(machine: Machine, { bare }: CObject, text: string): number {
  const word = text.trim().replace(/\s*\(.*\)$/, "");
  if (bare.kind === "enum") {
    const found = bare.values.find(({ name }) => name === word);
    if (found) return found.value;
  }
  if (bare.kind === "base" && bare.encoding === "bool" && (word === "true" || word === "false"))
    return Number(word === "true");
  // As characters are shown: 65 'A'.
  const shown = /^(-?\d+)\s+'.*'$/.exec(text.trim());
  return machine.number(shown?.[1] ?? text);
}

/** Postfix operators need brackets around what isn't postfix itself. */
const bound = (path: string): string => (/^[\w$.[\]>()-]+$/.test(path) && !/^[-*]/.test(path) ? path : `(${path})`);

function childrenOf(machine: Machine, path: string | undefined, object: CObject): NodeList | undefined {
  const { bare } = object;
  if (object.problem !== undefined) return undefined;
  if (bare.kind === "array") {
    return {
      indexed: {
        count: bare.count ?? 0,
        at: (start, count, format) =>
          Array.from({ length: Math.max(0, Math.min(count, (bare.count ?? 0) - start)) }, (_, at) => {
            const inner = path === undefined ? undefined : `${bound(path)}[${start + at}]`;
            return objectNode(machine, `[${start + at}]`, inner, object.elementObject(start + at), format);
          }),
      },
    };
  }
  if (bare.kind === "struct" || bare.kind === "union")
    return { named: (format) => memberNodes(machine, path, object, format, ".") };
  if (bare.kind !== "pointer") return undefined;
  const to = bareType(bare.to);
  if (to.kind === "void" || to.kind === "function" || to.kind === "unknown") return undefined;
  const address = object.number();
  if (!machine.simulator.memories.covers(address, Math.max(1, to.bytes)) || address === 0) return undefined;
  if (to.kind === "struct" || to.kind === "union") {
    return { named: (format) => memberNodes(machine, path, object.target(), format, "->") };
  }
  const inner = path === undefined ? undefined : `*${bound(path)}`;
  return { named: (format) => [objectNode(machine, inner ?? "*", inner, object.target(), format)] };
}

function memberNodes(
  machine: Machine,
  path: string | undefined,
  object: CObject,
  format: ValueFormat,
  sign: string,
): ValueNode[] {
  return object.members.map((member) => {
    // Members of an unnamed member are named as the outer object's own.
    const inner = path === undefined ? undefined : member.name === "" ? path : `${bound(path)}${sign}${member.name}`;
    return objectNode(machine, member.name || "(unnamed)", inner, object.memberObject(member), format);
  });
}

/** The text of an object in a format that stands behind a comma. @throws EvaluationError */
export function objectInFormat(object: CObject, suffix: string): string {
  const { scalar } = object;
  if (!scalar) throw new EvaluationError(`formats are for numbers, not for ${object.type}`);
  return formattedText(scalar, object.number(), suffix);
}

/** Locals and arguments of a frame, then what is outside of functions. */
export function variableScopes(machine: Machine, debug: CDebug, context: CContext | undefined): Scope[] {
  const scopes: Scope[] = [];
  if (context) {
    const all = context.scopes.flatMap(({ variables }) => variables);
    // An inner block's variable hides the outer ones of its name: it is the one that the name means.
    const visible = all.filter(({ name }, at) => !all.slice(at + 1).some((later) => later.name === name));
    const nodes = (isParameter: boolean) => (format: ValueFormat) =>
      visible
        .filter((variable) => variable.isParameter === isParameter)
        .map((variable) =>
          objectNode(machine, variable.name, variable.name, debug.object(variable, context.frame), format),
        );
    if (all.some(({ isParameter }) => isParameter)) scopes.push({ name: "Arguments", named: nodes(true) });
    scopes.push({ name: "Locals", named: nodes(false) });
  }
  const globals = [...debug.program.globalVariables];
  if (globals.length > 0) {
    scopes.push({
      name: "Globals",
      isExpensive: true,
      named: (format) =>
        globals.map((variable) =>
          objectNode(machine, variable.name, variable.name, debug.object(variable, undefined), format),
        ),
    });
  }
  return scopes;
}
