/** Tensor descriptor registers and the sticky state of the neural unit. */
import { ENUMS, enumNameOf } from "../../isa/index.ts";
import {
  checkDescriptor,
  DESCRIPTOR_BYTES,
  DESCRIPTOR_WORDS,
  denseStrides,
  hex,
  LAYOUT,
  MachineFault,
  NU_FIELDS,
  nuResetState,
  unpackDescriptor,
} from "../../machine/index.ts";
import { CU } from "../accounting.ts";
import type { ControlUnit } from "./control-unit.ts";
import { type Handler, type HandlerMnemonic, rdOf, rs1Of, rs2Of } from "./handler.ts";
import { DESCRIPTOR_LOAD_STALL, DESCRIPTOR_STORE_STALL } from "./timing.ts";

const FIELD = ENUMS.tdfield;
type FieldName = keyof typeof FIELD;

const wordAt = (register: number, field: FieldName): number => register * DESCRIPTOR_WORDS + FIELD[field];

function checkType(type: number): void {
  const dtype = type & 0xff;
  const layout = (type >>> 8) & 0xff;
  if (enumNameOf("dtype", dtype) === undefined || enumNameOf("layout", layout) === undefined) {
    throw new MachineFault("descriptor", type, `data type number ${dtype} with layout number ${layout} is not defined`);
  }
}

function memoryOperand(cu: ControlUnit, word: number, kind: "load" | "store"): number {
  const address = cu.state.x[rs1Of(word)]! >>> 0;
  if (address % 16 !== 0) {
    throw new MachineFault(
      kind === "load" ? "loadMisaligned" : "storeMisaligned",
      address,
      `a tensor descriptor at ${hex(address)}, which is not a multiple of 16`,
      "declare it with .tensor, or put .balign 16 in front of it",
    );
  }
  const offset = cu.memories.flatOffset(address, DESCRIPTOR_BYTES);
  if (offset < 0 && !cu.memories.inDdr(address, DESCRIPTOR_BYTES)) {
    throw new MachineFault(kind === "load" ? "loadAccess" : "storeAccess", address, `no memory at ${hex(address)}`);
  }
  return address;
}

function copyDescriptor(cu: ControlUnit, word: number): { from: number; to: number } {
  const from = rs1Of(word) * DESCRIPTOR_WORDS;
  const to = rdOf(word) * DESCRIPTOR_WORDS;
  cu.state.descriptors.copyWithin(to, from, from + DESCRIPTOR_WORDS);
  return { from, to };
}

const setField =
  (field: FieldName): Handler =>
  (cu, word) => {
    cu.state.descriptors[wordAt(rdOf(word), field)] = cu.state.x[rs1Of(word)]!;
    return 0;
  };

const setTwo =
  (first: FieldName, second: FieldName): Handler =>
  (cu, word) => {
    cu.state.descriptors[wordAt(rdOf(word), first)] = cu.state.x[rs1Of(word)]!;
    cu.state.descriptors[wordAt(rdOf(word), second)] = cu.state.x[rs2Of(word)]!;
    return 0;
  };

const slice =
  (count: "n" | "h" | "w" | "c", stride: "sn" | "sh" | "sw" | "sc"): Handler =>
  (cu, word) => {
    const { descriptors, x } = cu.state;
    const range = x[rs2Of(word)]!;
    const start = range & 0xffff;
    const length = range >>> 16;
    const source = rs1Of(word);
    const size = descriptors[wordAt(source, count)]! >>> 0;
    if (start + length > size || length === 0) {
      const message = `slice of axis ${count}: ${length} elements from ${start}, the tensor has ${size}`;
      throw new MachineFault(
        "descriptor",
        range,
        message,
        "rs2 holds the start in its low and the count in its high half",
      );
    }
    const subByte = (descriptors[wordAt(source, "type")]! & 0xff) >= ENUMS.dtype.int4;
    if (count === "c" && subByte && start !== 0) {
      throw new MachineFault("descriptor", range, "slices of sub-byte channels begin at channel 0");
    }
    copyDescriptor(cu, word);
    const target = rdOf(word);
    descriptors[wordAt(target, "base")] =
      descriptors[wordAt(target, "base")]! + start * descriptors[wordAt(target, stride)]!;
    descriptors[wordAt(target, count)] = length;
    return 0;
  };

