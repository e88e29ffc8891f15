/**
 * Gives every section its address: memory by memory, rule by rule, one behind the other. The assembler and the linker
 * both place by this and nothing else does.
 */
import { type MachineConfig, type MemoryName, type MemoryRegion, memoryRegions } from "../config/index.ts";
import { type Destination, LayoutRules, type SectionFlags } from "./rules.ts";

/** A section of a source or an object. */
export interface Placeable {
  readonly name: string;
  readonly flags: SectionFlags;
  /** Only reserves memory. */
  readonly nobits: boolean;
  readonly size: number;
  readonly alignment: number;
  /** Initial data; shorter than `size` where the memory can't hold the section. */
  readonly contents: Uint8Array;
  /** Set by layOut. */
  address: number;
}

/** A section of the program: one or more sections of the sources, merged. */
export interface OutputSection<S extends Placeable = Placeable> {
  readonly name: string;
  readonly memory: MemoryName;
  readonly address: number;
  readonly bytes: number;
  readonly nobits: boolean;
  readonly execute: boolean;
  readonly write: boolean;
  readonly parts: readonly S[];
}

/** Why sections can't be placed. */
export type LayoutProblem<S extends Placeable = Placeable> =
  | {
      readonly kind: "overflow";
      readonly memory: MemoryName;
      /** The first section that reaches beyond the memory. */
      readonly section: OutputSection<S>;
      readonly needed: number;
      readonly available: number;
    }
  | { readonly kind: "overlap"; readonly section: OutputSection<S>; readonly other: OutputSection<S> }
  | { readonly kind: "outside"; readonly memory: MemoryName; readonly section: OutputSection<S> }
  /** The sections that make up one section of the program have two addresses in the layout. */
  | { readonly kind: "two-addresses"; readonly section: OutputSection<S>; readonly at: number; readonly other: number }
  | { readonly kind: "misaligned"; readonly section: OutputSection<S>; readonly at: number; readonly alignment: number }
  | { readonly kind: "unplaced"; readonly part: S };

/** Problems with addresses that the layout itself gives. */
export type PlaceProblem<S extends Placeable = Placeable> = Exclude<
  LayoutProblem<S>,
  { readonly kind: "overflow" | "unplaced" }
>;

export interface Layout<S extends Placeable = Placeable> {
  readonly sections: readonly OutputSection<S>[];
  readonly problems: readonly LayoutProblem<S>[];
}

interface Group<S extends Placeable> {
  readonly name: string;
  readonly parts: S[];
  rank: number;
  at: number | undefined;
  otherAt: number | undefined;
  alignment: number;
}

const alignUp = (value: number, alignment: number): number => Math.ceil(value / alignment) * alignment;

/** What only reserves memory stands behind everything that has contents. */
const RESERVED_RANK = 1_000_000;

/** Places all sections that take memory; sets their addresses. */
export function layOut<S extends Placeable>(all: readonly S[], config: MachineConfig): Layout<S> {
  const rules = new LayoutRules(config.layout);
  const problems: LayoutProblem<S>[] = [];
  const byMemory = new Map<MemoryName, { groups: Map<string, Group<S>>; empty: S[] }>();
  for (const part of all) {
    if (!part.flags.allocate && part.size > 0) continue;
    const destination = rules.destination(part.name, part.flags);
    if (!destination) {
      if (part.size > 0) problems.push({ kind: "unplaced", part });
      continue;
    }
    let memory = byMemory.get(destination.memory);
    if (!memory) {
      memory = { groups: new Map(), empty: [] };
      byMemory.set(destination.memory, memory);
    }
    if (part.size > 0) join(memory.groups, part, destination);
    else memory.empty.push(part);
  }
  const sections: OutputSection<S>[] = [];
  for (const region of memoryRegions(config)) {
    const memory = byMemory.get(region.name);
    if (!memory) continue;
    const placed = placeRegion(region, [...memory.groups.values()], problems);
    sections.push(...placed);
    // Sections that stayed empty have an address for their labels: where their program section, or memory, ends.
    const end = Math.max(region.base, ...placed.map(({ address, bytes }) => address + bytes));
    for (const part of memory.empty) part.address = end;
  }
  return { sections, problems };
}

