/** Attributes of a launch configuration, checked. */
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
}

/** @throws RequestError that names the attribute and what it takes */
export function readLaunch(raw: unknown): LaunchAttributes {
  const attributes = (typeof raw === "object" && raw !== null ? raw : {}) as Readonly<Record<string, unknown>>;
  const text = (name: string): string | undefined => {
    const value = attributes[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === "string" && value.trim() !== "") return value;
    throw wrong(name, "a text", value);
  };
  const flag = (name: string): boolean => {
    const value = attributes[name] ?? false;
    if (typeof value === "boolean") return value;
    throw wrong(name, "true or false", value);
  };
  const program = text("program");
  if (program === undefined) {
    throw new RequestError('the launch configuration has no "program": name a .nnasm source or an ELF file');
  }
  const maxCycles = attributes.maxCycles ?? undefined;
  if (maxCycles !== undefined && !(Number.isSafeInteger(maxCycles) && (maxCycles as number) > 0)) {
    throw wrong("maxCycles", "a whole number above 0", maxCycles);
  }
  const config = text("config");
  const cwd = text("cwd");
  return {
    program,
    ...(config === undefined ? {} : { config }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(maxCycles === undefined ? {} : { maxCycles: maxCycles as number }),
    stopOnEntry: flag("stopOnEntry"),
    noDebug: flag("noDebug"),
    profile: flag("profile"),
  };
}

function wrong(name: string, wanted: string, value: unknown): RequestError {
  return new RequestError(`"${name}" in the launch configuration takes ${wanted}, not ${JSON.stringify(value)}`);
}
