export * from "./columns.ts";
export * from "./format.ts";
export { InstructionBlocks, type TracedInstruction } from "./instruction-blocks.ts";
export * from "./reader.ts";
export * from "./writer.ts";