function setStrides(cu: ControlUnit, register: number): void {
  const { descriptors } = cu.state;
  const t = unpackDescriptor(descriptors, register * DESCRIPTOR_WORDS);
  if (t.layout === LAYOUT.blocked) {
    throw new MachineFault("descriptor", t.base, "blocked weights have no strides");
  }
  const strides = denseStrides(t.layout, t.dtype, [t.n, t.h, t.w, t.c]);
  for (const [field, stride] of Object.entries(strides)) descriptors[wordAt(register, field as FieldName)] = stride;
}

/** The new shape of td.reshape with its 0 computed; the element counts are compared by the caller. */
function completeShape(dims: readonly number[], elements: number): number[] {
  const known = dims.reduce((product, size) => (size === 0 ? product : product * size), 1);
  const open = dims.filter((size) => size === 0).length;
  return dims.map((size) => (size === 0 && open === 1 ? elements / known : size));
}

function reshape(cu: ControlUnit, target: number, source: number): void {
  const { descriptors } = cu.state;
  const own = unpackDescriptor(descriptors, target * DESCRIPTOR_WORDS);
  const t = unpackDescriptor(descriptors, source * DESCRIPTOR_WORDS);
  checkDescriptor(t, "tensor");
  const fault = (message: string) => new MachineFault("descriptor", t.base, message);
  if (t.layout === LAYOUT.blocked) throw fault("td.reshape doesn't take the blocked layout");
  const dense = denseStrides(t.layout, t.dtype, [t.n, t.h, t.w, t.c]);
  const lies = ([size, stride, wanted]: readonly [number, number, number]) => size === 1 || stride === wanted;
  const axes = [[t.n, t.sn, dense.sn] as const, [t.h, t.sh, dense.sh] as const, [t.w, t.sw, dense.sw] as const];
  if (![...axes, [t.c, t.sc, dense.sc] as const].every(lies)) throw fault("td.reshape takes a dense tensor");
  const count = t.n * t.h * t.w * t.c;
  const [n = 0, h = 0, w = 0, c = 0] = completeShape([own.n, own.h, own.w, own.c], count);
  if (n * h * w * c !== count || ![n, h, w, c].every(Number.isInteger)) {
    const shape = `${own.n}x${own.h}x${own.w}x${own.c}`;
    throw fault(`the shape ${shape} doesn't hold the ${count} elements of ${t.n}x${t.h}x${t.w}x${t.c}`);
  }
  const inner = t.layout === LAYOUT.nchw ? [t.w, w] : [t.c, c];
  if (t.dtype >= ENUMS.dtype.int4 && inner[0] !== inner[1]) {
    throw fault("elements below a byte keep their innermost dimension");
  }
  const from = source * DESCRIPTOR_WORDS;
  descriptors.copyWithin(target * DESCRIPTOR_WORDS, from, from + DESCRIPTOR_WORDS);
  for (const [field, size] of Object.entries({ n, h, w, c })) descriptors[wordAt(target, field as FieldName)] = size;
  setStrides(cu, target);
}

function nuField(number: number, word: number): keyof typeof ENUMS.nufield {
  const field = NU_FIELDS[number];
  if (!field) throw new MachineFault("illegalInstruction", word, `the neural unit has no state field number ${number}`);
  return field;
}

