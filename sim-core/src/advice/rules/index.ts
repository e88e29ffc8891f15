/** All rules, in the order of the manual. */
import type { Rule } from "../model.ts";
import { FOLD_TAPS, WEIGHT_PREFETCH } from "./array.ts";
import { WAIT_IN_THE_UNIT } from "./synchronisation.ts";

export const RULES: readonly Rule[] = [FOLD_TAPS, WEIGHT_PREFETCH, WAIT_IN_THE_UNIT];
