/** All rules, in the order of the manual. */
import type { Rule } from "../model.ts";
import { ACCUMULATORS, DEAD_TAPS, FOLD_TAPS, IDLE_CORES, PORT_WIDTH, WEIGHT_PREFETCH } from "./array.ts";
import { CONSTANT_LAYOUT, DDR_BOUND, REARRANGE_ON_THE_WAY } from "./bandwidth.ts";
import { DOUBLE_BUFFER, EXPLICIT_PADDING, NEEDLESS_COPY } from "./buffers.ts";
import { BATCH, SHORT_OPERATIONS } from "./chains.ts";
import {
  DDR_CODE,
  DDR_DATA,
  DESCRIPTOR_RELOAD,
  DIVIDE,
  HARDWARE_LOOP,
  LOAD_USE,
  PRODUCT_USE,
  SLOW_DATA,
} from "./control.ts";
import { IN_STRIPS, NEEDLESS_DEPENDENCY } from "./dependencies.ts";
import { CU_BOUND } from "./element-loops.ts";
import { OUTLIER } from "./layers.ts";
import { BANK_CONFLICTS } from "./memory.ts";
import { SYNC_COST } from "./round-trips.ts";
import { INCOMPLETE } from "./run.ts";
import { REMAINDER } from "./shape.ts";
import { CAPACITY, STARVED } from "./starvation.ts";
import { HEAD_OF_LINE, ISSUED_LATE, QUEUE_FULL, WAIT_IN_THE_UNIT } from "./synchronisation.ts";
import { IDLE_CHANNEL, PARTIAL_BURSTS, REDUNDANT_RELOAD, SMALL_TRANSFERS, SPILL_RELOAD } from "./transfers.ts";
import { FUNCTION_TABLE, SEPARATE_ACTIVATION } from "./vector.ts";
import { VU_BOUND } from "./vector-bound.ts";

export const RULES: readonly Rule[] = [
  STARVED,
  DOUBLE_BUFFER,
  SMALL_TRANSFERS,
  PARTIAL_BURSTS,
  IDLE_CHANNEL,
  REDUNDANT_RELOAD,
  SPILL_RELOAD,
  CAPACITY,
  REARRANGE_ON_THE_WAY,
  CONSTANT_LAYOUT,
  DDR_BOUND,
  NEEDLESS_COPY,
  EXPLICIT_PADDING,
  FOLD_TAPS,
  REMAINDER,
  DEAD_TAPS,
  WEIGHT_PREFETCH,
  ACCUMULATORS,
  PORT_WIDTH,
  IDLE_CORES,
  SHORT_OPERATIONS,
  BATCH,
  SEPARATE_ACTIVATION,
  FUNCTION_TABLE,
  VU_BOUND,
  BANK_CONFLICTS,
  WAIT_IN_THE_UNIT,
  ISSUED_LATE,
  HEAD_OF_LINE,
  QUEUE_FULL,
  NEEDLESS_DEPENDENCY,
  IN_STRIPS,
  SYNC_COST,
  CU_BOUND,
  LOAD_USE,
  PRODUCT_USE,
  DIVIDE,
  HARDWARE_LOOP,
  DDR_DATA,
  DDR_CODE,
  SLOW_DATA,
  DESCRIPTOR_RELOAD,
  OUTLIER,
  INCOMPLETE,
];
