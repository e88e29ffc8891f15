/** Gives every section its address: memory by memory, rule by rule, one behind the other. */
import { type MachineConfig, memoryRegions } from "../../config/index.ts";
import type { Section } from "../object/section.ts";
import { memoryOf, outputName, placementRank } from "./memory-rules.ts";

/** A section of the program: one or more sections of the sources, merged. */
export interface OutputSection {
  readonly name: string;
  readonly memory: "pm" | "dm" | "wm" | "ddr";
  readonly address: number;
  readonly bytes: number;
  readonly nobits: boolean;
  readonly execute: boolean;
  readonly write: boolean;
  readonly parts: readonly Section[];
}

export interface Overflow {
  readonly memory: OutputSection["memory"];
  /** The first section that reaches beyond the memory. */
  readonly section: OutputSection;
  readonly needed: number;
  readonly available: number;
}

export interface Layout {
  readonly sections: readonly OutputSection[];
  readonly overflows: readonly Overflow[];
}

const alignUp = (value: number, alignment: number): number => Math.ceil(value / alignment) * alignment;

/** Places all sections that take memory; sets their addresses. */
export function layOut(all: readonly Section[], config: MachineConfig): Layout {
  const sections: OutputSection[] = [];
  const overflows: Overflow[] = [];
  for (const region of memoryRegions(config)) {
    const mine = all.filter(
      (section) => section.flags.allocate && section.size > 0 && memoryOf(section.name, section.flags) === region.name,
    );
    const groups = new Map<string, Section[]>();
    for (const section of mine) {
      const name = outputName(section.name);
      const group = groups.get(name);
      if (group) group.push(section);
      else groups.set(name, [section]);
    }
    const ordered = [...groups].sort(([a, as], [b, bs]) => rankOf(a, as) - rankOf(b, bs));
    let end = region.base;
    let overflowing: OutputSection | undefined;
    for (const [name, parts] of ordered) {
      const alignment = Math.max(...parts.map((part) => part.alignment));
      const address = alignUp(end, alignment);
      end = address;
      for (const part of parts) {
        part.address = alignUp(end, part.alignment);
        end = part.address + part.size;
      }
      const output: OutputSection = {
        name,
        memory: region.name,
        address,
        bytes: end - address,
        nobits: parts.every((part) => part.nobits),
        execute: parts.some((part) => part.flags.execute),
        write: parts.some((part) => part.flags.write),
        parts,
      };
      sections.push(output);
      if (end > region.base + region.bytes) overflowing ??= output;
    }
    if (overflowing) {
      const sizes = { needed: end - region.base, available: region.bytes };
      overflows.push({ memory: region.name, section: overflowing, ...sizes });
    }
    // Sections that stayed empty have an address for their labels: where their memory's contents end.
    for (const section of all) {
      if (section.size === 0 && memoryOf(section.name, section.flags) === region.name) section.address = end;
    }
  }
  return { sections, overflows };
}

function rankOf(name: string, parts: readonly Section[]): number {
  return placementRank(
    name,
    parts.every((part) => part.nobits),
  );
}
