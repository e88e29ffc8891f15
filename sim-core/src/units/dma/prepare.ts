/** Checks of transfers when they are issued: shapes, types, layouts, places (machine manual, "Transfers"). */
import type { MachineConfig } from "../../config/index.ts";
import { DTYPE_BITS, ENUMS } from "../../isa/enums.ts";
import {
  type AddressSpace,
  checkDescriptor,
  DTYPE,
  dmaResetState,
  dtypeName,
  extent,
  hex,
  LAYOUT,
  layoutName,
  MachineFault,
  shapeText,
  type Tensor,
  tensorMemory,
} from "../../machine/index.ts";
import type { DmaKind, DmaWork } from "./work.ts";

const F = ENUMS.dmafield;
/** Streams begin at such an address, so that a burst of at least that size brings their header. */
const STREAM_ALIGN = 16;

type MemoryList = readonly ("dm" | "wm" | "ddr")[];
const ON_CHIP: MemoryList = ["dm", "wm"];
const DATA: MemoryList = ["dm", "ddr"];

const PLACES: Readonly<Record<DmaKind, { source: MemoryList; target: MemoryList }>> = {
  ld: { source: ["ddr"], target: ON_CHIP },
  st: { source: ON_CHIP, target: ["ddr"] },
  copy: { source: ON_CHIP, target: ON_CHIP },
  ldw: { source: ["ddr", "dm"], target: ["wm"] },
  fill: { source: [], target: ["dm", "wm", "ddr"] },
  trans: { source: DATA, target: DATA },
  pad: { source: DATA, target: DATA },
  gather: { source: DATA, target: ON_CHIP },
  ldz: { source: ["ddr"], target: ON_CHIP },
  stz: { source: ON_CHIP, target: ["ddr"] },
};

function typeFault(t: Tensor, message: string, hint?: string): never {
  throw new MachineFault("type", t.base, message, hint);
}

function shapeFault(t: Tensor, message: string, hint?: string): never {
  throw new MachineFault("shape", t.base, message, hint);
}

