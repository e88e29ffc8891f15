/** Traces of stretches of the run, for views that show them. */
import { wholeNumber } from "../convert.ts";
import { writeTrace } from "../written-trace.ts";
import type { Handlers } from "./handler.ts";

export const traceHandlers = {
  "nnasm/trace": async (state, { fromCycle, toCycle, path }) => ({
    path,
    toCycle: await writeTrace(state, wholeNumber("fromCycle", fromCycle, 0), wholeNumber("toCycle", toCycle, 0), path),
  }),
} as const satisfies Handlers;
