export * from "./expectations.ts";
export * from "./listeners.ts";
export * from "./load.ts";
export * from "./simulator.ts";
export * from "./snapshot.ts";
