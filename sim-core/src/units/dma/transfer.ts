/** What a DMA channel is asked to do, checked when it is issued, and its effects on memory. */
import type { MachineConfig } from "../../config/index.ts";
import { DTYPE_BITS } from "../../isa/enums.ts";
import {
  blockedBytes,
  blockedIndex,
  checkDescriptor,
  DTYPE,
  dtypeName,
  elementBytes,
  elements,
  extent,
  hex,
  LAYOUT,
  layoutName,
  MachineFault,
  type Memories,
  shapeText,
  type Tensor,
  tensorMemory,
} from "../../machine/index.ts";

export type DmaKind = "ld" | "st" | "copy" | "ldw" | "fill";

export interface DmaWork {
  readonly kind: DmaKind;
  readonly out: Tensor;
  /** Undefined for fills. */
  readonly input: Tensor | undefined;
  /** Fill value. */
  readonly value: number;
  /** Bursts on the DDR bus, 0 for transfers on chip, and their direction. */
  readonly bursts: number;
  readonly write: boolean;
  /** Bytes that pass the channel's on-chip side. */
  readonly localBytes: number;
}

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

/** Bursts that the runs of a tensor touch; runs don't share bursts. */
function burstsOf(t: Tensor, burstBytes: number): number {
  let bursts = 0;
  for (const { address, bytes } of runs(t)) {
    bursts += Math.floor((address + bytes - 1) / burstBytes) - Math.floor(address / burstBytes) + 1;
  }
  return bursts;
}

function place(t: Tensor, role: string, allowed: readonly string[], memories: Memories): string {
  const memory = tensorMemory(t, memories);
  if (memory && allowed.includes(memory)) return memory;
  const { address, bytes } = extent(t);
  const where = memory ? `lies in ${memory.toUpperCase()}` : "doesn't lie within one memory";
  throw new MachineFault(
    "tensorMemory",
    t.base,
    `${role}: ${shapeText(t)} at ${hex(address)}, ${bytes} bytes, ${where}; this transfer takes ${allowed.join(" or ").toUpperCase()}`,
  );
}

const SOURCES: Readonly<Record<DmaKind, readonly string[]>> = {
  ld: ["ddr"],
  st: ["dm", "wm"],
  copy: ["dm", "wm"],
  ldw: ["ddr", "dm"],
  fill: [],
};
const TARGETS: Readonly<Record<DmaKind, readonly string[]>> = {
  ld: ["dm", "wm"],
  st: ["ddr"],
  copy: ["dm", "wm"],
  ldw: ["wm"],
  fill: ["dm", "wm", "ddr"],
};

/**
 * Checks a transfer when it is issued.
 * @throws MachineFault for shapes, types and places that don't fit
 */
export function prepareDmaWork(
  kind: DmaKind,
  out: Tensor,
  input: Tensor | undefined,
  value: number,
  config: MachineConfig,
  memories: Memories,
): DmaWork {
  checkDescriptor(out, "destination");
  if (input) {
    checkDescriptor(input, "source");
    if (input.dtype !== out.dtype) {
      const names = `${dtypeName(input.dtype)} and ${dtypeName(out.dtype)}`;
      throw new MachineFault("type", out.base, `source and destination differ in data type: ${names}`);
    }
    if (input.n !== out.n || input.h !== out.h || input.w !== out.w || input.c !== out.c) {
      const shapes = `${shapeText(input)} and ${shapeText(out)}`;
      throw new MachineFault("shape", out.base, `source and destination differ in shape: ${shapes}`);
    }
    checkLayouts(kind, out, input, config);
  } else if (out.layout === LAYOUT.blocked) {
    throw new MachineFault("type", out.base, "a fill doesn't take the blocked layout", "fill it as a 1-D int8 tensor");
  }
  const target = place(out, "destination", TARGETS[kind], memories);
  const source = input ? place(input, "source", SOURCES[kind], memories) : undefined;
  const write = target === "ddr";
  const external = write ? out : source === "ddr" ? input : undefined;
  return {
    kind,
    out,
    input,
    value,
    write,
    bursts: external ? burstsOf(external, config.ddr.burstBytes) : 0,
    localBytes: elementBytes(out.dtype, elements(out)),
  };
}

