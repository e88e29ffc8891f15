/** The lints that follow the program: what its operations are given, and what puts them into an order. */
import { WM_BASE } from "../../config/index.ts";
import { UNITS } from "../../isa/index.ts";
import { type FaultKind, hex } from "../../machine/index.ts";
import {
  type Certainty,
  type FollowedIssue,
  type FollowedWait,
  type FollowListener,
  follow,
  type KnownDescriptor,
  type KnownState,
  type StaticAccess,
  type StaticRace,
} from "../../values/index.ts";
import type { LintId } from "../catalogue.ts";
import type { LintContext, LintFix } from "../context.ts";
import { fixOf, putBefore } from "../edits.ts";
import type { LintPass } from "../lint.ts";
import { Tensors } from "./places.ts";

/** Which lint tells of a fault; other passes tell of those that aren't here. */
const LINT_OF: Readonly<Partial<Record<FaultKind, LintId>>> = {
  shape: "tensor-shape",
  type: "tensor-type",
  tensorMemory: "tensor-memory",
  descriptor: "refused-value",
  illegalInstruction: "refused-value",
  environmentCall: "refused-value",
  loadAccess: "access-fault",
  storeAccess: "access-fault",
  token: "token-never-issued",
};

const RANK: Readonly<Record<Certainty, number>> = { possible: 0, path: 1, certain: 2 };

interface Fault {
  readonly pc: number;
  readonly id: LintId;
  readonly message: string;
  readonly hint: string | undefined;
  readonly descriptors: readonly KnownDescriptor[];
  readonly certainty: Certainty;
}

class Collector implements FollowListener {
  readonly faults = new Map<number, Fault>();
  readonly races = new Map<string, StaticRace>();
  /** Waits by address: whether they were ever needed. */
  readonly waits = new Map<number, boolean>();
  /** Why an operation could not be checked; undefined once it could. */
  readonly unknown = new Map<number, { readonly why: string; readonly origin: number } | undefined>();
  readonly lost = new Map<number, string>();
  /** Every nn.after behind which the program ended, and every one behind which an operation waited: of loops it may be both. */
  readonly loneAfters = new Set<number>();
  readonly usedAfters = new Set<number>();
  /** Prefetches by address: whether their weights were used. */
  readonly prefetches = new Map<number, boolean>();
  /** By address of the operation, what it reads that nothing has written. */
  readonly unloaded = new Map<number, { readonly role: string; readonly issue: FollowedIssue }>();
  private readonly context: LintContext;

  constructor(context: LintContext) {
    this.context = context;
  }

  fault: NonNullable<FollowListener["fault"]> = (pc, { kind, message, hint }, certainty, descriptors) => {
    const id = LINT_OF[kind];
    const before = this.faults.get(pc);
    if (!id || (before && RANK[before.certainty] >= RANK[certainty])) return;
    this.faults.set(pc, { pc, id, message, hint, descriptors, certainty });
  };

  deadlock = (pc: number, certainty: Certainty): void => {
    const message = "nothing can end this wait: all operations are complete";
    const hint = "remove the instruction, or issue what it is to wait for";
    this.faults.set(pc, { pc, id: "endless-wait", message, hint, descriptors: [], certainty });
  };

  race = (race: StaticRace): void => {
    const key = `${race.first.pc} ${race.second.pc} ${race.first.role} ${race.second.role}`;
    const before = this.races.get(key);
    if (!before || RANK[before.certainty] < RANK[race.certainty]) this.races.set(key, race);
  };

  waited = ({ pc, needed, nothing }: FollowedWait): void => {
    // What waits for no token at all is told by the lint empty-wait.
    this.waits.set(pc, needed || nothing || (this.waits.get(pc) ?? false));
  };

  unchecked = (pc: number, why: string, origin: number): void => {
    if (!this.unknown.has(pc)) this.unknown.set(pc, { why, origin });
  };

