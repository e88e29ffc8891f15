export { addConvolution, addMatrixProduct, maskBlockOf } from "./convolution.ts";
export * from "./tensors.ts";
export * from "./timing.ts";
export * from "./unit.ts";
export * from "./work.ts";
