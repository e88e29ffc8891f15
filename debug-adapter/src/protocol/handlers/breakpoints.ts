/** Breakpoints of all kinds. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Breakpoint, BreakpointRequest } from "../../runtime/index.ts";
import { EXCEPTION_FILTERS, type ExceptionFilter } from "../capabilities.ts";
import { addressOfReference, reference, sourceOf } from "../convert.ts";
import { RequestError } from "../requests.ts";
import type { SessionState } from "../state.ts";
import type { Handlers } from "./handler.ts";

type Conditions = Pick<DebugProtocol.SourceBreakpoint, "condition" | "hitCondition" | "logMessage">;

const conditionsOf = ({ condition, hitCondition, logMessage }: Conditions): Omit<BreakpointRequest, "place"> => ({
  ...(condition === undefined ? {} : { condition }),
  ...(hitCondition === undefined ? {} : { hitCondition }),
  ...(logMessage === undefined ? {} : { logMessage }),
});

export function protocolBreakpoint(state: SessionState, breakpoint: Breakpoint): DebugProtocol.Breakpoint {
  const { id, addresses, file, line, problem } = breakpoint;
  const [first] = addresses;
  return {
    id,
    verified: problem === undefined,
    ...(problem === undefined ? {} : { message: problem, reason: "failed" as const }),
    ...(file === undefined ? {} : { source: sourceOf(file) }),
    ...(line === undefined ? {} : { line: state.client.clientLine(line) }),
    ...(first === undefined ? {} : { instructionReference: reference(first) }),
  };
}

function replace(
  state: SessionState,
  group: string,
  requests: readonly BreakpointRequest[],
): { breakpoints: DebugProtocol.Breakpoint[] } {
  const breakpoints = state.breakpoints.replace(group, requests);
  if (state.hasProgram) state.debugger.plant();
  return { breakpoints: breakpoints.map((breakpoint) => protocolBreakpoint(state, breakpoint)) };
}

export const breakpointHandlers = {
  setBreakpoints: (state, { source, breakpoints, lines }) => {
    const file = source.path;
    if (file === undefined) throw new RequestError("breakpoints need a source with a path");
    const wanted = breakpoints ?? (lines ?? []).map((line): DebugProtocol.SourceBreakpoint => ({ line }));
    return replace(
      state,
      `lines ${state.files.keyOf(file)}`,
      wanted.map((one) => ({ place: { kind: "line", file, line: state.client.line(one.line) }, ...conditionsOf(one) })),
    );
  },
  setFunctionBreakpoints: (state, { breakpoints }) =>
    replace(
      state,
      "functions",
      breakpoints.map((one) => ({ place: { kind: "function", name: one.name.trim() }, ...conditionsOf(one) })),
    ),
  setInstructionBreakpoints: (state, { breakpoints }) =>
    replace(
      state,
      "instructions",
      breakpoints.map((one) => {
        const address = addressOfReference(one.instructionReference) + (one.offset ?? 0);
        return { place: { kind: "instruction", address }, ...conditionsOf(one) };
      }),
    ),
  setExceptionBreakpoints: (state, { filters }) => {
    const known = (name: string): name is ExceptionFilter => EXCEPTION_FILTERS.some(({ filter }) => filter === name);
    state.exceptionFilters = new Set(filters.filter(known));
    return {
      breakpoints: filters.map((name) =>
        known(name) ? { verified: true } : { verified: false, message: `there is no exception filter ${name}` },
      ),
    };
  },
  breakpointLocations: (state, { source, line, endLine }) => {
    const { client } = state;
    const first = client.line(line);
    const last = client.line(endLine ?? line);
    const lines = source.path ? state.debugger.machine.sources.linesWithCode(source.path, first, last) : [];
    return { breakpoints: lines.map((found) => ({ line: client.clientLine(found) })) };
  },
} as const satisfies Handlers;
