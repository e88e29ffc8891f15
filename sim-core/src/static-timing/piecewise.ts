/**
 * Goes over a program piece by piece, callers before callees, and finds out only what isn't known yet: what can be told of a
 * piece follows from its text, from what it calls and from how control comes to it. Where all of that was the same in an
 * earlier version of the program, so is the answer, wherever the piece stands now.
 */
import { DDR_BASE, type MachineConfig } from "../config/index.ts";
import { type FlowGraph, NumberText, type Piece, type Pieces, PieceTexts, type Steps } from "../flow/index.ts";
import type { InstructionSet } from "../isa/index.ts";
import type { Arrival, Departure } from "./arrivals.ts";
import type { CallEffects, Calls } from "./calls.ts";
import type { Conditions } from "./conditions.ts";
import { type Context, hasAny, type Pending } from "./context.ts";
import { Rows } from "./rows.ts";
import type { Stretch, Tables } from "./tables.ts";
import type { Counted } from "./trips.ts";
import { join, packed, type Registers, unknownRegisters, unpack } from "./values.ts";
import { mostOf } from "./working.ts";

/** What was found out about a piece to which control came in one way. */
interface Found {
  /** Its blocks in the program of the tables. */
  readonly blocks: readonly number[];
  /** Counted loops of its functions; blocks that decide are positions in the piece. */
  readonly counts: readonly (readonly (Counted | undefined)[])[];
  readonly departures: readonly Departure[];
  readonly pending: readonly Pending[];
}

/** Pieces with the same text that call functions with the same effects. */
interface Code {
  readonly effects: readonly CallEffects[];
  /** By the text of what arrives. */
  readonly found: Map<string, Found>;
}

/** What is kept of one version of a program for the next one. */
export class TimingRecord {
  readonly config: MachineConfig;
  readonly isa: InstructionSet;
  /** What everything depends on, as text. */
  readonly common: string;
  readonly tables: Tables;
  readonly code = new Map<string, Code>();

  constructor(config: MachineConfig, isa: InstructionSet, common: string, tables: Tables) {
    this.config = config;
    this.isa = isa;
    this.common = common;
    this.tables = tables;
  }

  /** Whether its answers hold for another version of the program, too. */
  holdsFor({ config, isa, common }: TimingRecord): boolean {
    return this.config === config && this.isa === isa && this.common === common;
  }
}

export class Piecewise {
  private readonly graph: FlowGraph;
  private readonly pieces: Pieces;
  private readonly texts: PieceTexts;
  private readonly text = new NumberText();
  private readonly rows = new Rows(64);
  private readonly scratch: Registers = unknownRegisters();
  private readonly calls: Calls;
  private readonly conditions: Conditions;
  private readonly context: Context;
  private readonly record: TimingRecord;
  private readonly past: TimingRecord | undefined;
  /** By piece: its text, with the effects of what it calls, */
  readonly keys: string[];
  /** and how control comes to it, by block. */
  private readonly arrivals: Map<number, Arrival>[];
  private readonly pending: Map<number, Pending>[];

  constructor(
    graph: FlowGraph,
    pieces: Pieces,
    conditions: Conditions,
    context: Context,
    record: TimingRecord,
    past: TimingRecord | undefined,
  ) {
    this.graph = graph;
    this.pieces = pieces;
    this.calls = conditions.calls;
    this.conditions = conditions;
    this.context = context;
    this.record = record;
    this.past = past?.holdsFor(record) ? past : undefined;
    const { places } = conditions;
    this.texts = new PieceTexts(graph, pieces, {
      memoryOf: (address) => places.of(address >>> 0),
      isPlaced: (address) => address >= DDR_BASE,
    });
    this.keys = new Array(pieces.list.length);
    this.arrivals = pieces.list.map(() => new Map());
    this.pending = pieces.list.map(() => new Map());
  }

  *run(): Steps<void> {
    const { list } = this.pieces;
    for (let index = list.length - 1; index >= 0; index--) {
      this.findEffects(list[index]!);
      if ((index & 63) === 0) yield;
    }
    for (const piece of list) {
      yield* this.find(piece);
      if ((piece.index & 63) === 0) yield;
    }
  }

  /** What calls of a piece's functions leave behind. */
  private findEffects(piece: Piece): void {
    const { calls } = this;
    const key = this.keyOf(piece);
    this.keys[piece.index] = key;
    let code = this.record.code.get(key);
    if (!code) {
      const effects = this.past?.code.get(key)?.effects ?? piece.functions.map((fn) => calls.of(fn));
      code = { effects, found: new Map() };
      this.record.code.set(key, code);
    }
    for (const [index, fn] of piece.functions.entries()) calls.set(fn, code.effects[index]!);
  }

  private keyOf(piece: Piece): string {
    const { graph, calls, pieces, text } = this;
    for (const index of piece.blocks) {
      const { last, successors } = graph.blocks[index]!;
      if (last.kind === "call" && !last.unknown) {
        const functions = calls.functionsAt(last.targets);
        text.add(functions ? functions.length : -1);
        for (const fn of functions ?? []) if (pieces.of[fn.entry] !== piece.index) addEffects(text, calls.of(fn));
      }
      for (const { to } of successors) {
        if (pieces.of[to] !== piece.index) addEffects(text, calls.of(graph.functionAt(to)!));
      }
    }
    return this.texts.of(piece) + text.take();
  }

