export * from "./load.ts";
export * from "./simulator.ts";
