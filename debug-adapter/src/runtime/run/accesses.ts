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

/** What an instruction will access, as far as its word tells. */
interface AccessForm {
  readonly word: number;
  readonly kind: Access["kind"];
  readonly by: string;
  /** Register that holds the address, and the offset to it. */
  readonly base: number;
  readonly offset: number;
  /** -1: as many as register a2 says (the host's write service). */
  readonly bytes: number;
}

/** Tells the CU's next memory access; remembers what it has decoded, because it is asked before every instruction. */
export class AccessDecoder {
  private readonly machine: Machine;
  private readonly forms = new Map<number, AccessForm | { readonly word: number; readonly kind: undefined }>();

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** The memory access that the CU's next instruction will make, if it makes one. */
  next(): Access | undefined {
    const { cu, state } = this.machine.simulator;
    const { pc, x } = state;
    const word = cu.code.word(pc);
    const known = this.forms.get(pc);
    const form = known?.word === word ? known : (decode(this.machine, word) ?? { word, kind: undefined });
    if (form !== known) this.forms.set(pc, form);
    if (form.kind === undefined) return undefined;
    const { kind, by, base, offset, bytes } = form;
    const isCall = bytes < 0;
    if (isCall && (state.mtvec !== 0 || x[A7] !== SYS_WRITE)) return undefined;
    return { kind, address: (x[base]! + offset) >>> 0, bytes: isCall ? x[A2]! >>> 0 : bytes, by, pc };
  }
}

function decode({ isa }: Machine, word: number): AccessForm | undefined {
  const instruction = isa.decode(word);
  if (!instruction) return undefined;
  const { mnemonic, row } = instruction;
  const form = { word, by: mnemonic, base: rs1Of(word), offset: 0 };
  if (row.family === "rv32i" && (row.timing === "load" || row.timing === "store")) {
    const isLoad = row.timing === "load";
    const offset = extractField(isLoad ? FORMATS.I.imm12 : FORMATS.S.imm12, word);
    return { ...form, kind: isLoad ? "read" : "write", offset, bytes: BYTES[mnemonic.slice(1)] ?? 4 };
  }
  if (mnemonic === "td.ld") return { ...form, kind: "read", bytes: DESCRIPTOR_BYTES };
  if (mnemonic === "td.st") return { ...form, kind: "write", bytes: DESCRIPTOR_BYTES };
  if (mnemonic === "ecall") return { ...form, kind: "read", by: "the host's write service", base: A1, bytes: -1 };
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
