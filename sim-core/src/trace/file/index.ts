export * from "./columns.ts";
export * from "./format.ts";
export { InstructionBlocks, type TracedInstruction } from "./instruction-blocks.ts";
export { Accesses, BankUse, CONTESTED, Conflicts } from "./memory-columns.ts";
export { type Operand, Operands } from "./operands.ts";
export * from "./reader.ts";
export * from "./writer.ts";
