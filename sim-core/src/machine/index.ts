export * from "./arithmetic.ts";
export * from "./call-stack.ts";
export * from "./descriptor.ts";
export * from "./elements.ts";
export * from "./faults.ts";
export * from "./memory.ts";
export * from "./state.ts";
export * from "./weight-blocks.ts";
