export * from "./model.ts";
export { type PipelineRow, pipelineRows } from "./pipeline-rows.ts";
export type { Found } from "./search.ts";
export { Spans } from "./spans.ts";
export { Timeline } from "./timeline.ts";
