/**
 * What a piece of a program says, wherever it stands: two pieces with the same text are the same code, from the first
 * instruction to the last edge. What lies outside of it is left open, and so is the place of the piece itself, unless the
 * code depends on it. So an edit elsewhere, which moves a piece, leaves its text alone.
 */
import type { Block, BlockEnd, EdgeKind, FlowGraph, FlowInstruction, HardwareLoop } from "./model.ts";
import type { Piece, Pieces } from "./pieces.ts";

/** No instruction's word has 0 as its lowest two bits: what these introduce can't be taken for one. */
const HALF = 0;
const WHOLE = 4;
const AWAY = 8;
const PLACED = 12;

const END_KINDS: readonly BlockEnd["kind"][] = [
  "next",
  "branch",
  "jump",
  "call",
  "return",
  "indirect",
  "exit",
  "trapReturn",
];
const EDGE_KINDS: readonly EdgeKind[] = ["fallthrough", "taken", "return", "loop", "skip"];
const ENDS = new Map(END_KINDS.map((kind, index) => [kind, index]));
const EDGES = new Map(EDGE_KINDS.map((kind, index) => [kind, index]));

/** Numbers as a string, which a Map compares as a whole. */
export class NumberText {
  private readonly halves = new Uint16Array(2048);
  private used = 0;
  private text = "";

  add(number: number): this {
    if (this.used === this.halves.length) this.flush();
    this.halves[this.used++] = number;
    this.halves[this.used++] = number >>> 16;
    return this;
  }

  private flush(): void {
    this.text += String.fromCharCode.apply(null, this.halves.subarray(0, this.used) as unknown as number[]);
    this.used = 0;
  }

  /** What was added since the last time. */
  take(): string {
    this.flush();
    const { text } = this;
    this.text = "";
    return text;
  }
}

/**
 * The register in which `auipc` has left half an address that the instruction behind it, in the same block, completes; 0
 * where there is none.
 */
export function completedRegister(before: FlowInstruction, at: FlowInstruction): number {
  if (before.instruction.mnemonic !== "auipc") return 0;
  const half = before.operands[0]!;
  const { timing } = at.instruction.row;
  const isAccess = timing === "load" || timing === "store" || timing === "jumpReg";
  if (isAccess) return at.operands[2] === half ? half : 0;
  return at.instruction.mnemonic === "addi" && at.operands[1] === half ? half : 0;
}

/** What there is to know about addresses of a machine. */
export interface AddressFacts {
  /** The memory that an address lies in, as a number. */
  memoryOf(address: number): number;
  /** Whether code there depends on the address itself, and not on the memory alone; so do all higher ones then. */
  isPlaced(address: number): boolean;
}

export class PieceTexts {
  private readonly graph: FlowGraph;
  private readonly pieces: Pieces;
  private readonly facts: AddressFacts;
  private readonly text = new NumberText();
  /** Position of each block in its piece. */
  readonly position: Int32Array;
  private readonly loopsOf: ReadonlyMap<number, readonly HardwareLoop[]>;

  constructor(graph: FlowGraph, pieces: Pieces, facts: AddressFacts) {
    this.graph = graph;
    this.pieces = pieces;
    this.facts = facts;
    this.position = new Int32Array(graph.blocks.length);
    for (const { blocks } of pieces.list) {
      for (let at = 0; at < blocks.length; at++) this.position[blocks[at]!] = at;
    }
    this.loopsOf = this.hardwareLoops();
  }

  /** Hardware loops by the pieces that set them up and by those that hold their bodies. */
  private hardwareLoops(): Map<number, HardwareLoop[]> {
    const { graph, pieces } = this;
    const found = new Map<number, HardwareLoop[]>();
    for (const loop of graph.hardwareLoops) {
      const body = graph.indexAt(loop.start);
      const indexes = body < 0 ? [loop.setup] : [loop.setup, body];
      for (const piece of new Set(indexes.map((index) => pieces.of[graph.blockOf(index)]!))) {
        const list = found.get(piece);
        if (list) list.push(loop);
        else found.set(piece, [loop]);
      }
    }
    return found;
  }

