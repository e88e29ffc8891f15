export * from "./convolution.ts";
export * from "./kernels.ts";
export * from "./matrix-product.ts";
