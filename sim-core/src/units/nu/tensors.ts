/** Checks of single tensors when the neural unit is given an operation. */
import type { MachineConfig } from "../../config/index.ts";
import { enumNameOf } from "../../isa/enums.ts";
import {
  type AddressSpace,
  checkDescriptor,
  checkFeatureMap,
  checkType,
  DTYPE,
  elementRange,
  elementSize,
  FLAG_PER_TENSOR_TABLE,
  hex,
  LAYOUT,
  layoutName,
  MachineFault,
  shapeText,
  TABLE_ENTRY_BYTES,
  type Tensor,
  tensorMemory,
} from "../../machine/index.ts";

const TAKER = "this operation";

/** Faults unless the tensor is a feature map (nhwc, in DM, contiguous channels) of one of the data types. */
export function checkMap(t: Tensor, role: string, allowed: readonly number[], memories: AddressSpace): void {
  checkFeatureMap(t, role, allowed, TAKER, memories);
  if (t.dtype < DTYPE.int4 && t.c > 1 && t.sc !== elementSize(t.dtype)) {
    throw new MachineFault("type", t.base, `${role}: channels must be contiguous, their stride is ${t.sc} bytes`);
  }
}

/** Faults unless the tensor holds weights of one of the data types, blocked for this machine, in WM. */
export function checkWeights(
  t: Tensor,
  allowed: readonly number[],
  config: MachineConfig,
  memories: AddressSpace,
): void {
  checkDescriptor(t, "weights");
  checkType(t, "weights", allowed, TAKER);
  if (t.layout !== LAYOUT.blocked) {
    throw new MachineFault(
      "type",
      t.base,
      `weights: the layout must be blocked, it is ${layoutName(t.layout)}`,
      "declare the tensor in WM with layout=blocked and fill it with dma.ldw",
    );
  }
  if (t.cip !== config.nu.cip || t.cop !== config.nu.cop) {
    throw new MachineFault(
      "type",
      t.base,
      `weights: blocked for an array of ${t.cip} x ${t.cop}, this machine has ${config.nu.cip} x ${config.nu.cop}`,
      "assemble the program for the active configuration",
    );
  }
  if (tensorMemory(t, memories) !== "wm") {
    throw new MachineFault("tensorMemory", t.base, `weights: at ${hex(t.base)}, not within the weight memory`);
  }
}

/** Faults unless the tensor's requantisation table has `entries` entries in WM. What they hold shows at execution. */
export function checkTable(t: Tensor, role: string, entries: number, memories: AddressSpace): void {
  const count = t.flags & FLAG_PER_TENSOR_TABLE ? 1 : entries;
  const offset = memories.flatOffset(t.table, count * TABLE_ENTRY_BYTES);
  if (offset < memories.wmOffset || t.table % 4 !== 0) {
    throw new MachineFault(
      "tensorMemory",
      t.table,
      `${role}: the requantisation table at ${hex(t.table)}, ${count} entries, doesn't lie within the weight memory`,
      "set the tensor's table field to a 4-aligned address in WM",
    );
  }
}

export function expectOut(out: Tensor, n: number, h: number, w: number, c: number): void {
  if (out.n === n && out.h === h && out.w === w && out.c === c) return;
  const message = `the output's shape must be ${n}x${h}x${w}x${c}, it is ${shapeText(out)}`;
  throw new MachineFault("shape", out.base, message);
}

/** Faults when the array would work at another precision than nu.prec asked for. */
export function checkPrecision(asked: number, actual: string, t: Tensor): void {
  const name = enumNameOf("precision", asked);
  if (name === "auto" || name === actual) return;
  throw new MachineFault("type", t.base, `nu.prec asks for ${name}, the tensors make it ${actual}`);
}

/** Bounds of an output by activation, within its data type. */
export function outputBounds(activation: "none" | "relu" | "clamp", lo: number, hi: number, out: Tensor) {
  const [min, max] = elementRange(out.dtype);
  const within = (value: number) => Math.max(min, Math.min(max, value));
  if (activation === "relu") return { lo: within(out.zeroPoint), hi: max };
  return activation === "clamp" ? { lo: within(lo), hi: within(hi) } : { lo: min, hi: max };
}
