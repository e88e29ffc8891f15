export * from "./accelerator.ts";
export * from "./accelerators/index.ts";
export * from "./registers.ts";
export * from "./unit.ts";
export { prepareUserWork, type UserWork } from "./user-operation.ts";
