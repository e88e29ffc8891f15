/**
 * Semantics of the instructions that the CU's loop leaves to functions: system, CSR, loops, descriptors, tokens,
 * markers and issues. A handler reads operands from the word, changes state, and answers how many cycles the
 * instruction holds EX beyond its own one; or a negative code (see CONTROL).
 */
import { DESCRIPTOR_HANDLERS } from "./descriptor-handlers.ts";
import { DMA_HANDLERS } from "./dma-handlers.ts";
import type { Handler, HandlerMnemonic } from "./handler.ts";
import { ISSUE_HANDLERS } from "./issue-handlers.ts";
import { SIMD_HANDLERS } from "./simd-handlers.ts";
import { SYNC_HANDLERS } from "./sync-handlers.ts";
import { SYSTEM_HANDLERS } from "./system-handlers.ts";
import { VU_HANDLERS } from "./vu-handlers.ts";
import { XU_HANDLERS } from "./xu-handlers.ts";

export const HANDLERS: { readonly [M in HandlerMnemonic]: Handler } = {
  ...SYSTEM_HANDLERS,
  ...SIMD_HANDLERS,
  ...DESCRIPTOR_HANDLERS,
  ...SYNC_HANDLERS,
  ...DMA_HANDLERS,
  ...ISSUE_HANDLERS,
  ...VU_HANDLERS,
  ...XU_HANDLERS,
};