/** Smallest and largest value of each sticky field. */
function nuRange(field: keyof typeof ENUMS.nufield): readonly [number, number] {
  switch (field) {
    case "padt":
    case "padb":
    case "padl":
    case "padr":
      return [0, 65535];
    case "act":
    case "split":
      return [0, 2];
    case "pool":
      return [0, 1];
    case "prec":
      return [0, 4];
    case "mask":
    case "prefetch":
    case "lo":
    case "hi":
      return [-0x80000000, 0x7fffffff];
    default:
      return [1, 65535];
  }
}

function setNuField(cu: ControlUnit, number: number, value: number, word: number): void {
  const field = nuField(number, word);
  const [min, max] = nuRange(field);
  if (value < min || value > max) {
    throw new MachineFault(
      "illegalInstruction",
      word,
      `neural unit field ${field} = ${value}, it takes ${min} to ${max}`,
    );
  }
  cu.state.nu[number] = value;
}

/** Sets several fields from five-bit immediates in rd, rs1, rs2, rs3. */
const setNuFields =
  (...fields: readonly (keyof typeof ENUMS.nufield)[]): Handler =>
  (cu, word) => {
    const values = [rdOf(word), rs1Of(word), rs2Of(word), word >>> 27];
    fields.forEach((field, i) => {
      setNuField(cu, ENUMS.nufield[field], values[i]!, word);
    });
    return 0;
  };

