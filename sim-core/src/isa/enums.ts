/** Named operand values. The numbers are encodings: never renumber one, only add. */

export const ENUMS = {
  /** Units in token numbering. */
  unit: { cu: 0, nu: 1, vu: 2, xu: 3, dma0: 4, dma1: 5, dma2: 6, dma3: 7 },
  /** DMA channels. */
  channel: { ch0: 0, ch1: 1, ch2: 2, ch3: 3 },
  /** Hardware loops; L0 is the inner one. */
  loop: { L0: 0, L1: 1 },
  /** Element types of tensors. */
  dtype: { int8: 0, uint8: 1, int16: 2, int32: 3, int4: 4, bit: 5 },
  /** Memory layouts of tensors. `blocked` holds weights in the order in which the MAC array reads them. */
  layout: { nhwc: 0, nchw: 1, blocked: 2 },
  /** Activation function on the output stage. */
  activation: { none: 0, relu: 1, clamp: 2 },
  /** Descriptor words by their index in the 64-byte memory form. */
  tdfield: {
    base: 0,
    n: 1,
    h: 2,
    w: 3,
    c: 4,
    sn: 5,
    sh: 6,
    sw: 7,
    sc: 8,
    type: 9,
    zp: 10,
    table: 11,
    scale: 12,
    block: 13,
  },
  /** Sticky NU state by number, for nu.get and nu.set. */
  nufield: {
    kh: 0,
    kw: 1,
    sh: 2,
    sw: 3,
    padt: 4,
    padb: 5,
    padl: 6,
    padr: 7,
    dh: 8,
    dw: 9,
    act: 10,
    lo: 11,
    hi: 12,
    pool: 13,
    groups: 14,
    prec: 15,
    mask: 16,
    split: 17,
    prefetch: 18,
  },
  /** Precision that nu.prec asks for; auto takes what the tensors are. */
  precision: { auto: 0, int8: 1, int4: 2, int16: 3, bit: 4 },
  /** What the cores of the neural unit share out: output channels, output rows, or images of a batch. */
  split: { channels: 0, rows: 1, images: 2 },
  /** Dimensions of tensors: sets of them (one bit each) and permutations. */
  axis: { n: 0, h: 1, w: 2, c: 3 },
  /** Direction of vu.shamt. */
  direction: { left: 0, right: 1 },
  /** How vu.nearest and vu.bilinear lay the output's grid over the input. */
  grid: { topleft: 0, centers: 1, corners: 2 },
  /** Sticky VU state by number, for vu.get and vu.set. */
  vufield: {
    m0: 0,
    s0: 1,
    m1: 2,
    s1: 3,
    m2: 4,
    s2: 5,
    lo: 6,
    hi: 7,
    bias: 8,
    shift: 9,
    frac: 10,
    axes: 11,
    perm: 12,
    grid: 13,
    table: 14,
    eps: 15,
  },
  /** Sticky state of the DMA by number, for dma.get and dma.set. */
  dmafield: { padt: 0, padb: 1, padl: 2, padr: 3, padsel: 4, padval: 5 },
  /** Accelerators of the extension port; units/xu/accelerators has those that ship, own0 to own3 never will. */
  accelerator: { fft: 0, resize: 1, own0: 28, own1: 29, own2: 30, own3: 31 },
  onoff: { off: 0, on: 1 },
  /** Counters that nn.ctr reads (low 32 bits; add the `h` form for the high word). */
  counter: {
    cycle: 0,
    cycleh: 1,
    instret: 2,
    instreth: 3,
    nubusy: 4,
    nubusyh: 5,
    macs: 6,
    macsh: 7,
    ddrread: 8,
    ddrreadh: 9,
    ddrwrite: 10,
    ddrwriteh: 11,
    waitcycles: 12,
    waitcyclesh: 13,
  },
  /** Memory access kinds of the fence instruction: device input, output, memory read, write. */
  fence: { w: 0, r: 1, o: 2, i: 3 },
} as const satisfies Record<string, Readonly<Record<string, number>>>;

export type EnumName = keyof typeof ENUMS;

/** Values of one list as name -> number. */
export function enumValues(name: EnumName): Readonly<Record<string, number>> {
  return ENUMS[name];
}

/** The name of a value, or undefined when the list doesn't define the number. */
export function enumNameOf(name: EnumName, value: number): string | undefined {
  for (const [key, number] of Object.entries(ENUMS[name])) if (number === value) return key;
  return undefined;
}

export type DType = keyof typeof ENUMS.dtype;
export type Layout = keyof typeof ENUMS.layout;
export type Activation = keyof typeof ENUMS.activation;
/** Bits of one element, by encoded data type. */
export const DTYPE_BITS: readonly number[] = [8, 8, 16, 32, 4, 1];
