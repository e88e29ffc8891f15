/** What stands above functions, loops, layers and labels: cycles, uses, and ways to run the program. */
import type { AsmSymbol, Assembly } from "@nnasm/sim-core/asm";
import type { Range } from "@nnasm/sim-core/diagnostics";
import { type FlowFunction, flowGraph, type Loop } from "@nnasm/sim-core/flow";
import type { StaticTime } from "@nnasm/sim-core/static-timing";
import { bound, shortReasons, timingOf } from "./cycles.ts";
import { indexOf } from "./program-index.ts";
import type { Snapshot } from "./snapshot.ts";

export type LensKind = "cycles" | "references" | "run" | "debug" | "profile";

/** A place above which something can be said; what it is comes when it is asked for. */
export interface Lens {
  readonly kind: LensKind;
  readonly range: Range;
  /** Of the code there, for cycles. */
  readonly address: number;
  /** Of the label; empty for layers. */
  readonly name: string;
}

export interface LensOptions {
  readonly cycles: boolean;
  readonly references: boolean;
  readonly run: boolean;
}

export function lensesOf(snapshot: Snapshot, { cycles, references, run }: LensOptions): Lens[] {
  const { assembly, file } = snapshot;
  const lenses: Lens[] = [];
  const headers = cycles ? headersOf(snapshot) : undefined;
  for (const symbol of assembly.symbols.values()) {
    const { name, kind, range, value = 0 } = symbol;
    if (kind !== "label" || symbol.file !== file.name || !range) continue;
    const add = (each: LensKind) => lenses.push({ kind: each, range, address: value, name });
    if (run && value === assembly.program?.entry && isCode(assembly, symbol)) {
      for (const each of ["run", "debug", "profile"] as const) add(each);
    }
    if (headers && (headers.functions.has(value) || headers.loops.has(value))) add("cycles");
    if (references) add("references");
  }
  if (headers) lenses.push(...layerLenses(snapshot));
  return lenses;
}

const isCode = ({ sections }: Assembly, { section }: AsmSymbol): boolean =>
  sections.some(({ name, memory }) => name === section && (memory === "pm" || memory === "ddr"));

interface Headers {
  readonly functions: ReadonlyMap<number, FlowFunction>;
  readonly loops: ReadonlyMap<number, { readonly fn: FlowFunction; readonly loop: Loop }>;
}

const kept = new WeakMap<Assembly, Headers>();

/** Functions and loops by the address that they begin with. */
function headersOf({ assembly, isa }: Snapshot): Headers {
  const known = kept.get(assembly);
  if (known) return known;
  const graph = assembly.program && flowGraph(assembly.program, isa);
  const functions = new Map<number, FlowFunction>();
  const loops = new Map<number, { fn: FlowFunction; loop: Loop }>();
  for (const fn of graph?.functions ?? []) {
    functions.set(fn.address, fn);
    for (const loop of graph!.loopsOf(fn)) {
      const { address } = graph!.blocks[loop.header]!;
      if (!loops.has(address)) loops.set(address, { fn, loop });
    }
  }
  const headers = { functions, loops };
  kept.set(assembly, headers);
  return headers;
}

/** Instructions that mark layers, in this file. */
function layerLenses({ assembly, file, isa }: Snapshot): Lens[] {
  const marker = isa.get("nn.layer")!;
  // Most programs have none, and looking through all statements takes long in large ones.
  const { program } = assembly;
  if (!program || !flowGraph(program, isa).instructions.some(({ instruction }) => instruction === marker)) return [];
  const lenses: Lens[] = [];
  for (const { file: name, words = [], address, range } of assembly.placements) {
    if (name !== file.name) continue;
    for (const [index, word] of words.entries()) {
      if (((word & marker.mask) ^ marker.match) !== 0) continue;
      lenses.push({ kind: "cycles", range, address: address + index * 4, name: "" });
    }
  }
  return lenses;
}

/** What a lens says; undefined when there is nothing any more, for the program has changed. */
export function lensText(snapshot: Snapshot, { kind, address, name }: Pick<Lens, "kind" | "address" | "name">) {
  switch (kind) {
    case "cycles":
      return name === "" ? layerText(snapshot, address) : codeText(snapshot, address);
    case "references": {
      const count = usesOf(snapshot, name).length;
      return count === 1 ? "1 reference" : `${count} references`;
    }
    default:
      return { run: "Run", debug: "Debug", profile: "Profile" }[kind];
  }
}

/** Where a label is used, its definition left out. */
export const usesOf = ({ assembly }: Snapshot, name: string) =>
  indexOf(assembly)
    .referencesTo(name, false)
    .filter(({ kind }) => kind !== "definition");

const withReasons = (time: StaticTime): string =>
  `${bound(time)} ${time.cycles === 1 ? "cycle" : "cycles"}${time.reasons === 0 ? "" : ` (${shortReasons(time.reasons)})`}`;

function codeText(snapshot: Snapshot, address: number): string | undefined {
  const timing = timingOf(snapshot);
  if (!timing) return undefined;
  const { functions, loops } = headersOf(snapshot);
  const fn = functions.get(address);
  const header = loops.get(address);
  const parts: string[] = [];
  if (fn) parts.push(withReasons(timing.function(fn)));
  const time = header && timing.loops(header.fn).find((each) => each.header === address);
  if (time) {
    const passes = time.passes === undefined ? "" : `${time.passes} ${time.passes === 1 ? "pass" : "passes"}, `;
    const each = time.pass ? `, ${time.pass.cycles} a pass` : "";
    parts.push(`loop: ${passes}${withReasons(time)}${each}`);
  }
  return parts.length > 0 ? parts.join(" · ") : undefined;
}

function layerText(snapshot: Snapshot, address: number): string | undefined {
  const timing = timingOf(snapshot);
  const index = timing ? timing.graph.indexAt(address) : -1;
  if (index < 0) return undefined;
  const block = timing!.graph.blockOf(index);
  const fn = timing!.graph.functions.find(({ blocks }) => blocks.includes(block));
  const time = fn && timing!.layers(fn).find((each) => each.address === address);
  const name = snapshot.assembly.layers.find(({ id }) => id === time?.id)?.name;
  return time && `layer${name === undefined ? "" : ` ${name}`}: ${withReasons(time)}`;
}
