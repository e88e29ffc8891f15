/** The machine's registers as GDB sees them: RISC-V's under the names that GDB knows, and a feature of our own. */
import { ABI_NAMES, CSRS, type CsrName } from "@nnasm/sim-core/isa";
import {
  DESCRIPTOR_BYTES,
  DESCRIPTOR_WORDS,
  DMA_FIELDS,
  NU_FIELDS,
  USER_STATE_WORDS,
  VU_FIELDS,
  XU_REGISTERS,
} from "@nnasm/sim-core/machine";
import { csrRegister, generalRegister, type Machine, programCounter, queueOf, queueUnits } from "../runtime/index.ts";
import { RemoteError } from "./errors.ts";

export interface RemoteRegister {
  readonly name: string;
  readonly bits: number;
  /** Name of a type in the target description. */
  readonly type: string;
  /** Group for `info registers`; absent: the one that the feature has by itself. */
  readonly group?: string;
  /** False where what was read can't or needn't be written back, for example behind a function call by hand. */
  readonly isSaved?: boolean;
  read(): Uint8Array;
  /** @throws RemoteError or EvaluationError when the register is read only or refuses the value */
  write(bytes: Uint8Array): void;
}

export interface RegisterFeature {
  readonly name: string;
  readonly types: readonly RegisterType[];
  readonly registers: readonly RemoteRegister[];
}

/** Fields of equal or different types, or so many elements of one. */
export type RegisterType =
  | {
      readonly id: string;
      /** The fields lie over each other. */
      readonly isUnion?: boolean;
      readonly fields: readonly { readonly name: string; readonly type: string }[];
    }
  | { readonly id: string; readonly element: string; readonly count: number };

/** The first registers, which `g` reads and `G` writes: x0..x31 and the pc. */
export const GENERAL_COUNT = 33;

export function featuresOf(machine: Machine): readonly RegisterFeature[] {
  return [
    { name: "org.gnu.gdb.riscv.cpu", types: [], registers: cpu(machine) },
    { name: "org.gnu.gdb.riscv.csr", types: [], registers: csrs(machine) },
    { name: "org.nnasm.nnp", types: types(machine), registers: own(machine) },
  ];
}

interface WordRegister {
  read(): number;
  write(value: number): void;
}

function word(name: string, type: string, register: WordRegister, more: Partial<RemoteRegister> = {}): RemoteRegister {
  return {
    name,
    bits: 32,
    type,
    ...more,
    read: () => bytesOfWords([register.read()]),
    write: (bytes) => register.write(wordsOfBytes(bytes, 1)[0]!),
  };
}

/** GDB calls s0 `fp`, as it does under this name only. */
const GDB_NAMES: Readonly<Record<string, string>> = { s0: "fp" };
const CODE_POINTERS = new Set(["ra", "pc"]);
const DATA_POINTERS = new Set(["sp", "gp", "tp", "s0"]);

function cpu(machine: Machine): RemoteRegister[] {
  const typeOf = (name: string): string =>
    CODE_POINTERS.has(name) ? "code_ptr" : DATA_POINTERS.has(name) ? "data_ptr" : "int";
  return [
    ...ABI_NAMES.slice(0, 32).map((name, index) => {
      const register = generalRegister(machine, index);
      // GDB writes x0 back with all the others: what is written there is lost, as in the machine.
      const write = (value: number): void => {
        if (index !== 0) register.write(value);
      };
      return word(GDB_NAMES[name] ?? name, typeOf(name), { read: () => register.read(), write });
    }),
    word("pc", "code_ptr", {
      read: () => programCounter(machine).read(),
      write: (value) => {
        // Writing back what is there is no change, and is allowed when the program has ended.
        if (value >>> 0 !== machine.simulator.state.pc) programCounter(machine).write(value >>> 0);
      },
    }),
  ];
}

function csrs(machine: Machine): RemoteRegister[] {
  return (Object.keys(CSRS) as CsrName[]).map((name) => word(name, "int", csrRegister(machine, name)));
}

const NN = "nn";
const STRUCTS = { nu: NU_FIELDS, vu: VU_FIELDS, dma: DMA_FIELDS } as const;

