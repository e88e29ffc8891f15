/** The accelerators of the extension port. One is added by its module and a line here. */
import type { Accelerator } from "../accelerator.ts";
import { FFT } from "./fft.ts";
import { RESIZE } from "./resize.ts";

export const ACCELERATORS: readonly Accelerator[] = [FFT, RESIZE];
