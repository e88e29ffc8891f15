/** Every request that the adapter answers. */
import { breakpointHandlers } from "./breakpoints.ts";
import { dataBreakpointHandlers } from "./data-breakpoints.ts";
import { executionHandlers } from "./execution.ts";
import { expressionHandlers } from "./expressions.ts";
import type { Handlers } from "./handler.ts";
import { journeyHandlers } from "./journeys.ts";
import { lifecycleHandlers } from "./lifecycle.ts";
import { memoryHandlers } from "./memory.ts";
import { memoryViewHandlers } from "./memory-view.ts";
import { sourceHandlers } from "./sources.ts";
import { stackHandlers } from "./stack.ts";
import { tensorViewHandlers } from "./tensor-view.ts";
import { traceHandlers } from "./trace.ts";
import { variableHandlers } from "./variables.ts";

export const HANDLERS = {
  ...lifecycleHandlers,
  ...breakpointHandlers,
  ...dataBreakpointHandlers,
  ...executionHandlers,
  ...journeyHandlers,
  ...stackHandlers,
  ...variableHandlers,
  ...expressionHandlers,
  ...memoryHandlers,
  ...memoryViewHandlers,
  ...tensorViewHandlers,
  ...sourceHandlers,
  ...traceHandlers,
} as const satisfies Handlers;
