/** Addresses as people name them. */

import type { AsmSymbol, Assembly } from "@nnasm/sim-core/asm";
import { regionOf } from "@nnasm/sim-core/config";
import { hex } from "./numbers.ts";
import type { Snapshot } from "./snapshot.ts";

const labels = new WeakMap<Assembly, AsmSymbol[]>();

/** The program's labels by address. */
function sortedLabels(assembly: Assembly): readonly AsmSymbol[] {
  let list = labels.get(assembly);
  if (!list) {
    list = [...assembly.symbols.values()].filter((symbol) => symbol.kind === "label" && symbol.value !== undefined);
    list.sort((a, b) => a.value! - b.value!);
    labels.set(assembly, list);
  }
  return list;
}

/** A code address as `label`, `label+8` or, far from every label, hexadecimal. */
export function codeName({ assembly }: Snapshot, address: number): string {
  const list = sortedLabels(assembly);
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle]!.value! <= address) low = middle + 1;
    else high = middle;
  }
  const label = list[low - 1];
  if (!label) return hex(address);
  const distance = address - label.value!;
  if (distance === 0) return label.name;
  return distance < 4096 ? `${label.name}+${distance}` : hex(address);
}

/** The memory of an address: `DM + 0x40`; empty outside of all memories. */
export function memoryPlace({ config }: Snapshot, address: number): string {
  const region = regionOf(config, address);
  return region ? `${region.name.toUpperCase()} + ${hex(address - region.base)}` : "";
}
