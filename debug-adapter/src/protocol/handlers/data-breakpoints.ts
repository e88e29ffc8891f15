/** Data breakpoints. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { EvaluationError, type WatchPlace, type Watchpoint } from "../../runtime/index.ts";
import { addressOfReference } from "../convert.ts";
import { CHANGE_MODE, dataIdOf, watchOfDataId } from "../data-ids.ts";
import type { SessionState } from "../state.ts";
import type { Handlers } from "./handler.ts";
import { nodeOf } from "./variables.ts";

/** What the request means: an address with bytes, a variable of a list, or an expression. */
function placeOf(state: SessionState, arguments_: DebugProtocol.DataBreakpointInfoArguments): WatchPlace | undefined {
  const { name, asAddress, bytes = 4, variablesReference } = arguments_;
  if (asAddress) return { kind: "memory", address: addressOfReference(name), bytes };
  if (variablesReference === undefined) return { kind: "expression", text: name };
  const { expression, address, bytes: width } = nodeOf(state, variablesReference, name);
  if (expression !== undefined) return { kind: "expression", text: expression };
  return address !== undefined && width !== undefined ? { kind: "memory", address, bytes: width } : undefined;
}

export function protocolWatchpoint({ id, problem }: Watchpoint): DebugProtocol.Breakpoint {
  if (problem === undefined) return { id, verified: true };
  return { id, verified: false, message: problem, reason: "failed" };
}

export const dataBreakpointHandlers = {
  dataBreakpointInfo: (state, arguments_) => {
    // Throws when there is no program, before anything is looked for in it.
    const { debugger: run } = state;
    const place = placeOf(state, arguments_);
    const { mode } = arguments_;
    if (!place) return { dataId: null, description: `${arguments_.name} can't be watched` };
    try {
      const { text, isRegister } = run.describeWatch(place);
      const isChange = mode === CHANGE_MODE;
      return {
        dataId: dataIdOf(place, mode),
        description: isChange && !isRegister ? `${text}, changes only` : text,
        accessTypes: isRegister || isChange ? ["write"] : ["read", "write", "readWrite"],
        canPersist: place.kind === "expression",
      };
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      return { dataId: null, description: error.message };
    }
  },
  setDataBreakpoints: (state, { breakpoints }) => {
    const theirs = state.setWatches(
      "client",
      breakpoints.map(({ dataId, accessType = "write", condition, hitCondition }) => ({
        ...watchOfDataId(dataId, accessType),
        ...(condition === undefined ? {} : { condition }),
        ...(hitCondition === undefined ? {} : { hitCondition }),
      })),
    );
    return { breakpoints: theirs.map(protocolWatchpoint) };
  },
} as const satisfies Handlers;
