export * from "./advise.ts";
export * from "./expression.ts";
export * from "./facts.ts";
export * from "./metrics.ts";
export * from "./model.ts";
export * from "./recorder.ts";
export * from "./replay.ts";
export { RULES } from "./rules/index.ts";
export * from "./user-rules.ts";
