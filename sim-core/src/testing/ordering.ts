/**
 * For tests: which actions of a program nothing orders, by vector clocks over plain byte ranges. Written from
 * docs/machine.md ("Queues, tokens, order") alone, as an oracle for what the machine and its checks say.
 */

/** Bytes of one of the program's memory areas. */
export interface Range {
  readonly area: string;
  readonly from: number;
  readonly to: number;
}

/** One operation of a unit, or one access of the CU (`unit` cu). */
export interface Access {
  readonly unit: string;
  readonly reads: readonly Range[];
  readonly writes: readonly Range[];
}

/** By unit, how many of its actions have happened before. */
type Clock = Map<string, number>;

interface Past {
  readonly access: Access;
  /** Number of the action among those of its unit. */
  readonly sequence: number;
  /** What has happened when it is complete. */
  readonly complete: Clock;
}

function join(target: Clock, other: Clock | undefined): void {
  for (const [unit, count] of other ?? []) target.set(unit, Math.max(target.get(unit) ?? 0, count));
}

const meet = (a: readonly Range[], b: readonly Range[]): boolean =>
  a.some((x) => b.some((y) => x.area === y.area && x.from < y.to && y.from < x.to));

const conflict = (a: Access, b: Access): boolean =>
  meet(a.writes, b.writes) || meet(a.writes, b.reads) || meet(a.reads, b.writes);

/** Follows a program in the order of the CU's instructions. */
export class Ordering {
  private readonly past: Past[] = [];
  private readonly cu: Clock = new Map();
  private readonly after = new Map<string, Clock>();
  /** The last action of each unit, and the operation whose token each register holds. */
  private readonly lastOf = new Map<string, Past>();
  private readonly tokens = new Map<string, Past>();

  /** Earlier actions that conflict with this one and that nothing orders before it. */
  unordered(access: Access): readonly Access[] {
    const start = this.startOf(access);
    return this.past
      .filter(({ access: earlier, sequence }) => (start.get(earlier.unit) ?? 0) < sequence && conflict(earlier, access))
      .map(({ access: earlier }) => earlier);
  }

  /** @param token register that gets the operation's token */
  perform(access: Access, token?: string): void {
    const complete = this.startOf(access);
    const sequence = (this.lastOf.get(access.unit)?.sequence ?? 0) + 1;
    complete.set(access.unit, sequence);
    const done = { access, sequence, complete };
    this.past.push(done);
    this.lastOf.set(access.unit, done);
    if (token !== undefined) this.tokens.set(token, done);
    if (access.unit === "cu") join(this.cu, complete);
    else this.after.delete(access.unit);
  }

  /** nn.wait for the tokens in these registers. */
  wait(tokens: readonly string[]): void {
    for (const token of tokens) join(this.cu, this.tokens.get(token)?.complete);
  }

  /** nn.after: the unit's next operation comes behind those whose tokens are in these registers. */
  addAfter(unit: string, tokens: readonly string[]): void {
    const clock = this.after.get(unit) ?? new Map<string, number>();
    for (const token of tokens) join(clock, this.tokens.get(token)?.complete);
    this.after.set(unit, clock);
  }

  /** nn.fence. */
  fence(units: readonly string[]): void {
    for (const unit of units) join(this.cu, this.lastOf.get(unit)?.complete);
  }

  private startOf({ unit }: Access): Clock {
    const start: Clock = new Map(this.cu);
    if (unit === "cu") return start;
    join(start, this.lastOf.get(unit)?.complete);
    join(start, this.after.get(unit));
    return start;
  }
}
