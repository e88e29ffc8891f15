export * from "./bound.ts";
export * from "./build.ts";
export * from "./model.ts";
