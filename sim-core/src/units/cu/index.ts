export * from "./code-memory.ts";
export * from "./code-page.ts";
export * from "./control-unit.ts";
export { readCsr, writeCsr } from "./csr-file.ts";
export { MMIO } from "./data-access.ts";
export * from "./host.ts";
export * from "./op.ts";
export * from "./timing.ts";
