/** Arguments without which a request means nothing, so that handlers can rely on the types that the schema promises. */
import { type Command, RequestError } from "./requests.ts";

type Kind = "string" | "number" | "object" | "array";

const REQUIRED: { readonly [C in Command]?: Readonly<Record<string, Kind>> } = {
  breakpointLocations: { source: "object", line: "number" },
  completions: { text: "string", column: "number" },
  dataBreakpointInfo: { name: "string" },
  disassemble: { memoryReference: "string", instructionCount: "number" },
  evaluate: { expression: "string" },
  goto: { threadId: "number", targetId: "number" },
  gotoTargets: { source: "object", line: "number" },
  next: { threadId: "number" },
  readMemory: { memoryReference: "string", count: "number" },
  "nnasm/address": { expression: "string" },
  "nnasm/lastWrite": { address: "number", bytes: "number" },
  "nnasm/memoryChanges": { address: "number", count: "number" },
  "nnasm/searchMemory": { pattern: "string", from: "number" },
  "nnasm/setMemoryBreakpoints": { breakpoints: "array" },
  "nnasm/tensor": { expression: "string" },
  "nnasm/tensorImage": { expression: "string", x: "number", y: "number", index: "array", slices: "array" },
  "nnasm/tensorStatistics": { expression: "string" },
  "nnasm/trace": { fromCycle: "number", toCycle: "number", path: "string" },
  "nnasm/goToCycle": { cycle: "number" },
  "nnasm/runTo": { source: "object", line: "number" },
  "nnasm/stepBackOut": { threadId: "number" },
  "nnasm/stepBackInto": { threadId: "number" },
  restartFrame: { frameId: "number" },
  reverseContinue: { threadId: "number" },
  scopes: { frameId: "number" },
  setBreakpoints: { source: "object" },
  setDataBreakpoints: { breakpoints: "array" },
  setExceptionBreakpoints: { filters: "array" },
  setExpression: { expression: "string", value: "string" },
  setFunctionBreakpoints: { breakpoints: "array" },
  setInstructionBreakpoints: { breakpoints: "array" },
  setVariable: { variablesReference: "number", name: "string", value: "string" },
  stackTrace: { threadId: "number" },
  stepBack: { threadId: "number" },
  stepIn: { threadId: "number" },
  stepInTargets: { frameId: "number" },
  stepOut: { threadId: "number" },
  variables: { variablesReference: "number" },
  writeMemory: { memoryReference: "string", data: "string" },
};

const kindOf = (value: unknown): string => (Array.isArray(value) ? "array" : value === null ? "null" : typeof value);

/** @throws RequestError that names the first argument that is missing or of the wrong type */
export function checkArguments(command: Command, arguments_: unknown): void {
  const given = (arguments_ ?? {}) as Readonly<Record<string, unknown>>;
  for (const [name, kind] of Object.entries(REQUIRED[command] ?? {})) {
    const found = kindOf(given[name]);
    if (found !== kind) throw new RequestError(`${command} needs "${name}", a value of type ${kind}`, false);
  }
}
