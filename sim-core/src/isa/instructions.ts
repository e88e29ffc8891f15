/** The one instruction table: every built-in row. Only the instruction set's builder imports it. */
import { DESCRIPTOR } from "./rows/descriptor.ts";
import { DMA } from "./rows/dma.ts";
import { HWLOOP } from "./rows/hwloop.ts";
import { NU } from "./rows/nu.ts";
import { RV32I } from "./rows/rv32i.ts";
import { RV32M } from "./rows/rv32m.ts";
import { SIMD } from "./rows/simd.ts";
import { SYNC } from "./rows/sync.ts";
import { TRACE } from "./rows/trace.ts";
import { VU } from "./rows/vu.ts";
import { XU } from "./rows/xu.ts";
import { ZICSR } from "./rows/zicsr.ts";
import type { InstructionRow } from "./types.ts";

export const INSTRUCTIONS = {
  ...RV32I,
  ...RV32M,
  ...ZICSR,
  ...HWLOOP,
  ...SIMD,
  ...DESCRIPTOR,
  ...SYNC,
  ...TRACE,
  ...DMA,
  ...NU,
  ...VU,
  ...XU,
} as const satisfies Record<string, InstructionRow>;

/** Every built-in mnemonic. Semantics are maps over this type: a missing one does not compile. */
export type Mnemonic = keyof typeof INSTRUCTIONS;