function checkLayouts(kind: DmaKind, out: Tensor, input: Tensor, config: MachineConfig): void {
  if (kind === "ldw") {
    if (input.layout !== LAYOUT.nhwc || out.layout !== LAYOUT.blocked) {
      const layouts = `${layoutName(input.layout)} to ${layoutName(out.layout)}`;
      throw new MachineFault("type", out.base, `dma.ldw goes from nhwc (OHWI) to blocked, not from ${layouts}`);
    }
    if (out.cip !== config.nu.cip || out.cop !== config.nu.cop) {
      throw new MachineFault(
        "type",
        out.base,
        `the destination is blocked for an array of ${out.cip} x ${out.cop}, this machine has ${config.nu.cip} x ${config.nu.cop}`,
        "assemble the program for the active configuration",
      );
    }
    if (out.dtype !== DTYPE.int8 && out.dtype !== DTYPE.uint8) {
      throw new MachineFault("type", out.base, `dma.ldw takes int8 and uint8 weights, not ${dtypeName(out.dtype)}`);
    }
    return;
  }
  if (input.layout !== out.layout) {
    const layouts = `${layoutName(input.layout)} and ${layoutName(out.layout)}`;
    throw new MachineFault("type", out.base, `source and destination differ in layout: ${layouts}`);
  }
  if (input.layout === LAYOUT.blocked && (input.cip !== out.cip || input.cop !== out.cop)) {
    throw new MachineFault("type", out.base, "source and destination are blocked for different arrays");
  }
}

function copy(input: Tensor, out: Tensor, memories: Memories): void {
  // Read everything first: overlapping tensors then behave as if copied at once.
  const data = new Uint8Array(elementBytes(out.dtype, elements(out)) + out.n * out.h * out.w);
  let at = 0;
  for (const { address, bytes } of runs(input)) {
    memories.readInto(address, data.length >= at + bytes ? data : grow(data), at, bytes);
    at += bytes;
  }
  at = 0;
  for (const { address, bytes } of runs(out)) {
    memories.write(address, data.subarray(at, at + bytes));
    at += bytes;
  }
}

function grow(data: Uint8Array): never {
  throw new RangeError(`a tensor's runs exceed its ${data.length} bytes`);
}

function loadWeights(input: Tensor, out: Tensor, memories: Memories): void {
  const data = new Uint8Array(blockedBytes(out, out.cip, out.cop)).fill(out.zeroPoint & 0xff);
  for (let o = 0; o < input.n; o++) {
    for (let kh = 0; kh < input.h; kh++) {
      for (let kw = 0; kw < input.w; kw++) {
        const address = input.base + o * input.sn + kh * input.sh + kw * input.sw;
        const row = memories.read(address, (input.c - 1) * input.sc + 1);
        for (let i = 0; i < input.c; i++) {
          data[blockedIndex(out, out.cip, out.cop, o, kh, kw, i)] = row[i * input.sc]!;
        }
      }
    }
  }
  memories.write(out.base, data);
}

function fill(out: Tensor, value: number, memories: Memories): void {
  const bits = DTYPE_BITS[out.dtype]!;
  const pattern = bits >= 32 ? value : (value & (2 ** bits - 1)) * (bits < 8 ? 255 / (2 ** bits - 1) : 1);
  const size = Math.max(1, bits / 8);
  for (const { address, bytes } of runs(out)) {
    const data = new Uint8Array(bytes);
    for (let i = 0; i < bytes; i++) data[i] = (pattern >>> (8 * (i % size))) & 0xff;
    memories.write(address, data);
  }
}

/** Performs all memory effects of a transfer. */
export function executeDmaWork(work: DmaWork, memories: Memories): void {
  switch (work.kind) {
    case "ld":
    case "st":
    case "copy":
      copy(work.input!, work.out, memories);
      break;
    case "ldw":
      loadWeights(work.input!, work.out, memories);
      break;
    case "fill":
      fill(work.out, work.value, memories);
      break;
  }
}
