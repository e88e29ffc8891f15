/** How fast this machine is at two fixed pieces of work, so that numbers of different machines can be set in proportion. */
import { cpus, loadavg } from "node:os";
import { measure } from "./measure.ts";

export interface Calibration {
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  /** Processes waiting for the cores when the run began; near 0 on a quiet machine. */
  readonly loadAverage: number;
  /** Steps of a dependent integer chain per second, in millions: the speed of one core. */
  readonly integerMSteps: number;
  /** Bytes copied per second, in millions: the speed of memory. */
  readonly copyMBytes: number;
  /** The loop's time, which results repeat as they were measured. */
  readonly loopMilliseconds: number;
}

const STEPS = 5_000_000;
const COPY_BYTES = 32 * 1024 * 1024;

let kept = 1;

/** A fixed piece of integer work, to be timed beside other things: it tells how busy the machine was meanwhile. */
export function integerLoop(): undefined {
  let x = kept | 1;
  for (let i = 0; i < STEPS; i++) x = (Math.imul(x, 1664525) + 1013904223) ^ (x >>> 7);
  kept = x;
}

export function calibrate(): Calibration {
  const source = new Uint8Array(COPY_BYTES).fill(1);
  const target = new Uint8Array(COPY_BYTES);
  const { integer, copy } = measure(
    {
      integer: integerLoop,
      copy: () => {
        target.set(source);
        return undefined;
      },
    },
    0.3,
  );
  const [cpu] = cpus();
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpu?.model.trim() ?? "unknown",
    cores: cpus().length,
    loadAverage: loadavg()[0] ?? 0,
    integerMSteps: STEPS / integer.bestSeconds / 1e6,
    loopMilliseconds: integer.bestSeconds * 1000,
    copyMBytes: COPY_BYTES / copy.bestSeconds / 1e6,
  };
}