function place(t: Tensor, role: string, allowed: readonly string[], memories: AddressSpace): string {
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

function sameType(out: Tensor, input: Tensor): void {
  if (input.dtype !== out.dtype) {
    typeFault(out, `source and destination differ in data type: ${dtypeName(input.dtype)} and ${dtypeName(out.dtype)}`);
  }
}

function sameShape(out: Tensor, input: Tensor): void {
  if (input.n !== out.n || input.h !== out.h || input.w !== out.w || input.c !== out.c) {
    shapeFault(out, `source and destination differ in shape: ${shapeText(input)} and ${shapeText(out)}`);
  }
}

function sameLayout(out: Tensor, input: Tensor): void {
  if (input.layout !== out.layout) {
    typeFault(
      out,
      `source and destination differ in layout: ${layoutName(input.layout)} and ${layoutName(out.layout)}`,
      "dma.trans changes the layout",
    );
  }
  if (input.layout === LAYOUT.blocked && (input.cip !== out.cip || input.cop !== out.cop)) {
    typeFault(out, "source and destination are blocked for different arrays");
  }
}

function checkWeights(out: Tensor, input: Tensor, config: MachineConfig): void {
  if (input.layout !== LAYOUT.nhwc || out.layout !== LAYOUT.blocked) {
    const layouts = `${layoutName(input.layout)} to ${layoutName(out.layout)}`;
    typeFault(out, `dma.ldw goes from nhwc (OHWI) to blocked, not from ${layouts}`);
  }
  if (out.cip !== config.nu.cip || out.cop !== config.nu.cop) {
    typeFault(
      out,
      `the destination is blocked for an array of ${out.cip} x ${out.cop}, this machine has ${config.nu.cip} x ${config.nu.cop}`,
      "assemble the program for the active configuration",
    );
  }
}

function wholeBytes(t: Tensor, name: string): void {
  if (DTYPE_BITS[t.dtype]! < 8) typeFault(t, `${name} takes elements of whole bytes, not ${dtypeName(t.dtype)}`);
}

function checkTranspose(out: Tensor, input: Tensor): void {
  const pair = [input.layout, out.layout];
  if (!pair.includes(LAYOUT.nhwc) || !pair.includes(LAYOUT.nchw)) {
    const layouts = `${layoutName(input.layout)} to ${layoutName(out.layout)}`;
    typeFault(out, `dma.trans goes between nhwc and nchw, not from ${layouts}`);
  }
  wholeBytes(out, "dma.trans");
}

function checkPad(out: Tensor, input: Tensor, state: Int32Array): void {
  if (out.layout === LAYOUT.blocked) typeFault(out, "dma.pad doesn't take the blocked layout");
  if (out.layout === LAYOUT.nchw) wholeBytes(out, "dma.pad of the nchw layout");
  const h = state[F.padt]! + input.h + state[F.padb]!;
  const w = state[F.padl]! + input.w + state[F.padr]!;
  if (out.n !== input.n || out.h !== h || out.w !== w || out.c !== input.c) {
    shapeFault(
      out,
      `the padded destination's shape must be ${input.n}x${h}x${w}x${input.c}, it is ${shapeText(out)}`,
      "set the padding with dma.margin",
    );
  }
}

function checkGather(out: Tensor, input: Tensor, index: Tensor, memories: AddressSpace): void {
  checkDescriptor(index, "indices");
  if (input.layout !== LAYOUT.nhwc) typeFault(input, `dma.gather takes the nhwc layout, not ${layoutName(out.layout)}`);
  if (index.dtype !== DTYPE.int16 && index.dtype !== DTYPE.int32) {
    typeFault(index, `indices are int16 or int32, not ${dtypeName(index.dtype)}`);
  }
  if (index.n !== 1 || index.h !== 1 || index.w !== 1 || index.layout === LAYOUT.blocked) {
    shapeFault(index, `indices have shape 1x1x1xC, not ${shapeText(index)}`);
  }
  place(index, "indices", ["dm"], memories);
  if (out.n !== input.n || out.h !== index.c || out.w !== input.w || out.c !== input.c) {
    const expected = `${input.n}x${index.c}x${input.w}x${input.c}`;
    shapeFault(out, `the destination's shape must be ${expected}, it is ${shapeText(out)}`);
  }
}

/** A compressed tile lies in a run of bytes; the tensor beside it has whole-byte elements. */
function checkStream(tile: Tensor, map: Tensor, name: string): void {
  const { n, h, w, c, sc, layout } = tile;
  if (n !== 1 || h !== 1 || w !== 1 || layout !== LAYOUT.nhwc || (c > 1 && sc !== 1)) {
    shapeFault(tile, `a compressed tile lies in a contiguous 1x1x1xC tensor, not ${shapeText(tile)}`);
  }
  if (tile.dtype !== DTYPE.int8 && tile.dtype !== DTYPE.uint8) {
    typeFault(tile, `a compressed tile lies in an int8 or uint8 tensor, not ${dtypeName(tile.dtype)}`);
  }
  if (tile.base % STREAM_ALIGN !== 0 || c < STREAM_ALIGN) {
    throw new MachineFault(
      "tensorMemory",
      tile.base,
      `a compressed tile begins at a multiple of ${STREAM_ALIGN} and has at least ${STREAM_ALIGN} bytes; this one is at ${hex(tile.base)} with ${c}`,
      "put .balign 16 in front of it",
    );
  }
  if (map.layout === LAYOUT.blocked) typeFault(map, `${name} doesn't take the blocked layout`);
  wholeBytes(map, name);
}

function checkPair(
  work: DmaWork,
  input: Tensor,
  state: Int32Array,
  config: MachineConfig,
  memories: AddressSpace,
): void {
  const { kind, out } = work;
  if (kind === "ldz") checkStream(input, out, "dma.ldz");
  else if (kind === "stz") checkStream(out, input, "dma.stz");
  else {
    sameType(out, input);
    if (kind !== "pad" && kind !== "gather") sameShape(out, input);
    if (kind !== "ldw" && kind !== "trans") sameLayout(out, input);
    if (kind === "ldw") checkWeights(out, input, config);
    if (kind === "trans") checkTranspose(out, input);
    if (kind === "pad") checkPad(out, input, state);
    if (kind === "gather") checkGather(out, input, work.index!, memories);
  }
}

/** What some transfers need beside source and destination. */
export interface DmaExtras {
  /** Indices of a gather. */
  readonly index?: Tensor;
  /** Sticky state by ENUMS.dmafield. */
  readonly state?: Int32Array;
}

/**
 * Checks a transfer when it is issued and fixes all that it needs.
 * @param value what a fill writes
 * @throws MachineFault for shapes, types and places that don't fit
 */
export function prepareDmaWork(
  kind: DmaKind,
  out: Tensor,
  input: Tensor | undefined,
  value: number,
  config: MachineConfig,
  memories: AddressSpace,
  { index, state = dmaResetState() }: DmaExtras = {},
): DmaWork {
  checkDescriptor(out, "destination");
  if (input) checkDescriptor(input, "source");
  else if (out.layout === LAYOUT.blocked) {
    typeFault(out, "a fill doesn't take the blocked layout", "fill it as a 1-D int8 tensor");
  }
  const padding = state[F.padsel] === 1 ? state[F.padval]! : out.zeroPoint;
  const work: DmaWork = {
    kind,
    out,
    input,
    index,
    value: kind === "fill" ? value : padding,
    padTop: state[F.padt]!,
    padLeft: state[F.padl]!,
    external: undefined,
    write: false,
  };
  if (input) checkPair(work, input, state, config, memories);
  const target = place(out, "destination", PLACES[kind].target, memories);
  const source = input ? place(input, "source", PLACES[kind].source, memories) : undefined;
  if (source === "ddr" && target === "ddr") {
    throw new MachineFault("tensorMemory", out.base, "source and destination both lie in DDR", "go by way of DM");
  }
  const write = target === "ddr";
  return { ...work, write, external: write ? out : source === "ddr" ? input : undefined };
}
