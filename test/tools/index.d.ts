export * from "./command.ts";
export * from "./external.ts";
