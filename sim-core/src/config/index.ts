export { type ConfigSuggestion, configHelp, configSuggestions } from "./help.ts";
export * from "./json-document.ts";
export type { LayoutConfig, LayoutRule } from "./layout.ts";
export * from "./memory-map.ts";
export * from "./override.ts";
export * from "./presets.ts";
export * from "./read.ts";
export * from "./schema.ts";
