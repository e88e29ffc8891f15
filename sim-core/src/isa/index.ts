export * from "./csrs.ts";
export * from "./disassemble.ts";
export * from "./enums.ts";
export * from "./formats.ts";
export * from "./instruction-set.ts";
export type { Mnemonic } from "./instructions.ts";
export * from "./registers.ts";
export * from "./types.ts";
export type * from "./user-module.ts";
