export * from "./memory-map.ts";
export * from "./presets.ts";
export * from "./read.ts";
export * from "./schema.ts";
