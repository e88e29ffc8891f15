/** Attributes of a launch configuration, checked. */
import { CHECK_IDS, CHECK_TEXT, type CheckOptions } from "@nnasm/sim-core/check";
import { nearest } from "@nnasm/sim-core/diagnostics";
import type { Mode } from "@nnasm/sim-core/engine";
import { RequestError } from "./requests.ts";

export interface LaunchAttributes {
  readonly program: string;
  readonly config?: string;
  /** Folder that relative names are meant from. */
  readonly cwd?: string;
  readonly stopOnEntry: boolean;
  readonly noDebug: boolean;
  readonly maxCycles?: number;
  readonly profile: boolean;
  readonly stopOnExit: boolean;
  readonly consoleCycles: boolean;
  readonly mode: Mode;
  /** Absent: the machine's default. */
  readonly checks?: CheckOptions;
  readonly historyMegabytes?: number;
  /** File that gets a trace of the whole run when the program has ended. */
  readonly trace?: string;
  /** Files that are put into memory before the start: places by file. */
  readonly load: Readonly<Record<string, string>>;
  /** What memory holds at the exit: files by place. */
  readonly expect: Readonly<Record<string, string>>;
  /** Expressions whose values a0, a1, ... have at the start. */
  readonly args: readonly string[];
}

/** What a client that attaches may say; the program and its machine are chosen where the simulation was started. */
export interface AttachAttributes {
  readonly stopOnEntry: boolean;
  readonly stopOnExit: boolean;
  readonly profile: boolean;
  readonly historyMegabytes?: number;
}

type Raw = Readonly<Record<string, unknown>>;
const rawOf = (raw: unknown): Raw => (typeof raw === "object" && raw !== null ? raw : {}) as Raw;

const flagOf = (attributes: Raw, name: string): boolean => {
  const value = attributes[name] ?? false;
  if (typeof value === "boolean") return value;
  throw wrong(name, "true or false", value);
};

function historyOf({ historyMegabytes }: Raw): { historyMegabytes?: number } {
  const value = historyMegabytes ?? undefined;
  if (value === undefined) return {};
  if (!((value as number) >= 0)) throw wrong("historyMegabytes", "a number from 0 (no history) on", value);
  return { historyMegabytes: value as number };
}

/** A list of texts by name. */
function namesOf(attributes: Raw, name: string, example: string): Readonly<Record<string, string>> {
  const value = attributes[name] ?? {};
  const isRight = typeof value === "object" && !Array.isArray(value);
  if (isRight && Object.values(value as object).every((one) => typeof one === "string")) {
    return value as Readonly<Record<string, string>>;
  }
  throw wrong(name, `an object such as ${example}`, value);
}

function argsOf({ args }: Raw): readonly string[] {
  const value = args ?? [];
  const isRight = Array.isArray(value) && value.every((one) => ["string", "number"].includes(typeof one));
  if (!isRight || value.length > MAX_ARGS) {
    throw wrong("args", `a list of at most ${MAX_ARGS} numbers or expressions, for a0 to a7`, value);
  }
  return value.map(String);
}

/** a0 to a7 carry arguments. */
const MAX_ARGS = 8;

/** @throws RequestError that names the attribute and what it takes */
export function readAttach(raw: unknown): AttachAttributes {
  const attributes = rawOf(raw);
  return {
    stopOnEntry: flagOf(attributes, "stopOnEntry"),
    stopOnExit: flagOf(attributes, "stopOnExit"),
    profile: flagOf(attributes, "profile"),
    ...historyOf(attributes),
  };
}

/** @throws RequestError that names the attribute and what it takes */
export function readLaunch(raw: unknown): LaunchAttributes {
  const attributes = rawOf(raw);
  const text = (name: string): string | undefined => {
    const value = attributes[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === "string" && value.trim() !== "") return value;
    throw wrong(name, "a text", value);
  };
  const flag = (name: string): boolean => flagOf(attributes, name);
  const program = text("program");
  if (program === undefined) {
    throw new RequestError('the launch configuration has no "program": name a .nnasm source or an ELF file');
  }
  const maxCycles = attributes.maxCycles ?? undefined;
  if (maxCycles !== undefined && !(Number.isSafeInteger(maxCycles) && (maxCycles as number) > 0)) {
    throw wrong("maxCycles", "a whole number above 0", maxCycles);
  }
  const mode = text("mode") ?? "cycle";
  if (mode !== "cycle" && mode !== "functional") throw wrong("mode", '"cycle" or "functional"', mode);
  const checks = readChecks(attributes.checks ?? undefined);
  const config = text("config");
  const cwd = text("cwd");
  const trace = text("trace");
  return {
    program,
    ...(config === undefined ? {} : { config }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(trace === undefined ? {} : { trace }),
    ...(maxCycles === undefined ? {} : { maxCycles: maxCycles as number }),
    ...historyOf(attributes),
    load: namesOf(attributes, "load", '{ "image.bin": "image" }'),
    expect: namesOf(attributes, "expect", '{ "result": "expected.bin" }'),
    args: argsOf(attributes),
    ...(checks === undefined ? {} : { checks }),
    mode,
    stopOnExit: flag("stopOnExit"),
    consoleCycles: flag("consoleCycles"),
    stopOnEntry: flag("stopOnEntry"),
    noDebug: flag("noDebug"),
    profile: flag("profile"),
  };
}

/** The names of the checks that are on; all others are off. */
function readChecks(value: unknown): CheckOptions | undefined {
  if (value === undefined) return undefined;
  const names = Array.isArray(value) ? (value as unknown[]) : undefined;
  if (!names) throw wrong("checks", `a list of ${CHECK_IDS.map((id) => `"${id}"`).join(", ")}`, value);
  for (const name of names) {
    if ((CHECK_IDS as readonly unknown[]).includes(name)) continue;
    const near = nearest(String(name), CHECK_IDS);
    const way = near ? `did you mean "${near}"?` : CHECK_IDS.map((id) => `${id}: ${CHECK_TEXT[id]}`).join("; ");
    throw new RequestError(`"checks" in the launch configuration names no check ${JSON.stringify(name)}: ${way}`);
  }
  return Object.fromEntries(CHECK_IDS.map((id) => [id, names.includes(id)]));
}

function wrong(name: string, wanted: string, value: unknown): RequestError {
  return new RequestError(`"${name}" in the launch configuration takes ${wanted}, not ${JSON.stringify(value)}`);
}
