/** The WebAssembly kernels of sim-core/kernels, and the memory that they work in. */
import { KERNELS } from "./kernels.generated.ts";

/** What sim-core/kernels exports; all addresses are bytes in the kernels' memory. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  widen(source: number, first: number, target: number, count: number, dtype: number, zero: number): void;
  unblock(
    source: number,
    firstOutput: number,
    outputs: number,
    taps: number,
    inputs: number,
    cip: number,
    cop: number,
    single: boolean,
    dtype: number,
    zero: number,
    target: number,
  ): void;
  pack(rows: number, rowBytes: number, length: number, target: number): void;
  packRows(rows: number, rowBytes: number, length: number, target: number): void;
  multiply(
    rows: number,
    rowCount: number,
    segments: number,
    segmentCount: number,
    pairs: number,
    panels: number,
    tiles: number,
    rowOffset: number,
    sumOffset: number,
  ): void;
  depthwise(rows: number, rowCount: number, taps: number, tapCount: number, weights: number, blocks: number): void;
  finish(
    sums: number,
    sumBytes: number,
    rowCount: number,
    groups: number,
    channels: number,
    table: number,
    requantised: boolean,
    dtype: number,
    zero: number,
    lo: number,
    hi: number,
    target: number,
    groupBytes: number,
  ): void;
}

const PAGE_BYTES = 65536;
/** What kernels may touch behind an operand. */
const SLACK_BYTES = 64;
/** The kernels' memory may grow to this; larger operations take the plain kernels. */
const MAX_BYTES = 1 << 30;

export class Kernels {
  readonly run: Exports;
  /** The whole memory; replaced when `reserve` lets it grow. */
  u8!: Uint8Array;
  i16!: Int16Array;
  i32!: Int32Array;
  private used = SLACK_BYTES;

  constructor() {
    this.run = new WebAssembly.Instance(new WebAssembly.Module(KERNELS)).exports as Exports;
    this.look();
  }

  /**
   * Gives regions of the memory, 16-aligned, with undefined content, until the next call.
   * @param sizes in bytes
   * @returns their addresses; undefined when they don't fit
   */
  reserve<Names extends string>(sizes: Readonly<Record<Names, number>>): Record<Names, number> | undefined {
    this.used = SLACK_BYTES;
    const addresses = {} as Record<Names, number>;
    for (const name of Object.keys(sizes) as Names[]) {
      addresses[name] = this.used;
      this.used += Math.ceil((sizes[name] + SLACK_BYTES) / 16) * 16;
    }
    if (this.used > MAX_BYTES) return undefined;
    const missing = this.used - this.u8.length;
    if (missing > 0) {
      this.run.memory.grow(Math.ceil(missing / PAGE_BYTES));
      this.look();
    }
    return addresses;
  }

  private look(): void {
    const { buffer } = this.run.memory;
    this.u8 = new Uint8Array(buffer);
    this.i16 = new Int16Array(buffer);
    this.i32 = new Int32Array(buffer);
  }
}

let kernels: Kernels | null | undefined;

function load(): Kernels | null {
  // A page's content security policy may forbid to compile what is valid.
  try {
    return WebAssembly.validate(KERNELS) ? new Kernels() : null;
  } catch {
    return null;
  }
}

/**
 * The kernels of this process: they keep nothing between operations, so that all machines share them.
 * @returns null where the host has no SIMD in WebAssembly; the plain loops then do the work, slowly
 */
export function simdKernels(): Kernels | null {
  if (kernels === undefined) kernels = load();
  return kernels;
}
