/**
 * Where a step back leads: followed forward through a piece of the past, instruction by instruction. A frame stands on a
 * line from the instruction at which it came to it until it goes to another line or jumps back within it; that is what
 * steps forward stop at, too. A step back goes to the beginning of the line that the machine stood on last.
 */
import type { Machine } from "../inspect/machine.ts";
import { shownPlace } from "../inspect/stack.ts";
import { type Expansion, sharedCalls } from "../program/expansions.ts";
import type { Place } from "../program/lines.ts";
import { type Granularity, isCallAgain } from "../run/steps.ts";

/** A frame's stay on one line. */
interface Run {
  readonly place: Place | undefined;
  /** Instructions that had retired where it began. */
  readonly retired: number;
  /** False when it may have begun before what is followed. */
  readonly isWhole: boolean;
  /** Macro calls that are looked into there. */
  readonly open: number;
  readonly call: Expansion | undefined;
}

interface Level {
  readonly depth: number;
  run: Run | undefined;
  previousPc: number;
  isBehindCall: boolean;
}

export interface LineRunsOptions {
  readonly machine: Machine;
  readonly granularity: Granularity;
  /** Into calls and macros that lie before, instead of over them. */
  readonly into: boolean;
  /** Calls under way where the step back begins. */
  readonly depth: number;
  /** Macro calls that are looked into there, outermost first. */
  readonly opened: readonly Expansion[];
}

export interface Landing {
  readonly retired: number;
  readonly open: number;
}

export class LineRuns {
  private readonly options: LineRunsOptions;
  private readonly levels: Level[] = [];
  private lastDepth: number;
  /** Nothing lies before the first instruction that is followed, or nothing that a step could go back to. */
  private isWholeStart: boolean;

  constructor(options: LineRunsOptions, isBeginning: boolean) {
    this.options = options;
    this.isWholeStart = isBeginning;
    this.lastDepth = options.machine.simulator.state.calls.depth;
  }

  /** The deepest calls that matter. */
  get deepest(): number {
    return this.options.into ? Number.POSITIVE_INFINITY : this.options.depth;
  }

  /** The machine stands before an instruction. */
  visit(): void {
    const { machine, granularity } = this.options;
    const { pc, retired, calls } = machine.simulator.state;
    const { depth } = calls;
    const cameFromDeeper = this.lastDepth > depth;
    const isWholeStart = this.isWholeStart || this.lastDepth < depth;
    this.isWholeStart = false;
    this.lastDepth = depth;
    while ((this.levels.at(-1)?.depth ?? -1) > depth) this.levels.pop();
    let level = this.levels.at(-1);
    if (level?.depth !== depth) {
      level = { depth, run: undefined, previousPc: pc, isBehindCall: false };
      this.levels.push(level);
    } else if (cameFromDeeper) level.isBehindCall = true;
    const chain = machine.sources.expansions.chainAt(pc);
    const open = this.openAt(depth, chain);
    const place = shownPlace(machine, pc, chain, open);
    const call = chain[open];
    if (granularity === "instruction" || (place && this.isNew(level, pc, place, call))) {
      const isWhole = granularity === "instruction" || level.run !== undefined || isWholeStart;
      level.run = { place, retired, isWhole, open, call };
    }
    level.previousPc = pc;
    level.isBehindCall = false;
  }

  /** Where a step back from behind the last visited instruction leads; undefined when that lies further back. */
  get landing(): Landing | undefined {
    const { run } = this.levels.findLast(({ depth, run }) => depth <= this.deepest && run !== undefined) ?? {};
    return run?.isWhole ? run : undefined;
  }

  /** In the frame of the step, macros are looked into as they were; its callers are shown as the stack shows them. */
  private openAt(depth: number, chain: readonly Expansion[]): number {
    const { into, opened, depth: from } = this.options;
    return into || depth !== from ? chain.length : sharedCalls(opened, chain);
  }

  private isNew({ run, previousPc, isBehindCall }: Level, pc: number, place: Place, call: Expansion | undefined) {
    if (!run?.place) return true;
    const { granularity } = this.options;
    const { file, line, column } = run.place;
    if (place.file !== file || place.line !== line || (granularity === "statement" && place.column !== column)) {
      return true;
    }
    return (!isBehindCall && pc <= previousPc) || isCallAgain(run.call, call);
  }
}
