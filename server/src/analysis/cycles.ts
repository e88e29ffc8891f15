/** What code costs where it stands, before it runs: the simulator's own numbers, as short texts. */
import type { Placement } from "@nnasm/sim-core/asm";
import { abiName } from "@nnasm/sim-core/isa";
import {
  type InstructionTime,
  REASON_TEXT,
  type Reason,
  reasonsOf,
  type Stall,
  type StaticTime,
  type StaticTiming,
  staticTiming,
} from "@nnasm/sim-core/static-timing";
import { isLarge } from "./large.ts";
import type { Snapshot } from "./snapshot.ts";

/** Times of the program, when it assembles; of a large one only once they have been computed: that takes too long to wait for. */
export function timingOf(snapshot: Snapshot): StaticTiming | undefined {
  const timing = timesToCome(snapshot);
  return timing && !timing.isReady && isLarge(snapshot.assembly) ? undefined : timing;
}

/** The same, perhaps not computed yet. */
export function timesToCome({ assembly: { program }, config, isa, past }: Snapshot): StaticTiming | undefined {
  return program && staticTiming(program, config, isa, past);
}

/** What the instructions of one line cost. */
export interface LineCycles extends StaticTime {
  readonly instructions: readonly InstructionTime[];
  /** Position of the last one in the flow graph, when it is the last of its block. */
  readonly endsBlock: number | undefined;
}

/** Undefined for lines without instructions, and for those whose instructions don't run one after the other. */
export function cyclesOf(timing: StaticTiming, placements: readonly Placement[]): LineCycles | undefined {
  const { graph } = timing;
  const indexes: number[] = [];
  for (const { words, address } of placements) {
    for (let word = 0; word < (words?.length ?? 0); word++) indexes.push(graph.indexAt(address + word * 4));
  }
  const [first] = indexes;
  if (first === undefined || first < 0) return undefined;
  const last = indexes.at(-1)!;
  const block = graph.blockOf(first);
  if (indexes.some((index, at) => index !== first + at || graph.blockOf(index) !== block)) return undefined;
  const instructions = indexes.map((index) => timing.instruction(index));
  return {
    cycles: instructions.reduce((sum, { cycles }) => sum + cycles, 0),
    reasons: instructions.reduce((bits, { reasons }) => bits | reasons, 0),
    instructions,
    endsBlock: graph.blocks[block]!.end - 1 === last ? last : undefined,
  };
}

const CAUSES: Readonly<Partial<Record<Stall["cause"], string>>> = {
  loadUse: "load-use",
  mulUse: "mul-use",
  ddr: "DDR",
  user: "own",
};

const SHORT_REASONS: Readonly<Record<Reason, string>> = {
  address: "unknown address",
  branch: "branch",
  count: "passes",
  wait: "wait",
  queue: "queue",
  banks: "banks",
  bus: "DDR bus",
  fetch: "fetch",
  call: "call",
  pending: "pending",
  trap: "trap",
  user: "accesses",
  recursion: "recursion",
  loops: "loop",
  units: "units",
  unknown: "unknown way",
};

/** `= 12`, or `>= 12`. */
export const bound = ({ cycles, reasons }: StaticTime): string => `${reasons === 0 ? "=" : ">="} ${cycles}`;

/** Why a time may be longer, in a few words. */
export const shortReasons = (reasons: number): string =>
  reasonsOf(reasons)
    .map((reason) => SHORT_REASONS[reason])
    .join(", ");

/** Why a time may be longer, in sentences' parts. */
export const longReasons = (reasons: number): string =>
  reasonsOf(reasons)
    .map((reason) => REASON_TEXT[reason])
    .join("; ");

const stallText = ({ cause, cycles, register }: Stall): string =>
  `${cycles} ${CAUSES[cause] ?? cause}${register === undefined ? "" : ` ${abiName(register)}`}`;

/** `1+1 load-use t0`, `>= 1 wait`; empty when each instruction takes its one cycle and `all` is false. */
export function cyclesText({ instructions, reasons }: LineCycles, all: boolean): string {
  const stalls = instructions.flatMap((each) => each.stalls);
  const [only] = instructions;
  const taken = instructions.length === 1 ? only!.branch : undefined;
  if (taken) return `${taken.notTaken}, taken ${taken.taken}`;
  if (stalls.length === 0 && reasons === 0 && !all) return "";
  const sum = [String(instructions.length), ...stalls.map(stallText)]
    .join("+")
    .replaceAll(/([a-zA-Z0-9])\+(?=\d+ )/g, joint);
  return reasons === 0 ? sum : `>= ${sum} (${shortReasons(reasons)})`;
}

/** A plus behind words gets some air. */
const joint = (match: string, before: string): string => (/\d/.test(before) ? match : `${before} +`);

/** A sentence about an instruction in its place, for its hover. */
export function placeText(time: InstructionTime): string {
  const { cycles, reasons, stalls, branch } = time;
  const count = `${reasons === 0 ? "" : "at least "}${cycles === 1 ? "1 cycle" : `${cycles} cycles`}`;
  const parts = stalls.map(({ cause, cycles: more, register }) => {
    const name = register === undefined ? "" : ` ${abiName(register)}`;
    return `${more} ${WAITS[cause] ?? `for ${cause}`}${name}`;
  });
  const ways = branch ? `${branch.notTaken} when not taken, ${branch.taken} when taken` : count;
  const why = reasons === 0 || branch ? "" : ` (${longReasons(reasons)})`;
  return `In this place: ${ways}${parts.length > 0 && !branch ? `: 1, and ${parts.join(", ")}` : ""}${why}`;
}

const WAITS: Readonly<Partial<Record<Stall["cause"], string>>> = {
  branch: "refilling the pipeline",
  loadUse: "waiting for the loaded value in",
  mulUse: "waiting for the product in",
  divide: "dividing",
  memory: "for the memory's port",
  ddr: "for the burst from DDR",
  descriptor: "moving the descriptor",
  fetch: "fetching code",
  user: "for the project's own instruction",
};
