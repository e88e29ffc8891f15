/** How control goes from one piece of a program to another. */
import type { Registers } from "./values.ts";
import type { Working } from "./working.ts";

/** How control comes to a block. */
export interface Arrival {
  readonly registers: Registers;
  readonly working: Working;
}

/** How control leaves a piece; what is known of registers is packed. */
export interface Departure {
  readonly known: readonly number[];
  readonly working: Working;
}
