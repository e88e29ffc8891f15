export * from "./external.ts";
