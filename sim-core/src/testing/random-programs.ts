/**
 * For tests: random programs that keep CU, NU, VU, XU and both DMA channels busy on shared tensors and have no races, with
 * waits where they are needed. Any of the waits can be left out, and it is known which races that makes. Control depends
 * on neither polls nor counters.
 */
import { type Access, Ordering } from "./ordering.ts";
import { type RandomNumbers, randomNumbers } from "./random-numbers.ts";
import { PROLOGUE, randomAccess, randomOperation } from "./random-operations.ts";

export interface RandomProgramOptions {
  /** Actions of the program, about; loops count once. Default 60. */
  readonly length?: number;
  /** Number of the wait, `nn.after` or fence to leave out, 0..syncs-1. */
  readonly leaveOut?: number;
}

export interface RandomProgram {
  readonly text: string;
  /** Waits, `nn.after`s and fences in the text; without any of them some programs have races. */
  readonly syncs: number;
  /** Actions that conflict and that nothing orders, in the order of the later one: none unless something is left out. */
  readonly races: readonly (readonly [earlier: Access, later: Access])[];
}

interface Operation {
  readonly kind: "operation";
  readonly access: Access;
  readonly lines: readonly string[];
  /** Register that gets the token; undefined when nobody waits for this operation alone. */
  readonly token: string | undefined;
}
type Sync =
  | { readonly kind: "wait"; readonly tokens: readonly string[] }
  | { readonly kind: "after"; readonly unit: string; readonly tokens: readonly string[] }
  | { readonly kind: "fence"; readonly units: readonly string[] };
interface Loop {
  readonly kind: "loop";
  readonly count: number;
  readonly hardware: boolean;
  readonly body: readonly Action[];
}
type Action =
  | Operation
  | Sync
  | Loop
  | { readonly kind: "access"; readonly access: Access; readonly line: string }
  | { readonly kind: "scalar"; readonly lines: readonly string[] };

const UNITS = ["nu", "vu", "xu", "dma0", "dma1"];
/** Registers for tokens; the operation that had one before can't be waited for alone any more. */
const TOKENS = ["s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9"];

/** The program of a seed; the same one for the same length, but for what is left out. */
export function randomProgram(seed: number, options: RandomProgramOptions = {}): RandomProgram {
  const actions = new Generator(randomNumbers(seed)).actions(options.length ?? 60);
  const syncs = syncsOf(actions);
  const left = options.leaveOut === undefined ? undefined : syncs[options.leaveOut];
  const races: [Access, Access][] = [];
  follow(actions, left, new Ordering(), races);
  if (left === undefined && races.length > 0) throw new Error(`program ${seed} was to have no races`);
  const text = [PROLOGUE, ...new Printer(left).lines(actions), " li a7, 93", " ecall", ""].join("\n");
  return { text, syncs: syncs.length, races };
}

const isSync = ({ kind }: Action): boolean => kind === "wait" || kind === "after" || kind === "fence";

function syncsOf(actions: readonly Action[]): Action[] {
  return actions.flatMap((action) => (action.kind === "loop" ? syncsOf(action.body) : isSync(action) ? [action] : []));
}

/** Everything that the program does, in its order, loops as often as they run. */
function follow(
  actions: readonly Action[],
  left: Action | undefined,
  order: Ordering,
  races: [Access, Access][],
): void {
  for (const action of actions) {
    if (action === left) continue;
    if (action.kind === "operation" || action.kind === "access") {
      for (const earlier of order.unordered(action.access)) races.push([earlier, action.access]);
      order.perform(action.access, action.kind === "operation" ? action.token : undefined);
    } else if (action.kind === "wait") order.wait(action.tokens);
    else if (action.kind === "after") order.addAfter(action.unit, action.tokens);
    else if (action.kind === "fence") order.fence(action.units);
    else if (action.kind === "loop") {
      for (let round = 0; round < action.count; round++) follow(action.body, left, order, races);
    }
  }
}

class Generator {
  private readonly random: RandomNumbers;
  private readonly order = new Ordering();
  /** What the operations did whose tokens the registers hold. */
  private readonly holders = new Map<string, Access>();

  constructor(random: RandomNumbers) {
    this.random = random;
  }

  actions(length: number): Action[] {
    const actions: Action[] = [];
    while (actions.length < length) {
      const kind = this.random.below(20);
      if (kind === 0) actions.push(...this.loop());
      else actions.push(...this.simple(kind));
    }
    return actions;
  }

