/** The debugger, without any protocol. */
export * from "./complete.ts";
export * from "./console.ts";
export * from "./debugger.ts";
export { addressOf, numberOf } from "./expression/evaluate.ts";
export { EvaluationError } from "./expression/types.ts";
export { restartFrame, stepBackOut } from "./history/frames.ts";
export { KeptMemory, type MemorySource } from "./history/kept-memory.ts";
export { type RecordingWatcher, recordRun } from "./history/recorded.ts";
export { type TracedStretch, traceStretch } from "./history/traced.ts";
export * from "./host.ts";
export * from "./inspect/disassembly.ts";
export { countText, hex32, percentText, type ValueFormat } from "./inspect/format.ts";
export { instructionAt, type Listing, listingName, listingOf } from "./inspect/listing.ts";
export type { Machine } from "./inspect/machine.ts";
export { readMemory, writeMemory } from "./inspect/memory.ts";
export { type MemoryMap, memoryMap } from "./inspect/memory-map.ts";
export { type MemorySearch, searchMemory } from "./inspect/memory-search.ts";
export type { NodeList, Scope, ValueNode } from "./inspect/node.ts";
export { FAULT_KINDS } from "./inspect/problem-names.ts";
export { csrRegister, generalRegister, programCounter } from "./inspect/registers.ts";
export { controlScopes, unitScopes } from "./inspect/scopes.ts";
export * from "./inspect/stack.ts";
export { queueOf, queueText, queueUnits, tokenText } from "./inspect/units.ts";
export { valueNode } from "./inspect/value.ts";
export * from "./options.ts";
export { withDataFiles } from "./program/data-files.ts";
export { type ModuleLoader, needsModule, withModule } from "./program/instructions.ts";
export { LaunchError } from "./program/launch-error.ts";
export * from "./program/lines.ts";
export * from "./program/load.ts";
export * from "./run/breakpoints.ts";
export { EventFilters, type EventKind } from "./run/event-filters.ts";
export type { OutputChunk } from "./run/output.ts";
export * from "./run/report.ts";
export { type StepTarget, stepInto, stepTargets } from "./run/step-targets.ts";
export { EVENT_STEPS, type EventStep, type Granularity, runTo } from "./run/steps.ts";
export * from "./run/stops.ts";
export {
  agent,
  type WatchAccess,
  type WatchPlace,
  type Watchpoint,
  Watchpoints,
  type WatchRequest,
} from "./run/watchpoints.ts";
export { difference, fileValues, realValues } from "./tensor/compared.ts";
export { type Raster, type RasterRequest, raster } from "./tensor/raster.ts";
export { type Box, statistics, type TensorStatistics } from "./tensor/statistics.ts";
export { fullText, tensorOf, typeText } from "./tensor/text.ts";
export { type Numbers, TensorValues } from "./tensor/values.ts";
export type { Quad, TensorView } from "./tensor/view.ts";