function join<S extends Placeable>(groups: Map<string, Group<S>>, part: S, destination: Destination): void {
  const { into, rank, at, alignment = 1 } = destination;
  const group = groups.get(into);
  if (!group) {
    const wanted = Math.max(alignment, part.alignment);
    groups.set(into, { name: into, parts: [part], rank, at, otherAt: undefined, alignment: wanted });
    return;
  }
  group.parts.push(part);
  group.rank = Math.min(group.rank, rank);
  group.alignment = Math.max(group.alignment, alignment, part.alignment);
  if (at !== undefined && group.at !== undefined && group.at !== at) group.otherAt = at;
  group.at ??= at;
}

function placeRegion<S extends Placeable>(
  region: MemoryRegion,
  groups: readonly Group<S>[],
  problems: LayoutProblem<S>[],
): OutputSection<S>[] {
  const isNobits = (group: Group<S>) => group.parts.every((part) => part.nobits);
  const rankOf = (group: Group<S>) => group.rank + (isNobits(group) ? RESERVED_RANK : 0);
  const ordered = [...groups].sort((a, b) => rankOf(a) - rankOf(b));
  const place = (group: Group<S>, start: number): OutputSection<S> => {
    let end = start;
    for (const part of group.parts) {
      part.address = alignUp(end, part.alignment);
      end = part.address + part.size;
    }
    return {
      name: group.name,
      memory: region.name,
      address: start,
      bytes: end - start,
      nobits: isNobits(group),
      execute: group.parts.some((part) => part.flags.execute),
      write: group.parts.some((part) => part.flags.write),
      parts: group.parts,
    };
  };
  // Sections with an address of their own come first; the others fill the room between and behind them.
  const fixed = ordered
    .filter(({ at }) => at !== undefined)
    .map((group) => {
      const at = group.at!;
      const section = place(group, alignUp(at, group.alignment));
      if (section.address !== at) problems.push({ kind: "misaligned", section, at, alignment: group.alignment });
      if (group.otherAt !== undefined) {
        problems.push({ kind: "two-addresses", section, at, other: group.otherAt });
      }
      return section;
    })
    .sort((a, b) => a.address - b.address);
  checkFixed(region, fixed, problems);
  const sections: OutputSection<S>[] = [];
  let end = region.base;
  let overflowing: OutputSection<S> | undefined;
  for (const group of ordered) {
    if (group.at !== undefined) continue;
    let section = place(group, alignUp(end, group.alignment));
    for (const obstacle of fixed) {
      if (!overlaps(section, obstacle)) continue;
      section = place(group, alignUp(obstacle.address + obstacle.bytes, group.alignment));
    }
    end = section.address + section.bytes;
    sections.push(section);
    if (end > region.base + region.bytes) overflowing ??= section;
  }
  if (overflowing) {
    const sizes = { needed: end - region.base, available: region.bytes };
    problems.push({ kind: "overflow", memory: region.name, section: overflowing, ...sizes });
  }
  return [...sections, ...fixed].sort((a, b) => a.address - b.address);
}

function overlaps(a: OutputSection, b: OutputSection): boolean {
  return a.address < b.address + b.bytes && b.address < a.address + a.bytes;
}

function checkFixed<S extends Placeable>(
  { name, base, bytes }: MemoryRegion,
  fixed: readonly OutputSection<S>[],
  problems: LayoutProblem<S>[],
): void {
  fixed.forEach((section, index) => {
    const before = fixed[index - 1];
    if (before && overlaps(before, section)) problems.push({ kind: "overlap", section, other: before });
    if (section.address < base || section.address + section.bytes > base + bytes) {
      problems.push({ kind: "outside", memory: name, section });
    }
  });
}

const hex = (value: number): string => `0x${value.toString(16).padStart(8, "0")}`;

/** What is wrong with an address of the layout, in words. */
export function placeProblemText(problem: PlaceProblem): string {
  const { section } = problem;
  const range = ({ address, bytes }: OutputSection) => `${hex(address)} .. ${hex(address + bytes - 1)}`;
  switch (problem.kind) {
    case "overlap": {
      const bytes = Math.min(problem.other.address + problem.other.bytes, section.address + section.bytes);
      const common = bytes - section.address;
      return `sections ${problem.other.name} (${range(problem.other)}) and ${section.name} (${range(section)}) overlap by ${common} bytes`;
    }
    case "outside":
      return `section ${section.name} (${range(section)}) lies outside of ${problem.memory.toUpperCase()}`;
    case "two-addresses":
      return `section ${section.name} is to begin at ${hex(problem.at)} and at ${hex(problem.other)}`;
    case "misaligned":
      return `section ${section.name} can't begin at ${hex(problem.at)}: it needs a multiple of ${problem.alignment}`;
  }
}
