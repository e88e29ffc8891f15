export { type BranchWays, branchDistance, type InstructionCounts, machineCounts } from "./counts.ts";
export { lcovText } from "./lcov.ts";
export { type MeasuredProgram, measureCoverage } from "./measure.ts";
export { mergeCoverage } from "./merge.ts";
export * from "./model.ts";
export { TensorTypes } from "./tensor-types.ts";
