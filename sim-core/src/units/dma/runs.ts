/** Tensors as contiguous runs of bytes, and as dense data in the order of their own layout. */
import { DTYPE_BITS } from "../../isa/enums.ts";
import { elementBytes, extent, LAYOUT, type Memories, type Tensor } from "../../machine/index.ts";

/** Contiguous runs of a tensor as (address, bytes); dense axes are joined, so a dense tensor is one run. */
export function* runs(t: Tensor): Generator<{ address: number; bytes: number }> {
  if (t.layout === LAYOUT.blocked) {
    yield { address: t.base, bytes: extent(t).bytes };
    return;
  }
  // Axes from the innermost out, in the order in which they lie in memory.
  const axes =
    t.layout === LAYOUT.nchw
      ? ([
          [t.w, t.sw],
          [t.h, t.sh],
          [t.c, t.sc],
          [t.n, t.sn],
        ] as const)
      : ([
          [t.c, t.sc],
          [t.w, t.sw],
          [t.h, t.sh],
          [t.n, t.sn],
        ] as const);
  let bytes: number;
  let joined = 0;
  if (DTYPE_BITS[t.dtype]! < 8) {
    bytes = elementBytes(t.dtype, axes[0][0]);
    joined = 1;
  } else bytes = elementBytes(t.dtype, 1);
  while (joined < 4 && (axes[joined]![0] === 1 || axes[joined]![1] === bytes)) bytes *= axes[joined++]![0];
  const rest = axes.slice(joined);
  const total = rest.reduce((product, [count]) => product * count, 1);
  for (let i = 0; i < total; i++) {
    let address = t.base;
    let index = i;
    for (const [count, stride] of rest) {
      address += (index % count) * stride;
      index = Math.floor(index / count);
    }
    yield { address, bytes };
  }
}

/** Bursts that `bytes` bytes at `address` touch. */
export const burstsTouched = (address: number, bytes: number, burstBytes: number): number =>
  Math.floor((address + bytes - 1) / burstBytes) - Math.floor(address / burstBytes) + 1;

/** T-DMA-5: bursts that the runs of a tensor touch; runs don't share bursts. */
export function burstsOf(t: Tensor, burstBytes: number): number {
  let bursts = 0;
  for (const { address, bytes } of runs(t)) bursts += burstsTouched(address, bytes, burstBytes);
  return bursts;
}

/** Bytes of a tensor without the gaps of its strides; rows of elements below a byte end at whole bytes. */
export function denseBytes(t: Tensor): number {
  if (t.layout === LAYOUT.blocked) return extent(t).bytes;
  return t.layout === LAYOUT.nchw
    ? t.n * t.c * t.h * elementBytes(t.dtype, t.w)
    : t.n * t.h * t.w * elementBytes(t.dtype, t.c);
}

/** The tensor's bytes, dense, in the order of its layout. */
export function readDense(t: Tensor, memories: Memories): Uint8Array {
  const data = new Uint8Array(denseBytes(t));
  let at = 0;
  for (const { address, bytes } of runs(t)) {
    memories.readInto(address, data, at, bytes);
    at += bytes;
  }
  return data;
}

/** Writes dense bytes in the order of the tensor's layout to where its elements lie. */
export function writeDense(t: Tensor, data: Uint8Array, memories: Memories): void {
  let at = 0;
  for (const { address, bytes } of runs(t)) {
    memories.write(address, data.subarray(at, at + bytes));
    at += bytes;
  }
}