  issued = (issue: FollowedIssue): void => {
    const { pc, after, operation, state } = issue;
    if (after !== undefined) this.usedAfters.add(after);
    const { footprint } = operation;
    if (!footprint) return;
    this.unknown.set(pc, undefined);
    if (operation.unit === UNITS.indexOf("nu") && state.prefetchedAt >= 0) {
      const used = footprint.early.length > 0 || (this.prefetches.get(state.prefetchedAt) ?? false);
      this.prefetches.set(state.prefetchedAt, used);
    }
    const { wm } = this.context.config;
    for (const { role, set } of footprint.reads) {
      const inWm = set.low >= WM_BASE && set.low < WM_BASE + wm.bytes;
      if (!inWm || this.unloaded.has(pc) || state.memory.mayBeWritten(set.low, set.high)) continue;
      this.unloaded.set(pc, { role, issue });
    }
  };

  ended = (state: KnownState, how: "exit" | "lost", why: string): void => {
    for (const { pc } of how === "exit" ? state.order.pending : []) this.loneAfters.add(pc);
    // A fault has a finding of its own.
    if (how === "lost" && !this.faults.has(state.pc)) this.lost.set(state.pc, why);
  };
}

export const FOLLOW: LintPass = {
  ids: [
    "tensor-shape",
    "tensor-type",
    "tensor-memory",
    "refused-value",
    "access-fault",
    "token-never-issued",
    "endless-wait",
    "fault-on-a-way",
    "race",
    "race-on-a-way",
    "possible-race",
    "redundant-wait",
    "after-without-operation",
    "unused-prefetch",
    "unloaded-weights",
    "unchecked-operation",
    "unfollowed-way",
  ],
  run(context) {
    const { program, config, isa } = context;
    const collector = new Collector(context);
    const { complete } = follow({ program, config, isa, listener: collector });
    new Reporter(context, collector).report(complete);
  },
};

class Reporter {
  private readonly context: LintContext;
  private readonly found: Collector;
  private readonly tensors: Tensors;

  constructor(context: LintContext, found: Collector) {
    this.context = context;
    this.found = found;
    this.tensors = new Tensors(context);
  }

  report(complete: boolean): void {
    const { found } = this;
    for (const fault of found.faults.values()) this.fault(fault);
    for (const race of found.races.values()) this.race(race);
    for (const [pc, { role, issue }] of found.unloaded) this.unloaded(pc, role, issue);
    for (const [pc, used] of found.prefetches) {
      if (used) continue;
      this.at("unused-prefetch", pc, "the next operation has other weights than those declared here", {
        hint: "put nu.prefetch directly in front of the operation that uses them",
        fix: () => this.removal(pc),
      });
    }
    for (const pc of found.loneAfters) {
      if (found.usedAfters.has(pc)) continue;
      this.at("after-without-operation", pc, "no operation follows that could wait", {
        hint: "put nn.after in front of the operation that has to wait",
        fix: () => this.removal(pc),
      });
    }
    for (const [pc, unknown] of found.unknown) if (unknown) this.unchecked(pc, unknown.why, unknown.origin);
    // Whoever calls a part of a program knows where it returns to.
    if (this.context.isWhole)
      for (const [pc, why] of found.lost)
        this.at("unfollowed-way", pc, `the program can't be followed from here: ${why}`, {});
    if (complete) this.redundantWaits();
  }

  private at(
    id: LintId,
    pc: number,
    message: string,
    more: Pick<Parameters<LintContext["report"]>[2], "hint" | "related" | "fix">,
  ): void {
    const instruction = this.instructionAt(pc);
    if (instruction) this.context.report(id, instruction, { message, ...more });
  }

  private instructionAt(pc: number) {
    const { graph } = this.context;
    return graph.instructions[graph.indexAt(pc)];
  }

