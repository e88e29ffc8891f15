export * from "./perfetto.ts";
export * from "./recorder.ts";