  of(piece: Piece): string {
    const { graph } = this;
    const { text } = this;
    const { blocks, functions } = piece;
    const base = graph.blocks[blocks[0]!]!.address;
    const { end } = graph.blocks[blocks.at(-1)!]!;
    const top = graph.instructions[end - 1]!.address + 4;
    const hardwareLoops = this.loopsOf.get(piece.index) ?? [];
    text.add(blocks.length).add(functions.length).add(hardwareLoops.length);
    text
      .add(this.facts.memoryOf(base))
      .add(this.facts.memoryOf(top))
      .add(this.facts.isPlaced(top - 4) ? base : 0);
    for (const { entry, origin, returns, unknownJumps, isTrapHandler, landings } of functions) {
      const flags = Number(returns) | (Number(unknownJumps) << 1) | (Number(isTrapHandler) << 2);
      text.add(this.position[entry]!).add(flags).add(ORIGINS.indexOf(origin)).add(landings.length);
      for (const landing of landings) text.add(this.position[landing]!);
    }
    for (const { level, setup, start, end: behind, count = -1 } of hardwareLoops) {
      const inside = this.pieces.of[graph.blockOf(setup)] === piece.index;
      text
        .add(level)
        .add(inside ? graph.instructions[setup]!.address - base : -1)
        .add(start - base)
        .add(behind - base)
        .add(count);
    }
    for (const index of blocks) this.block(text, piece, graph.blocks[index]!, base, top);
    return text.take();
  }

  private block(text: NumberText, piece: Piece, block: Block, base: number, top: number): void {
    const { instructions } = this.graph;
    const { first, end, address, last, successors, predecessors, leaks, addressTaken } = block;
    const inside = (other: number): boolean => this.pieces.of[other] === piece.index;
    const flags = Number(last.unknown) | (Number(last.certain) << 1) | (Number(addressTaken) << 2);
    const isEntered = predecessors.some(({ from }) => !inside(from));
    text
      .add(address - base)
      .add(end - first)
      .add(ENDS.get(last.kind)! | (flags << 4) | (Number(isEntered) << 8));
    text.add(last.targets.length).add(leaks.length).add(successors.length);
    for (const { kind } of leaks) text.add(kind === "call" ? -1 : EDGES.get(kind)!);
    for (const { kind, to } of successors) text.add(EDGES.get(kind)!).add(inside(to) ? this.position[to]! : -1);
    // Which functions are called: those of other pieces are left open.
    for (const target of last.kind === "call" ? last.targets : []) {
      const index = this.graph.indexAt(target);
      const callee = index < 0 ? -1 : this.graph.blockOf(index);
      text.add(callee >= 0 && inside(callee) ? this.position[callee]! : -1);
    }
    for (let index = first; index < end; index++) {
      const at = instructions[index]!;
      const before = index > first ? instructions[index - 1]! : undefined;
      const next = index + 1 < end ? instructions[index + 1]! : undefined;
      if (at.instruction.mnemonic === "auipc") this.upperHalf(text, at, next);
      else if (before && completedRegister(before, at) !== 0) this.lowerHalf(text, before, at);
      else if (at.target !== undefined && (at.target < base || at.target >= top)) away(text, at);
      else text.add(at.word);
    }
  }

  private upperHalf(text: NumberText, at: FlowInstruction, next: FlowInstruction | undefined): void {
    if (next && completedRegister(at, next) !== 0)
      text
        .add(HALF)
        .add(at.operands[0]!)
        .add(this.facts.memoryOf(halfOf(at)));
    else text.add(PLACED).add(at.word).add(at.address);
  }

  /** Both halves together are the same address wherever they stand. */
  private lowerHalf(text: NumberText, before: FlowInstruction, at: FlowInstruction): void {
    const { instruction, operands } = at;
    text.add(WHOLE).add(instruction.index).add(operands[0]!);
    if (instruction.row.timing === "jumpReg") return;
    text.add(halfOf(before) + (instruction.mnemonic === "addi" ? operands[2]! : operands[1]!));
  }
}

const ORIGINS = ["start", "called", "global", "taken"];

const halfOf = ({ address, operands }: FlowInstruction): number => (address + (operands[1]! << 12)) | 0;

/** An instruction with an offset to somewhere outside: how far that is depends on what lies between. */
function away(text: NumberText, { instruction, operands, target, address, word }: FlowInstruction): void {
  const { timing } = instruction.row;
  if (timing === "branch")
    text
      .add(AWAY)
      .add(instruction.index)
      .add(operands[0]!)
      .add(operands[1]!)
      .add(Number(target! < address));
  else if (timing === "jump")
    text
      .add(AWAY)
      .add(instruction.index)
      .add(operands[0]!)
      .add(Number(target! < address));
  else text.add(PLACED).add(word).add(address);
}
