/** Single values laid over a configuration: `nu.cip=8` of the command line. */
import { nearest } from "../diagnostics/index.ts";
import { issueText, valueAt } from "./issue-text.ts";
import { type JsonPath, knownKeys as keysOf } from "./json-document.ts";
import { completeConfig } from "./read.ts";
import { type ConfigFile, fileSchema, type MachineConfig } from "./schema.ts";

export interface Setting {
  /** `section.key`, or a key of the top level such as `preset` or `clockMHz`. */
  readonly key: string;
  /** As written; numbers and true or false are taken as such. */
  readonly value: string;
}

export type OverrideResult =
  | { readonly config: MachineConfig; readonly file: ConfigFile }
  | { readonly error: string; readonly hint?: string };

function parsedValue(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  const number = Number(text.replace(/_/g, ""));
  return text.trim() === "" || Number.isNaN(number) ? text : number;
}

const knownKeys = (path: JsonPath): string[] => keysOf(fileSchema, path);

/** Why a key can't be set, or undefined for one that can. */
export function settingProblem(key: string): { error: string; hint: string } | undefined {
  const path = key.split(".");
  const sections = knownKeys([]).filter((name) => knownKeys([name]).length > 0);
  const keys = [
    ...knownKeys([]).filter((name) => !sections.includes(name)),
    ...sections.flatMap((section) => knownKeys([section]).map((name) => `${section}.${name}`)),
  ];
  if (keys.includes(key) && path.length <= 2) return undefined;
  const near = nearest(key, keys);
  const own = knownKeys(path.slice(0, 1));
  const section = own.length > 0 ? own.map((name) => `${path[0]}.${name}`) : sections.map((name) => `${name}.*`);
  return {
    error: `the configuration has no key ${key}`,
    hint: near ? `did you mean ${near}?` : `keys: ${section.join(", ")}`,
  };
}

/** Lays values over what a configuration file says. */
export function overrideConfig(base: ConfigFile, settings: readonly Setting[]): OverrideResult {
  const file: Record<string, unknown> = { ...base };
  for (const { key, value } of settings) {
    const problem = settingProblem(key);
    if (problem) return problem;
    const [section = "", name] = key.split(".");
    if (name === undefined) file[section] = parsedValue(value);
    else file[section] = { ...(file[section] as object | undefined), [name]: parsedValue(value) };
  }
  const parsed = fileSchema.safeParse(file);
  if (parsed.success) return { config: completeConfig(parsed.data), file: parsed.data };
  const issue = parsed.error.issues[0]!;
  const { message, hint } = issueText(issue, valueAt(file, issue.path));
  return { error: `${issue.path.join(".")}: ${message}`, ...(hint === undefined ? {} : { hint }) };
}
