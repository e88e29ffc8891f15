/**
 * What operations read and write in memory (docs/machine.md, "Checks"): whole tensors, tables and masks. Where data decide
 * how much of a tensor is touched (gathered rows, compressed tiles, masked weights), all of it counts.
 */
import type { MachineConfig } from "../config/index.ts";
import { ENUMS } from "../isa/enums.ts";
import { UNITS } from "../isa/types.ts";
import { ByteSet, type ByteSetData, FLAG_PER_TENSOR_TABLE, TABLE_ENTRY_BYTES, type Tensor } from "../machine/index.ts";
import type { NuOperation } from "./nu/index.ts";
import { maskBytes, type NuWork } from "./nu/work.ts";
import { type Operation, tokenUnit } from "./operation.ts";
import type { VuOperation } from "./vu/index.ts";
import { tableBytes, type VuWork } from "./vu/work.ts";

/** Bytes that one operation touches, and what they are to it. */
export interface TouchedBytes {
  /** For people: `input`, `weights`, `output`, ... */
  readonly role: string;
  readonly set: ByteSet;
}

export interface Footprint {
  readonly reads: readonly TouchedBytes[];
  readonly writes: readonly TouchedBytes[];
  /** Read from the issue on, before what the operation waits for (nu.prefetch). */
  readonly early: readonly TouchedBytes[];
}

/** A footprint as plain data, for snapshots. */
export type FootprintData = Readonly<Record<keyof Footprint, readonly { role: string; set: ByteSetData }[]>>;

export function captureFootprint({ reads, writes, early }: Footprint): FootprintData {
  const plain = (touched: readonly TouchedBytes[]) => touched.map(({ role, set }) => ({ role, set: set.data }));
  return { reads: plain(reads), writes: plain(writes), early: plain(early) };
}

export function restoreFootprint({ reads, writes, early }: FootprintData): Footprint {
  const sets = (touched: FootprintData["reads"]) => touched.map(({ role, set }) => ({ role, set: ByteSet.from(set) }));
  return { reads: sets(reads), writes: sets(writes), early: sets(early) };
}

const ofTensor = (role: string, tensor: Tensor | undefined): TouchedBytes[] =>
  tensor ? [{ role, set: ByteSet.tensor(tensor) }] : [];

const ofRange = (role: string, address: number, bytes: number): TouchedBytes[] =>
  address === 0 ? [] : [{ role, set: ByteSet.range(address, bytes) }];

function tableOf(owner: Tensor, entries: number): TouchedBytes[] {
  const count = owner.flags & FLAG_PER_TENSOR_TABLE ? 1 : entries;
  return ofRange("requantisation table", owner.table, count * TABLE_ENTRY_BYTES);
}

function nuFootprint(work: NuWork, config: MachineConfig): Footprint {
  const { kind, input, out, second } = work;
  const output = ofTensor("output", out);
  switch (kind) {
    case "accz":
      return { reads: [], writes: [], early: [] };
    case "accld":
      return { reads: ofTensor("input", input), writes: [], early: [] };
    case "accst":
      return { reads: tableOf(second!, out.c), writes: output, early: [] };
    case "matmul":
      return {
        reads: [...ofTensor("input", input), ...ofTensor("second input", second), ...tableOf(out, out.c)],
        writes: output,
        early: [],
      };
    case "add":
    case "sub":
    case "mul": {
      const table = ofRange("requantisation table", out.table, (kind === "mul" ? 1 : 3) * TABLE_ENTRY_BYTES);
      const inputs = [...ofTensor("input", input), ...ofTensor("second input", second)];
      return { reads: [...inputs, ...table], writes: output, early: [] };
    }
    case "maxpool":
    case "gmaxpool":
      return { reads: ofTensor("input", input), writes: output, early: [] };
    case "avgpool":
    case "gavgpool": {
      const table = ofRange("requantisation table", out.table, TABLE_ENTRY_BYTES);
      return { reads: [...ofTensor("input", input), ...table], writes: output, early: [] };
    }
    default: {
      const weights = ofTensor("weights", second);
      const mask = ofRange("sparsity mask", work.mask, work.mask === 0 ? 0 : maskBytes(work, config));
      const table = kind === "accconv" ? [] : tableOf(second!, out.c);
      return {
        reads: [...ofTensor("input", input), ...weights, ...mask, ...table],
        writes: kind === "accconv" ? [] : output,
        early: work.prefetched ? weights : [],
      };
    }
  }
}

function vuFootprint(work: VuWork): Footprint {
  const { kind, input, out, second } = work;
  const address = kind === "lookup" ? work.state[ENUMS.vufield.table]! >>> 0 : input.table;
  const bytes = tableBytes(work);
  return {
    reads: [
      ...ofTensor("input", input),
      ...ofTensor("second input", second),
      ...(bytes > 0 ? ofRange(kind === "lookup" ? "lookup table" : "requantisation table", address, bytes) : []),
    ],
    writes: ofTensor("output", out),
    early: [],
  };
}

/** What an issued operation will touch. */
export const footprintOf = (operation: Operation, config: MachineConfig): Footprint =>
  footprintOfWork(tokenUnit(operation.token), operation, config);

/** The same for an operation that has no place in a queue. */
export function footprintOfWork(
  unit: number,
  operation: Pick<Operation, "out" | "inputs">,
  config: MachineConfig,
): Footprint {
  switch (UNITS[unit]) {
    case "nu":
      return nuFootprint((operation as NuOperation).work, config);
    case "vu":
      return vuFootprint((operation as VuOperation).work);
    default:
      return {
        reads: operation.inputs.flatMap((input) => ofTensor("source", input)),
        writes: ofTensor("destination", operation.out),
        early: [],
      };
  }
}
