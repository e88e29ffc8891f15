export * from "./race-check.ts";
