/** What the machine reads and writes while it takes one instruction or one event. */
import { ABI_NAMES, DTYPE_BITS, extractField, FORMATS } from "@nnasm/sim-core/isa";
import { DESCRIPTOR_BYTES, extent, LAYOUT, type Tensor } from "@nnasm/sim-core/machine";
import type { Machine } from "../inspect/machine.ts";

export interface Access {
  readonly kind: "read" | "write";
  readonly address: number;
  readonly bytes: number;
  /** A tensor is accessed element by element; `address` and `bytes` are its extent. */
  readonly tensor?: Tensor;
  /** Who does it, for people. */
  readonly by: string;
  /** Address of the instruction that does it or that issued the operation. */
  readonly pc: number;
}

const BYTES: Readonly<Record<string, number>> = { b: 1, bu: 1, h: 2, hu: 2, w: 4 };
const rs1Of = (word: number): number => (word >>> 15) & 31;
const A1 = ABI_NAMES.indexOf("a1");
const A2 = ABI_NAMES.indexOf("a2");
const A7 = ABI_NAMES.indexOf("a7");
const SYS_WRITE = 64;

/** The memory access that the CU's next instruction will make, if it makes one. */
export function nextAccess({ simulator, isa }: Machine): Access | undefined {
  const { state } = simulator;
  const { pc, x } = state;
  const bytes = simulator.readMemory(pc, 4);
  if (!bytes) return undefined;
  const word = new DataView(bytes.buffer).getUint32(0, true);
  const instruction = isa.decode(word);
  if (!instruction) return undefined;
  const { mnemonic, row } = instruction;
  const by = mnemonic;
  const base = x[rs1Of(word)]!;
  if (row.family === "rv32i" && (row.timing === "load" || row.timing === "store")) {
    const isLoad = row.timing === "load";
    const offset = extractField(isLoad ? FORMATS.I.imm12 : FORMATS.S.imm12, word);
    const kind = isLoad ? "read" : "write";
    return { kind, address: (base + offset) >>> 0, bytes: BYTES[mnemonic.slice(1)] ?? 4, by, pc };
  }
  if (mnemonic === "td.ld") return { kind: "read", address: base >>> 0, bytes: DESCRIPTOR_BYTES, by, pc };
  if (mnemonic === "td.st") return { kind: "write", address: base >>> 0, bytes: DESCRIPTOR_BYTES, by, pc };
  if (mnemonic === "ecall" && state.mtvec === 0 && x[A7] === SYS_WRITE) {
    return { kind: "read", address: x[A1]! >>> 0, bytes: x[A2]! >>> 0, by: "the host's write service", pc };
  }
  return undefined;
}

export function tensorAccess(kind: Access["kind"], tensor: Tensor, by: string, pc: number): Access {
  return { kind, ...extent(tensor), tensor, by, pc };
}

/** Whether the access touches a byte of `address`..`address + bytes`. */
export function touches(access: Access, address: number, bytes: number): boolean {
  const end = address + bytes;
  if (access.address >= end || access.address + access.bytes <= address) return false;
  return access.tensor === undefined || tensorTouches(access.tensor, address, end);
}

/** Exact for strided tensors: between their rows lie bytes that are not theirs. */
function tensorTouches(t: Tensor, start: number, end: number): boolean {
  const bits = DTYPE_BITS[t.dtype] ?? 8;
  if (t.layout === LAYOUT.blocked) return true;
  const size = Math.max(1, bits / 8);
  // Along c the elements usually lie side by side; then a row is one range.
  const isDense = bits < 8 || t.sc === size;
  const rowBytes = bits < 8 ? Math.ceil((t.c * bits) / 8) : isDense ? t.c * size : size;
  const columns = isDense ? 1 : t.c;
  for (let n = 0; n < t.n; n++) {
    for (let h = 0; h < t.h; h++) {
      for (let w = 0; w < t.w; w++) {
        for (let c = 0; c < columns; c++) {
          const at = t.base + n * t.sn + h * t.sh + w * t.sw + c * t.sc;
          if (at < end && at + rowBytes > start) return true;
        }
      }
    }
  }
  return false;
}
