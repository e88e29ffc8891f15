export * from "./call-paths.ts";
export * from "./commit-log.ts";
export * from "./event-log.ts";
export * from "./file/index.ts";
export * from "./layer-outputs.ts";
export * from "./perfetto.ts";
export * from "./pipeline.ts";
export * from "./recorder.ts";
