/** The memories, and the program's symbols in them. */
import { memoryRegions } from "@nnasm/sim-core/config";
import { addressText, countText, hex32, quantityText, wordText } from "./format.ts";
import type { Machine } from "./machine.ts";
import { named, type Scope, type ValueNode } from "./node.ts";

export function memoryScope(machine: Machine): Scope {
  return {
    name: "Memories",
    named: () =>
      memoryRegions(machine.config).map(({ name, base, bytes }) => ({
        name: name.toUpperCase(),
        value: `${hex32(base)}..${hex32(base + bytes - 1)}, ${countText(bytes)} bytes`,
        type: "memory",
        address: base,
        children: named(() => sectionNodes(machine, base, bytes)),
      })),
  };
}

/** What the program placed in a memory. */
function sectionNodes({ program }: Machine, base: number, size: number): ValueNode[] {
  return program.sections
    .filter(({ address, bytes }) => bytes > 0 && address >= base && address < base + size)
    .map(({ name, address, bytes }) => ({
      name,
      value: `${hex32(address)}, ${countText(bytes)} bytes`,
      type: "section",
      address,
    }));
}

/** The word that a symbol stands at. @throws EvaluationError */
function setWord(machine: Machine, address: number, text: string): void {
  machine.simulator.writeMemory(address, Uint8Array.from(new Uint8Array(Int32Array.of(machine.number(text)).buffer)));
}

export function symbolScope(machine: Machine): Scope {
  return {
    name: "Symbols",
    isExpensive: true,
    named: (format) =>
      [...machine.symbols.names]
        .map((name) => machine.symbols.symbol(name)!)
        .sort((a, b) => Number(a.absolute) - Number(b.absolute) || a.address - b.address)
        .map(({ name, address, absolute }): ValueNode => {
          const place = machine.declarations.get(name);
          const where = place ? { place } : {};
          if (absolute)
            return { name, value: quantityText(address | 0, format), type: "number", expression: name, ...where };
          const word = machine.simulator.readMemory(address, 4);
          const held = word ? ` holds ${wordText(new DataView(word.buffer).getInt32(0, true), format)}` : "";
          return {
            name,
            value: `${addressText(address, () => undefined)}${held}`,
            type: "address",
            expression: name,
            address,
            ...where,
            ...(word ? { bytes: 4, set: (text: string) => setWord(machine, address, text) } : {}),
          };
        }),
  };
}
