/** Moves an instruction into the time in which the next one would only wait for a loaded value or a product. */
import { lineIndexAt } from "@nnasm/sim-core/asm";
import type { Position } from "@nnasm/sim-core/diagnostics";
import { abiName } from "@nnasm/sim-core/isa";
import type { Program } from "@nnasm/sim-core/program";
import { mayPass, type StaticTiming, staticTiming } from "@nnasm/sim-core/static-timing";
import { timingOf } from "../cycles.ts";
import type { TextEdit } from "../format.ts";
import { indexOf } from "../program-index.ts";
import type { Snapshot } from "../snapshot.ts";
import { applyEdits } from "../text.ts";
import { RefactoringRefused, replaceLines } from "./refactoring.ts";

/** How far an instruction is moved at most, in instructions. */
const REACH = 8;

export interface HiddenStall {
  /** The register that is waited for, and for how many cycles. */
  readonly register: string;
  readonly cycles: number;
  readonly moves: readonly Move[];
}

/** An instruction goes from its line to stand in front of another line. */
interface Move {
  readonly from: number;
  readonly to: number;
  /** Lines from the first to the last that change, and the instructions on them, in their order. */
  readonly first: number;
  readonly last: number;
  readonly indexes: readonly number[];
}

/** What could be done about the wait of the instruction on a line; undefined when there is none, or nothing. */
export function stallOn(snapshot: Snapshot, { line }: Position): HiddenStall | undefined {
  const timing = timingOf(snapshot);
  const index = timing ? instructionOn(snapshot, timing, line) : undefined;
  if (!timing || index === undefined) return undefined;
  const stall = timing.instruction(index).stalls.find(({ cause }) => cause === "loadUse" || cause === "mulUse");
  if (stall?.register === undefined) return undefined;
  const moves = movesTo(snapshot, timing, line, index);
  return moves.length > 0 ? { register: abiName(stall.register), cycles: stall.cycles, moves } : undefined;
}

/**
 * The move that saves the most cycles of the block; the assembler has to find the same instructions in another order.
 * @throws RefactoringRefused when none does
 */
export function hideStall(snapshot: Snapshot, position: Position): readonly TextEdit[] {
  const timing = timingOf(snapshot);
  const stall = stallOn(snapshot, position);
  if (!timing || !stall) throw new RefactoringRefused("Nothing waits here that another order would hide.");
  let best: { readonly edits: readonly TextEdit[]; readonly cycles: number } | undefined;
  for (const move of stall.moves) {
    const edits = [editOf(snapshot, move)];
    const { program } = snapshot.reassemble({ text: applyEdits(snapshot.file, edits) });
    if (!program || !isReordered(snapshot.assembly.program!, program, timing, move)) continue;
    const cycles = blockCycles(staticTiming(program, snapshot.config, snapshot.isa), move.indexes[0]!);
    if (cycles < (best?.cycles ?? blockCycles(timing, move.indexes[0]!))) best = { edits, cycles };
  }
  if (!best) throw new RefactoringRefused("No other order of these instructions takes fewer cycles.");
  return best.edits;
}

function blockCycles(timing: StaticTiming, index: number): number {
  const { graph } = timing;
  return timing.upTo(graph.blocks[graph.blockOf(index)]!.end - 1).cycles;
}

/** The instruction of a line that holds nothing but one instruction, written out, with or without a label in front. */
function instructionOn({ assembly, file }: Snapshot, timing: StaticTiming, line: number): number | undefined {
  const [placement, ...others] = indexOf(assembly).placementsOn(file.name, line);
  if (!placement || others.length > 0 || placement.words?.length !== 1) return undefined;
  const index = timing.graph.indexAt(placement.address);
  const statements = file.lines[lineIndexAt(file, line)]?.statements ?? [];
  return index >= 0 && statements.length === 1 && statements[0]!.form === "instruction" ? index : undefined;
}

/** Lines without labels that hold one instruction each, or nothing, from a line on upwards or downwards. */
function* neighbours(snapshot: Snapshot, timing: StaticTiming, line: number, step: 1 | -1) {
  const { file } = snapshot;
  for (let at = line + step; at >= 0 && at - line !== step * 4 * REACH; at += step) {
    const index = lineIndexAt(file, at);
    const text = file.lines[index];
    if (!text || text.height > 1 || file.firstLines[index] !== at) return;
    const [statement, ...others] = text.statements;
    if (!statement) continue;
    if (others.length > 0 || statement.labels.length > 0) return;
    const found = instructionOn(snapshot, timing, at);
    if (found === undefined) return;
    yield { line: at, index: found };
  }
}

function movesTo(snapshot: Snapshot, timing: StaticTiming, line: number, waiting: number): Move[] {
  const { graph } = timing;
  const block = graph.blockOf(waiting);
  const hasLabel = (snapshot.file.lines[lineIndexAt(snapshot.file, line)]?.statements[0]?.labels.length ?? 0) > 0;
  const moves: Move[] = [];
  // From behind: it passes everything between, and what waits.
  const passed = [waiting];
  for (const { line: from, index } of hasLabel ? [] : neighbours(snapshot, timing, line, 1)) {
    if (index !== waiting + passed.length || graph.blockOf(index) !== block || passed.length > REACH) break;
    if (mayPass(timing, index, passed)) {
      moves.push({ from, to: line, first: line, last: from, indexes: [...passed, index] });
    }
    passed.push(index);
  }
  // From in front: what is waited for and everything between passes it.
  const above: number[] = [];
  for (const { line: from, index } of hasLabel ? [] : neighbours(snapshot, timing, line, -1)) {
    if (index !== waiting - above.length - 1 || graph.blockOf(index) !== block || above.length > REACH) break;
    if (above.length > 0 && mayPass(timing, index, above)) {
      moves.push({ from, to: line, first: from, last: line, indexes: [index, ...above.toReversed(), waiting] });
    }
    above.push(index);
  }
  return moves;
}

function editOf(snapshot: Snapshot, { from, to, first, last }: Move): TextEdit {
  const { file } = snapshot;
  const textOf = (line: number): string => file.lines[lineIndexAt(file, line)]!.text.replace(/\r\n|\r|\n/, "");
  const lines: string[] = [];
  for (let line = first; line <= last; line++) {
    if (line === to) lines.push(textOf(from));
    if (line !== from) lines.push(textOf(line));
  }
  return replaceLines(snapshot, first, last, lines);
}

/** Whether a program differs from another one by nothing but this move. */
function isReordered(before: Program, after: Program, { graph }: StaticTiming, { indexes, from, to }: Move): boolean {
  const words = indexes.map((index) => graph.instructions[index]!.word);
  // The one from behind comes first; the one from in front comes last but for what waits.
  const moved = from > to ? [words.at(-1)!, ...words.slice(0, -1)] : [...words.slice(1, -1), words[0]!, words.at(-1)!];
  const start = graph.instructions[indexes[0]!]!.address;
  const end = start + 4 * moved.length;
  if (before.entry !== after.entry || before.segments.length !== after.segments.length) return false;
  return before.segments.every((segment, position) => {
    const other = after.segments[position]!;
    const { address, bytes } = segment;
    if (address !== other.address || bytes.length !== other.bytes.length) return false;
    const isCode = start >= address && end <= address + bytes.length;
    return bytes.every((byte, offset) => {
      const at = address + offset - start;
      if (!isCode || at < 0 || at >= 4 * moved.length) return byte === other.bytes[offset];
      return other.bytes[offset] === ((moved[at >> 2]! >>> (8 * (at & 3))) & 0xff);
    });
  });
}
