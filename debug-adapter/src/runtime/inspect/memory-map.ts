/** What lies where: the memories, and the names of everything that the program placed in them. */
import { memoryRegions } from "@nnasm/sim-core/config";
import { extent } from "@nnasm/sim-core/machine";
import { tensorOf, typeText } from "../tensor/text.ts";
import type { Machine } from "./machine.ts";

export interface NamedRange {
  readonly name: string;
  readonly kind: "tensor" | "symbol" | "section";
  readonly address: number;
  /** 0 = unknown. */
  readonly bytes: number;
  /** A tensor's type and shape. */
  readonly type?: string;
}

export interface MemoryMap {
  readonly regions: readonly { readonly name: string; readonly address: number; readonly bytes: number }[];
  /** By address. */
  readonly names: readonly NamedRange[];
}

export function memoryMap({ config, program, symbols }: Machine): MemoryMap {
  const tensors = symbols.tensors.map((declared): NamedRange => {
    const tensor = tensorOf(declared, config.nu);
    return { name: declared.name, kind: "tensor", ...extent(tensor), type: typeText(tensor, declared.dims) };
  });
  const places = [...symbols.names].flatMap((name): NamedRange[] => {
    const symbol = symbols.symbol(name);
    return !symbol || symbol.absolute ? [] : [{ name, kind: "symbol", address: symbol.address >>> 0, bytes: 0 }];
  });
  const sections = program.sections
    .filter(({ bytes }) => bytes > 0)
    .map(({ name, address, bytes }): NamedRange => ({ name, kind: "section", address: address >>> 0, bytes }));
  return {
    regions: memoryRegions(config).map(({ name, base, bytes }) => ({ name: name.toUpperCase(), address: base, bytes })),
    names: [...tensors, ...places, ...sections].sort((a, b) => a.address - b.address || b.bytes - a.bytes),
  };
}
