/** Breakpoints of all kinds. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import {
  type Breakpoint,
  type BreakpointPlace,
  type BreakpointRequest,
  type EventKind,
  instructionAt,
  lineFromZero,
  listingOf,
} from "../../runtime/index.ts";
import { addressOfReference, reference, sourceOf } from "../convert.ts";
import { RequestError } from "../requests.ts";
import type { SessionState } from "../state.ts";
import { filtersOfOption } from "./exception-options.ts";
import type { Handlers } from "./handler.ts";
import { LISTING, listingSource } from "./sources.ts";

type Conditions = Pick<DebugProtocol.SourceBreakpoint, "condition" | "hitCondition" | "logMessage">;

const conditionsOf = ({ condition, hitCondition, logMessage }: Conditions): Omit<BreakpointRequest, "place"> => ({
  ...(condition === undefined ? {} : { condition }),
  ...(hitCondition === undefined ? {} : { hitCondition }),
  ...(logMessage === undefined ? {} : { logMessage }),
});

function placeOf(state: SessionState, file: string, one: DebugProtocol.SourceBreakpoint): BreakpointPlace {
  const column = one.column === undefined ? {} : { column: state.client.column(one.column) };
  return { kind: "line", file, line: state.client.line(one.line), ...column };
}

export function protocolBreakpoint(state: SessionState, breakpoint: Breakpoint): DebugProtocol.Breakpoint {
  const { id, addresses, file, line, column, problem } = breakpoint;
  const [first] = addresses;
  return {
    id,
    verified: problem === undefined,
    ...(problem === undefined ? {} : { message: problem, reason: "failed" as const }),
    ...(file === undefined ? {} : { source: sourceOf(file) }),
    ...(line === undefined ? {} : { line: state.client.clientLine(line) }),
    ...(column === undefined ? {} : { column: state.client.clientColumn(column) }),
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

const EVENTS: readonly EventKind[] = ["trap", "finding", "layer", "issued", "started", "completed", "stalled", "cycle"];
const isEvent = (name: string): name is EventKind => (EVENTS as readonly string[]).includes(name);

/** Filters that are asked for twice hold when either does; one without a condition always holds. */
function either<K>(known: ReadonlyMap<K, string | undefined>, kind: K, condition: string | undefined) {
  if (!known.has(kind)) return condition;
  const before = known.get(kind);
  return before === undefined || condition === undefined ? undefined : `(${before}) || (${condition})`;
}

const verdict = (filterIds: readonly string[], flaws: ReadonlyMap<string, string>): DebugProtocol.Breakpoint => {
  const message = filterIds.map((filterId) => flaws.get(filterId)).find((flaw) => flaw !== undefined);
  return message === undefined ? { verified: true } : { verified: false, message };
};

/** Breakpoints in the listing of all code stand at its instructions. */
function listingBreakpoints(state: SessionState, wanted: readonly DebugProtocol.SourceBreakpoint[]) {
  const { client } = state;
  const listing = listingOf(state.debugger.machine);
  // Lines of the debugger count from one, those of the listing from zero.
  const places = wanted.map(({ line }) => instructionAt(listing, client.line(line) - 1));
  const { breakpoints } = replace(
    state,
    "listing",
    wanted.map((one, index) => ({
      place: { kind: "instruction", address: places[index]?.address ?? -1 },
      ...conditionsOf(one),
    })),
  );
  return {
    breakpoints: breakpoints.map((breakpoint, index) => {
      const place = places[index];
      if (!place) return { ...breakpoint, message: "there is no code at or behind this line" };
      return { ...breakpoint, source: listingSource(state), line: client.clientLine(lineFromZero(place.line)) };
    }),
  };
}

export const breakpointHandlers = {
  setBreakpoints: (state, { source, breakpoints, lines }) => {
    if (source.path === undefined && source.sourceReference === LISTING) {
      return listingBreakpoints(state, breakpoints ?? (lines ?? []).map((line) => ({ line })));
    }
    const file = source.path;
    if (file === undefined) throw new RequestError("breakpoints need a source with a path");
    const wanted = breakpoints ?? (lines ?? []).map((line): DebugProtocol.SourceBreakpoint => ({ line }));
    return replace(
      state,
      `lines ${state.files.keyOf(file)}`,
      wanted.map((one) => ({ place: placeOf(state, file, one), ...conditionsOf(one) })),
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
  setExceptionBreakpoints: (state, { filters, filterOptions = [], exceptionOptions = [] }) => {
    const asked = [
      ...filters.map((filterId): DebugProtocol.ExceptionFilterOptions => ({ filterId })),
      ...filterOptions,
    ];
    const wanted = [...asked, ...exceptionOptions.flatMap(filtersOfOption)];
    const flaws = new Map<string, string>();
    const endings = new Map<string, string | undefined>();
    const events = new Map<EventKind, string | undefined>();
    for (const { filterId, condition } of wanted) {
      if (filterId === "fault" || filterId === "deadlock") endings.set(filterId, either(endings, filterId, condition));
      else if (isEvent(filterId)) events.set(filterId, either(events, filterId, condition));
      else flaws.set(filterId, `there is no exception filter ${filterId}`);
    }
    state.endingFilters = endings;
    for (const [kind, flaw] of state.eventFilters.replace(events)) flaws.set(kind, flaw);
    if (state.hasProgram) state.debugger.plant();
    return {
      breakpoints: [
        ...asked.map(({ filterId }) => verdict([filterId], flaws)),
        ...exceptionOptions.map((option) =>
          verdict(
            filtersOfOption(option).map(({ filterId }) => filterId),
            flaws,
          ),
        ),
      ],
    };
  },
  breakpointLocations: (state, { source, line, endLine }) => {
    const { client } = state;
    const first = client.line(line);
    const last = client.line(endLine ?? line);
    const statements = source.path ? state.debugger.machine.sources.statementsBetween(source.path, first, last) : [];
    return {
      breakpoints: statements.map((found) => ({
        line: client.clientLine(found.line),
        column: client.clientColumn(found.column),
      })),
    };
  },
} as const satisfies Handlers;
