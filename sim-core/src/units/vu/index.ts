export { vuCycles } from "./timing.ts";
export { VectorUnit, type VuOperation } from "./unit.ts";
export { BINARY_KINDS, prepareVuWork, UNARY_KINDS, VU_KINDS, type VuKind, type VuWork } from "./work.ts";
