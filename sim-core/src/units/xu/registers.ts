/** Accelerators by number, and their registers as they are after reset. */
import { XU_ACCELERATORS, XU_REGISTERS } from "../../machine/index.ts";
import type { Accelerator } from "./accelerator.ts";
import { ACCELERATORS } from "./accelerators/index.ts";

const BY_NUMBER: readonly (Accelerator | undefined)[] = Array.from({ length: XU_ACCELERATORS }, (_, number) =>
  ACCELERATORS.find((accelerator) => accelerator.number === number),
);

export const acceleratorOf = (number: number): Accelerator | undefined => BY_NUMBER[number];

/** Registers of all accelerators after reset, XU_REGISTERS each. */
export function xuResetState(): Int32Array {
  const state = new Int32Array(XU_ACCELERATORS * XU_REGISTERS);
  for (const { number, registers } of ACCELERATORS) {
    registers.forEach(({ reset }, index) => {
      state[number * XU_REGISTERS + index] = reset;
    });
  }
  return state;
}

/** What xu.ident answers: the four letters, the first in the low byte. */
export const identOf = (accelerator: Accelerator | undefined): number =>
  accelerator ? [...accelerator.ident].reduce((word, letter, i) => word | (letter.charCodeAt(0) << (8 * i)), 0) : 0;