  /** One action that is no loop, behind what it has to be ordered by. */
  private simple(kind: number): Action[] {
    if (kind <= 3) return [this.scalar()];
    if (kind <= 6) {
      const { access, line } = randomAccess(this.random);
      const before = this.ordered(access);
      const action: Action = { kind: "access", access, line };
      this.order.perform(access);
      return [...before, action];
    }
    // Rather something that can run beside what is running.
    const candidates = Array.from({ length: 3 }, () => randomOperation(this.random));
    const free = candidates.find((candidate) => this.order.unordered(candidate).length === 0);
    const { unit, reads, writes, lines } = free ?? candidates[0]!;
    const access = { unit, reads, writes };
    const before = this.ordered(access);
    const token = this.random.below(8) > 0 ? this.random.pick(TOKENS) : undefined;
    const operation: Operation = { kind: "operation", access, lines, token };
    this.order.perform(access, token);
    if (token !== undefined) this.holders.set(token, access);
    return [...before, operation];
  }

  /** The body begins and ends with idle units, so that every round is like the first. */
  private loop(): Action[] {
    const { random } = this;
    const before = this.fence(UNITS);
    const body: Action[] = [];
    const length = random.between(2, 8);
    while (body.length < length) body.push(...this.simple(random.between(1, 19)));
    // A wait may not end a hardware loop, and its body has at least two instructions.
    body.push(this.fence(UNITS), this.scalar());
    return [before, { kind: "loop", count: random.between(1, 4), hardware: random.below(2) === 0, body }];
  }

  private scalar(): Action {
    const { random } = this;
    const [a, b, c] = [0, 0, 0].map(() => random.pick(["t1", "t2", "t3", "t4"]));
    const lines = random.pick([
      [`${random.pick(["add", "sub", "xor", "and", "or", "mul", "sltu", "divu", "remu", "sll"])} ${a}, ${b}, ${c}`],
      [`addi ${a}, ${b}, ${random.between(-2048, 2047)}`],
      [`beqz ${a}, 1f`, `addi ${b}, ${c}, 1`, "1:"],
      [`bgeu ${a}, ${b}, 1f`, `mul ${c}, ${a}, ${b}`, `xor ${a}, ${b}, ${c}`, "1:"],
    ]);
    return { kind: "scalar", lines };
  }

  /** What orders an action behind all that it conflicts with, in one of several ways; sometimes more than is needed. */
  private ordered(access: Access): Action[] {
    const { random, order } = this;
    const syncs: Action[] = [];
    if (random.below(12) === 0) syncs.push(this.fence([random.pick(UNITS)]));
    for (let open = order.unordered(access); open.length > 0; open = order.unordered(access)) {
      const [conflicting] = open;
      const holders = [...this.holders].filter(([, held]) => held === conflicting).map(([token]) => token);
      const others = [...this.holders.keys()].filter(() => random.below(4) === 0);
      const tokens = [...holders, ...others].slice(0, 2);
      if (holders.length === 0 || random.below(4) === 0) syncs.push(this.fence([conflicting!.unit]));
      else if (access.unit === "cu" || random.below(2) === 0) {
        order.wait(tokens);
        syncs.push({ kind: "wait", tokens });
      } else {
        order.addAfter(access.unit, tokens);
        syncs.push({ kind: "after", unit: access.unit, tokens });
      }
    }
    return syncs;
  }

  private fence(units: readonly string[]): Action {
    this.order.fence(units);
    return { kind: "fence", units };
  }
}

class Printer {
  private readonly left: Action | undefined;
  private loops = 0;

  constructor(left: Action | undefined) {
    this.left = left;
  }

  lines(actions: readonly Action[]): string[] {
    return actions.flatMap((action) => (action === this.left ? [] : this.print(action)));
  }

  private print(action: Action): string[] {
    switch (action.kind) {
      case "operation": {
        const { lines, token, access } = action;
        return token === undefined ? [...lines] : [...lines, `nn.token ${token}, ${access.unit}`];
      }
      case "access":
        return [action.line];
      case "scalar":
        return [...action.lines];
      case "wait":
        return [`nn.wait ${action.tokens.join(", ")}`];
      case "after":
        return [`nn.after ${[action.unit, ...action.tokens, "x0"].slice(0, 3).join(", ")}`];
      case "fence":
        return [`nn.fence ${action.units.join("|")}`];
      case "loop": {
        const label = `loop${this.loops++}`;
        const body = this.lines(action.body);
        // Where the fence at the end is left out, a branch to there must not leave the loop.
        if (action.hardware) return [`lp.setupi 0, ${action.count}, ${label}`, ...body, "nop", `${label}:`];
        return [`li s10, ${action.count}`, `${label}:`, ...body, "addi s10, s10, -1", `bnez s10, ${label}`];
      }
    }
  }
}
