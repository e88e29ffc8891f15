export * from "./bound.ts";
export * from "./build.ts";
export * from "./metrics.ts";
export * from "./model.ts";
export * from "./tree.ts";