  private fault({ pc, id, message, hint, descriptors, certainty }: Fault): void {
    const related = this.tensors.related(descriptors);
    const mnemonic = this.instructionAt(pc)?.instruction.mnemonic ?? "";
    this.at(certainty === "certain" ? id : "fault-on-a-way", pc, `\`${mnemonic}\` faults here: ${message}`, {
      ...(hint === undefined ? {} : { hint }),
      ...(related.length > 0 ? { related } : {}),
      ...(id === "endless-wait" ? { fix: () => this.removal(pc) } : {}),
    });
  }

  private removal(pc: number): LintFix | undefined {
    const at = this.instructionAt(pc);
    return at && this.context.removal(at);
  }

  /** A wait for everything that a unit was given, in front of an instruction. */
  private waiting(pc: number, unit: StaticAccess["unit"]): LintFix | undefined {
    const at = this.instructionAt(pc);
    if (unit === "cu" || !at) return undefined;
    const name = UNITS[unit]!;
    return fixOf(`Wait for ${name} with nn.fence`, putBefore(this.context, at, [`nn.fence ${name}`]));
  }

  private race({ first, second, address, bytes, certainty }: StaticRace): void {
    const id = certainty === "certain" ? "race" : certainty === "path" ? "race-on-a-way" : "possible-race";
    const verb = ({ write }: StaticAccess) => (write ? "writes" : "reads");
    const role = ({ role: name }: StaticAccess) => (name ? ` (${name})` : "");
    const subject = second.unit === "cu" ? `this ${second.mnemonic}` : `\`${second.mnemonic}\``;
    const order =
      certainty === "possible" ? "and it isn't known whether anything orders the two" : "and nothing orders the two";
    const size = bytes === 1 ? "a byte" : `${bytes} bytes`;
    const message = `${subject} ${verb(second)} ${size} at ${hex(address)}${role(second)} that \`${first.mnemonic}\` ${verb(first)}${role(first)}, ${order}`;
    const earlier = first.unit === "cu" ? "the control unit" : UNITS[first.unit]!;
    const after = second.unit === "cu" ? "" : `, or nn.after ${UNITS[second.unit]!} with its token,`;
    const hint = second.early
      ? "declared weights (nu.prefetch) are read from the issue on: wait for their transfer with nn.wait before the issue"
      : `put nn.wait or nn.fence for ${earlier}'s operation${after} between them`;
    const at = this.instructionAt(first.pc);
    const related = at ? this.context.related(at, `\`${first.mnemonic}\` ${verb(first)} them here`) : [];
    this.at(id, second.pc, message, { hint, related, fix: () => this.waiting(second.pc, first.unit) });
  }

  private unloaded(pc: number, role: string, issue: FollowedIssue): void {
    const related = this.tensors.related(issue.descriptors.slice(-1));
    this.at("unloaded-weights", pc, `nothing has written the ${role} that \`${issue.operation.mnemonic}\` reads`, {
      hint: role === "weights" ? "bring them to WM with dma.ldw first" : "bring it to WM with dma.ld first",
      ...(related.length > 0 ? { related } : {}),
    });
  }

  private unchecked(pc: number, why: string, origin: number): void {
    const at = origin >= 0 && origin !== pc ? this.instructionAt(origin) : undefined;
    const related = at ? this.context.related(at, "it depends on what this gives") : [];
    this.at(
      "unchecked-operation",
      pc,
      `this operation can't be checked: ${why}`,
      related.length > 0 ? { related } : {},
    );
  }

  private redundantWaits(): void {
    for (const [pc, needed] of this.found.waits) {
      const at = this.instructionAt(pc);
      if (needed || !at) continue;
      const { mnemonic } = at.instruction;
      const message =
        mnemonic === "nn.after"
          ? "what the unit would wait for is complete here, or comes first anyway"
          : `everything that \`${mnemonic}\` waits for is known to be complete here`;
      this.context.report("redundant-wait", at, {
        message,
        hint: "it was waited for before on every way to here",
        fix: () => this.context.removal(at),
      });
    }
  }
}