function types(machine: Machine): RegisterType[] {
  const integers = (id: string, names: readonly string[]): RegisterType => ({
    id,
    fields: names.map((name) => ({ name, type: "int32" })),
  });
  return [
    {
      id: "tensor_fields",
      fields: [
        { name: "base", type: "data_ptr" },
        ...["n", "h", "w", "c"].map((name) => ({ name, type: "uint32" })),
        ...["sn", "sh", "sw", "sc"].map((name) => ({ name, type: "int32" })),
        { name: "dtype", type: "uint8" },
        { name: "layout", type: "uint8" },
        { name: "flags", type: "uint16" },
        { name: "zp", type: "int32" },
        { name: "table", type: "data_ptr" },
        { name: "scale", type: "ieee_single" },
        { name: "cip", type: "uint16" },
        { name: "cop", type: "uint16" },
        { name: "reserved0", type: "uint32" },
        { name: "reserved1", type: "uint32" },
      ],
    },
    { id: "tensor_words", element: "int32", count: DESCRIPTOR_WORDS },
    {
      // GDB takes unions with a vector for vectors, and leaves these out of `info registers`, where they would be most of it.
      id: "tensor",
      isUnion: true,
      fields: [
        { name: "tensor", type: "tensor_fields" },
        { name: "words", type: "tensor_words" },
      ],
    },
    ...Object.entries(STRUCTS).map(([name, fields]) => integers(`${name}_state`, fields)),
    { id: "xu_registers", element: "int32", count: XU_REGISTERS },
    ...(machine.isa.user ? [{ id: "user_state", element: "int32", count: USER_STATE_WORDS }] : []),
  ];
}

function own(machine: Machine): RemoteRegister[] {
  const { state } = machine.simulator;
  const xu = () => state.xu.subarray(state.xuSelected * XU_REGISTERS, (state.xuSelected + 1) * XU_REGISTERS);
  return [
    ...Array.from({ length: 32 }, (_, index) => {
      const words = () => state.descriptors.subarray(index * DESCRIPTOR_WORDS, (index + 1) * DESCRIPTOR_WORDS);
      return block(`td${index}`, "tensor", words, DESCRIPTOR_BYTES);
    }),
    ...(["nu", "vu", "dma"] as const).map((name) =>
      block(name, `${name}_state`, () => state[name], 4 * STRUCTS[name].length),
    ),
    block("xu", "xu_registers", xu, 4 * XU_REGISTERS),
    ...(machine.isa.user ? [block("user", "user_state", () => state.user, 4 * USER_STATE_WORDS)] : []),
    ...queueUnits(machine).flatMap((unit) => [
      fact(`${unit}_token`, 32, () => queueOf(machine, unit).lastToken),
      fact(`${unit}_issued`, 64, () => queueOf(machine, unit).issued),
      fact(`${unit}_completed`, 64, () => queueOf(machine, unit).completed),
    ]),
    fact("layer", 32, () => state.layer),
    fact("cycles", 64, () => state.cycle),
    fact("retired", 64, () => state.retired),
    fact("nu_macs", 64, () => machine.simulator.units.nu.macs),
  ];
}

/** Words of the machine that belong together. */
function block(name: string, type: string, words: () => Int32Array, bytes: number): RemoteRegister {
  return {
    name,
    bits: 8 * bytes,
    type,
    group: NN,
    isSaved: false,
    read: () => bytesOfWords(words()),
    write: (written) => words().set(wordsOfBytes(written, bytes / 4)),
  };
}

/** Something that the machine counts: nobody can set it. */
function fact(name: string, bits: 32 | 64, read: () => number): RemoteRegister {
  return {
    name,
    bits,
    type: `uint${bits}`,
    group: NN,
    isSaved: false,
    read: () => bytesOfWords(bits === 32 ? [read()] : [read() % 2 ** 32, read() / 2 ** 32]),
    write: () => {
      throw new RemoteError("refused", `${name} is counted by the machine and can't be set`);
    },
  };
}

function bytesOfWords(words: ArrayLike<number>): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * words.length));
  for (let at = 0; at < words.length; at++) view.setUint32(4 * at, Math.floor(words[at]!), true);
  return new Uint8Array(view.buffer);
}

function wordsOfBytes(bytes: Uint8Array, count: number): Int32Array {
  if (bytes.length !== 4 * count)
    throw new RemoteError("invalid", `the register has ${4 * count} bytes, not ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int32Array.from({ length: count }, (_, at) => view.getInt32(4 * at, true));
}
