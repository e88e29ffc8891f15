/** Memory as instructions. */
import { regionOf } from "@nnasm/sim-core/config";
import { disassemble } from "@nnasm/sim-core/isa";
import type { Place } from "../program/lines.ts";
import { hex32 } from "./format.ts";
import type { Machine } from "./machine.ts";

export interface DisassembledInstruction {
  /** May lie outside of 0..2^32-1: what is asked for beyond the ends of the address space is filled up. */
  readonly address: number;
  /** Absent outside of all memories. */
  readonly word?: number;
  readonly text: string;
  /** The label that stands at the address. */
  readonly label?: string;
  readonly place?: Place;
}

/** Exactly `count` instructions from `address` on. */
export function disassembleRange(machine: Machine, address: number, count: number): DisassembledInstruction[] {
  return Array.from({ length: count }, (_, index) => instructionAt(machine, address + index * 4));
}

function instructionAt(machine: Machine, address: number): DisassembledInstruction {
  const { simulator, symbols, sources, isa } = machine;
  const bytes = address >= 0 ? simulator.readMemory(address, 4) : undefined;
  if (!bytes) return { address, text: "(no memory)" };
  const word = new DataView(bytes.buffer).getUint32(0, true);
  // The CU fetches from PM and DDR alone: what lies elsewhere is data.
  const memory = regionOf(machine.config, address)?.name;
  const isCode = memory === "pm" || memory === "ddr";
  const symbolize = (target: number): string => {
    const name = symbols.describe(target);
    return name === undefined ? hex32(target) : `${hex32(target)} <${name}>`;
  };
  const text = isCode ? disassemble(isa, word, address, { symbolize }) : undefined;
  const label = symbols.labelAt(address);
  const place = sources.placeOf(address);
  return {
    address,
    word,
    text: text ?? `.word ${hex32(word)}`,
    ...(label === undefined ? {} : { label }),
    ...(place ? { place } : {}),
  };
}