  private *find(piece: Piece): Steps<void> {
    const { conditions, context } = this;
    const arrivals = sorted(this.arrivals[piece.index]!);
    const pending = sorted(this.pending[piece.index]!);
    const key = this.keys[piece.index]!;
    const arriving = this.textOf(arrivals, pending);
    const { record, past } = this;
    // Functions may have a twin in the same program.
    const twin = record.code.get(key)!.found.get(arriving);
    const before = twin ? undefined : past?.code.get(key)?.found.get(arriving);
    let found: Found;
    if (twin) found = this.takeOver(piece, twin, record.tables);
    else if (before) found = this.takeOver(piece, before, past!.tables);
    else {
      const departures = yield* conditions.find(piece, arrivals);
      const under = yield* context.find(piece, pending);
      const counts = piece.functions.map((fn) => this.relative(conditions.countsOf(fn)));
      found = { blocks: piece.blocks, counts, departures, pending: under };
    }
    record.code.get(key)!.found.set(arriving, found);
    for (const { registers } of arrivals.values()) this.rows.giveBack(registers);
    this.arrivals[piece.index]!.clear();
    for (const [index, to] of conditions.exitsOf(piece).entries()) this.arrive(to, found.departures[index]!);
    for (const [index, to] of context.exitsOf(piece).entries()) this.arrivePending(to, found.pending[index]!);
  }

  private relative(counts: readonly (Counted | undefined)[]): readonly (Counted | undefined)[] {
    return counts.map((each) => each && { ...each, decides: this.texts.position[each.decides]! });
  }

  private takeOver(piece: Piece, known: Found, from: Tables): Found {
    const { tables } = this.record;
    for (const { instructions, blocks } of stretches(known.blocks, from, piece.blocks, tables)) {
      tables.copy(from, instructions, blocks);
    }
    for (const [index, fn] of piece.functions.entries()) {
      const counts = known.counts[index]!;
      this.conditions.setCounts(
        fn,
        counts.map((each) => each && { ...each, decides: piece.blocks[each.decides]! }),
      );
    }
    return { ...known, blocks: piece.blocks };
  }

  private textOf(arrivals: ReadonlyMap<number, Arrival>, pending: ReadonlyMap<number, Pending>): string {
    const { text } = this;
    for (const [block, { registers, working }] of arrivals) {
      text.add(this.texts.position[block]!).add(working);
      addKnown(text, registers);
    }
    text.add(-1);
    for (const [block, each] of pending) {
      text.add(this.texts.position[block]!);
      for (const number of each) text.add(number);
    }
    return text.take();
  }

  private arrive(to: number, { known: packed, working }: Departure): void {
    const arrivals = this.arrivals[this.pieces.of[to]!]!;
    const known = arrivals.get(to);
    unpack(packed, this.scratch);
    if (!known) arrivals.set(to, { registers: this.rows.copyOf(this.scratch), working });
    else {
      join(known.registers, this.scratch, this.conditions.places);
      arrivals.set(to, { registers: known.registers, working: mostOf(known.working, working) });
    }
  }

  /** Nothing under way is what an entry of a function expects anyway. */
  private arrivePending(to: number, pending: Pending): void {
    if (!hasAny(pending)) return;
    const arrivals = this.pending[this.pieces.of[to]!]!;
    const known = arrivals.get(to);
    if (known) this.context.meet(known, pending);
    else arrivals.set(to, pending.slice());
  }
}

const sorted = <T>(map: Map<number, T>): Map<number, T> =>
  map.size < 2 ? map : new Map([...map].sort(([a], [b]) => a - b));

function addEffects(text: NumberText, effects: CallEffects): void {
  const { clobbers, issues, keeps, leaves, loops, needsUnits, marksLayers, isRecursive } = effects;
  const flags = Number(needsUnits) | (Number(marksLayers) << 1) | (Number(isRecursive) << 2);
  text.add(clobbers).add(issues).add(keeps).add(leaves).add(loops).add(flags);
}

/** Registers of which something is known. */
function addKnown(text: NumberText, registers: Registers): void {
  const known = packed(registers);
  text.add(known.length);
  for (const number of known) text.add(number);
}

/** Blocks that stood side by side and still do, with their instructions. */
function* stretches(
  old: readonly number[],
  { firsts: oldFirsts }: Tables,
  present: readonly number[],
  { firsts }: Tables,
): Iterable<{ readonly blocks: Stretch; readonly instructions: Stretch }> {
  for (let begin = 0; begin < present.length; ) {
    let end = begin + 1;
    while (end < present.length && present[end] === present[end - 1]! + 1 && old[end] === old[end - 1]! + 1) end++;
    const blocks = { from: old[begin]!, to: present[begin]!, count: end - begin };
    const [from, to] = [oldFirsts[blocks.from]!, firsts[blocks.to]!];
    yield { blocks, instructions: { from, to, count: firsts[blocks.to + blocks.count]! - to } };
    begin = end;
  }
}

/** Everything that all pieces of a program depend on. */
export function commonText(graph: FlowGraph, { allWorking, anyone }: Conditions, mostLate: number): string {
  const text = new NumberText();
  text.add(allWorking).add(mostLate).add(Number(graph.unknownLoops)).add(Number(graph.setsTrapVector));
  addKnown(text, anyone);
  return text.take();
}
