/** How long the operations of a program work, as far as following it tells what they are given. */
import type { MachineConfig } from "../config/index.ts";
import { type InstructionSet, UNITS } from "../isa/index.ts";
import type { Program } from "../program/index.ts";
import { ISSUES, leastWork, type WorkTime } from "../units/index.ts";
import { Code } from "./code.ts";
import { follow } from "./follow.ts";

/** Cycles of the operations that one instruction issues, each by itself, while no other unit is in its way. */
export interface OperationCycles {
  /** The fewest of one of them: not fewer than this, where `openness` is there. */
  readonly least: number;
  /** The most of those that are known. */
  readonly most: number;
  /** Why there may be others that take longer, in a sentence's part; undefined where all are known. */
  readonly openness: string | undefined;
}

/** What one instruction issues. */
interface Issues {
  /** One for each time that differs from the others. */
  readonly times: Set<() => WorkTime | undefined>;
  unchecked: string | undefined;
}

/** Follows a program once, and then says of each instruction how long its operations take. */
export class OperationTimes {
  private readonly code: Code;
  private readonly config: MachineConfig;
  private readonly issues = new Map<number, Issues>();
  private readonly complete: boolean;

  constructor(program: Program, config: MachineConfig, isa: InstructionSet) {
    this.code = new Code(program, isa);
    this.config = config;
    const { complete } = follow({
      program,
      config,
      isa,
      listener: {
        issued: ({ pc, time }) => void this.issuesAt(pc).times.add(time),
        unchecked: (pc, why) => void (this.issuesAt(pc).unchecked ??= why),
      },
    });
    this.complete = complete;
  }

  private issuesAt(pc: number): Issues {
    let issues = this.issues.get(pc);
    if (!issues) this.issues.set(pc, (issues = { times: new Set(), unchecked: undefined }));
    return issues;
  }

  /** Of the instruction at an address; undefined when it issues nothing, or only what faults. */
  at(address: number): OperationCycles | undefined {
    const instruction = this.code.at(address);
    if (instruction?.kind !== "issue") return undefined;
    const { mnemonic, word } = instruction;
    const unit = ISSUES.get(mnemonic)?.unitOf(word) ?? UNITS.indexOf("xu");
    const issues = this.issues.get(address);
    const known = [...(issues?.times ?? [])].flatMap((time) => time() ?? []);
    const cycles = known.map((time) => time.cycles);
    const open = known.find(({ openness }) => openness !== undefined)?.openness;
    const why = issues?.unchecked ?? open ?? (this.complete ? undefined : "not every way through the program is known");
    if (why === undefined) {
      return known.length > 0
        ? { least: Math.min(...cycles), most: Math.max(...cycles), openness: undefined }
        : undefined;
    }
    // What isn't known may be the smallest that there is.
    const isBounded = issues?.unchecked === undefined && this.complete;
    const least = Math.min(...cycles, ...(isBounded ? [] : [leastWork(unit, mnemonic, this.config)]));
    return { least, most: Math.max(...cycles, least), openness: why };
  }
}