export const DESCRIPTOR_HANDLERS = {
  "td.ld": (cu, word, cycle) => {
    const address = memoryOperand(cu, word, "load");
    const access = cu.descriptorBanks(address, cycle);
    if (access < 0) return access;
    const bytes = cu.memories.read(address, DESCRIPTOR_BYTES);
    const words = new Int32Array(bytes.buffer);
    checkType(words[FIELD.type]!);
    cu.accessed("read", address, DESCRIPTOR_BYTES, access);
    cu.state.descriptors.set(words, rdOf(word) * DESCRIPTOR_WORDS);
    return cu.descriptorStall(address, DESCRIPTOR_LOAD_STALL, false, access);
  },
  "td.st": (cu, word, cycle) => {
    const address = memoryOperand(cu, word, "store");
    const access = cu.descriptorBanks(address, cycle);
    if (access < 0) return access;
    const at = rs2Of(word) * DESCRIPTOR_WORDS;
    const words = cu.state.descriptors.slice(at, at + DESCRIPTOR_WORDS);
    cu.memories.write(address, new Uint8Array(words.buffer));
    cu.accessed("write", address, DESCRIPTOR_BYTES, access);
    return cu.descriptorStall(address, DESCRIPTOR_STORE_STALL, true, access);
  },
  "td.mv": (cu, word) => {
    copyDescriptor(cu, word);
    return 0;
  },
  "td.base": setField("base"),
  "td.zp": setField("zp"),
  "td.table": setField("table"),
  "td.adv": (cu, word) => {
    const { to } = copyDescriptor(cu, word);
    const { descriptors, x } = cu.state;
    descriptors[to + FIELD.base] = descriptors[to + FIELD.base]! + x[rs2Of(word)]!;
    return 0;
  },
  "td.hw": setTwo("h", "w"),
  "td.nc": setTwo("n", "c"),
  "td.strhw": setTwo("sh", "sw"),
  "td.strnc": setTwo("sn", "sc"),
  "td.type": (cu, word) => {
    const type = rs1Of(word) | (rs2Of(word) << 8);
    checkType(type);
    const at = wordAt(rdOf(word), "type");
    cu.state.descriptors[at] = (cu.state.descriptors[at]! & ~0xffff) | type;
    return 0;
  },
  "td.pack": (cu, word) => {
    setStrides(cu, rdOf(word));
    return 0;
  },
  "td.slicen": slice("n", "sn"),
  "td.sliceh": slice("h", "sh"),
  "td.slicew": slice("w", "sw"),
  "td.slicec": slice("c", "sc"),
  "td.flat": (cu, word) => {
    const t = unpackDescriptor(cu.state.descriptors, rs1Of(word) * DESCRIPTOR_WORDS);
    checkDescriptor(t, "tensor");
    const dense = denseStrides(t.layout, t.dtype, [t.n, t.h, t.w, t.c]);
    const isDense = t.sc === dense.sc && (t.w === 1 || t.sw === dense.sw) && (t.h === 1 || t.sh === dense.sh);
    if (t.layout !== LAYOUT.nhwc || !isDense || t.dtype >= ENUMS.dtype.int4) {
      throw new MachineFault("descriptor", t.base, "td.flat takes a dense nhwc tensor of whole bytes");
    }
    copyDescriptor(cu, word);
    const { descriptors } = cu.state;
    const target = rdOf(word);
    descriptors[wordAt(target, "c")] = t.h * t.w * t.c;
    descriptors[wordAt(target, "h")] = 1;
    descriptors[wordAt(target, "w")] = 1;
    const imageStride = t.sn;
    setStrides(cu, target);
    // Images of a batch keep their distance; only each image itself has to be dense.
    descriptors[wordAt(target, "sn")] = imageStride;
    return 0;
  },
  "td.reshape": (cu, word) => {
    reshape(cu, rdOf(word), rs1Of(word));
    return 0;
  },
  "td.get": (cu, word) => {
    const field = rs2Of(word);
    if (enumNameOf("tdfield", field) === undefined) {
      throw new MachineFault("illegalInstruction", word, `tensor descriptors have no field number ${field}`);
    }
    cu.setRegister(rdOf(word), cu.state.descriptors[rs1Of(word) * DESCRIPTOR_WORDS + field]!);
    return 0;
  },
  "td.set": (cu, word) => {
    const field = rs2Of(word);
    if (enumNameOf("tdfield", field) === undefined) {
      throw new MachineFault("illegalInstruction", word, `tensor descriptors have no field number ${field}`);
    }
    const value = cu.state.x[rs1Of(word)]!;
    if (field === FIELD.type) checkType(value);
    cu.state.descriptors[rdOf(word) * DESCRIPTOR_WORDS + field] = value;
    return 0;
  },
  "nu.window": setNuFields("kh", "kw", "sh", "sw"),
  "nu.pad": setNuFields("padt", "padb", "padl", "padr"),
  "nu.dilate": setNuFields("dh", "dw"),
  "nu.act": (cu, word) => {
    setNuField(cu, ENUMS.nufield.act, rdOf(word), word);
    return 0;
  },
  "nu.clamp": (cu, word) => {
    const { x, nu } = cu.state;
    nu[ENUMS.nufield.lo] = x[rs1Of(word)]!;
    nu[ENUMS.nufield.hi] = x[rs2Of(word)]!;
    nu[ENUMS.nufield.act] = ENUMS.activation.clamp;
    return 0;
  },
  "nu.reset": (cu) => {
    cu.state.nu.set(nuResetState());
    return 0;
  },
  "nu.group": setNuFields("groups"),
  "nu.prec": setNuFields("prec"),
  "nu.mask": (cu, word) => {
    cu.state.nu[ENUMS.nufield.mask] = cu.state.x[rs1Of(word)]!;
    return 0;
  },
  "nu.split": setNuFields("split"),
  "nu.prefetch": (cu, word) => {
    cu.state.nu[ENUMS.nufield.prefetch] = cu.state.descriptors[wordAt(rs2Of(word), "base")]!;
    return 0;
  },
  "nu.get": (cu, word) => {
    nuField(rs1Of(word), word);
    cu.setRegister(rdOf(word), cu.state.nu[rs1Of(word)]!);
    return 0;
  },
  "nu.set": (cu, word) => {
    setNuField(cu, rdOf(word), cu.state.x[rs1Of(word)]!, word);
    return 0;
  },
} as const satisfies Partial<Record<HandlerMnemonic, Handler>>;

/** The cause that descriptor transfers are charged to, unless DDR or WM is slower. */
export const DESCRIPTOR_CAUSE = CU.descriptor;
