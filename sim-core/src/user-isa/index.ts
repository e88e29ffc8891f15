export * from "./bind.ts";
export * from "./read.ts";
export { instructionJsonSchema } from "./schema.ts";
