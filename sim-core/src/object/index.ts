export * from "./model.ts";
export { R_RISCV, relocationName } from "./relocations.ts";
