/**
 * The static side of the race check: which operations may be under way, and what is known to have completed. As in
 * check/race.ts, vector clocks with an entry per unit hold the number of the last operation of each unit that is known to be
 * complete. Here everything exists twice: what holds on every way to this place, and what holds on some way.
 */
import { UNITS } from "../isa/index.ts";
import type { Footprint } from "../units/index.ts";

/** Per unit, the number of an operation; counted along the ways that issue most where ways differ. */
type Clock = Int32Array;

export interface IssuedOperation {
  /** Different for every issue that was followed. */
  readonly id: number;
  readonly unit: number;
  readonly sequence: number;
  readonly pc: number;
  readonly mnemonic: string;
  /** Undefined where nobody knows what it touches. */
  readonly footprint: Footprint | undefined;
  /**
   * What has completed on every way, and on some way, when it starts; with its own number for its unit that is what has
   * completed when it has completed itself.
   */
  readonly clock: Clock;
  readonly perhaps: Clock;
  /** Whether some way to this place doesn't issue it. */
  readonly maybe: boolean;
}

/** What nn.after has collected for a unit's next operation. */
export interface Pending {
  readonly clock: Clock;
  readonly perhaps: Clock;
  readonly pc: number;
}

/** Operations of a unit that are kept; older ones are found racing no more. */
const HISTORY = 64;
const none = (): Clock => new Int32Array(UNITS.length);

function raise(clock: Clock, other: Clock): void {
  for (let i = 0; i < clock.length; i++) if (other[i]! > clock[i]!) clock[i] = other[i]!;
}

function lower(clock: Clock, other: Clock): void {
  for (let i = 0; i < clock.length; i++) if (other[i]! < clock[i]!) clock[i] = other[i]!;
}

const raised = (clock: Clock, other: Clock): Clock => {
  const copy = clock.slice();
  raise(copy, other);
  return copy;
};

const lowered = (clock: Clock, other: Clock): Clock => {
  const copy = clock.slice();
  lower(copy, other);
  return copy;
};

export class Order {
  /** What the control unit knows to be complete on every way, and on some way. */
  private known = none();
  private perhaps = none();
  private issuedCount = none();
  /** Bit set of units whose operations have the same numbers on every way. */
  private exact = 2 ** UNITS.length - 1;
  private outstanding: IssuedOperation[][] = UNITS.map(() => []);
  private lastOf: (IssuedOperation | undefined)[] = UNITS.map(() => undefined);
  private lastEnd: Clock[] = UNITS.map(none);
  private lastPerhaps: Clock[] = UNITS.map(none);
  private after: (Pending | undefined)[] = UNITS.map(() => undefined);

  copy(): Order {
    const copy = new Order();
    copy.known = this.known.slice();
    copy.perhaps = this.perhaps.slice();
    copy.issuedCount = this.issuedCount.slice();
    copy.exact = this.exact;
    copy.outstanding = this.outstanding.map((list) => (list.length === 0 ? list : list.slice()));
    copy.lastOf = this.lastOf.slice();
    copy.lastEnd = this.lastEnd.slice();
    copy.lastPerhaps = this.lastPerhaps.slice();
    copy.after = this.after.slice();
    return copy;
  }

  /** True while an access of the control unit may meet an operation. */
  get active(): boolean {
    return this.outstanding.some(({ length }) => length > 0);
  }

  /** Operations that the control unit doesn't know to be complete, unit by unit. */
  forEach(visit: (operation: IssuedOperation) => void): void {
    for (const list of this.outstanding) for (const operation of list) visit(operation);
  }

  /** Whether an operation may have completed before the control unit goes on. */
  isPerhapsComplete({ unit, sequence }: IssuedOperation): boolean {
    return sequence <= this.perhaps[unit]!;
  }

  /** The unit's last operation; undefined where ways differ. */
  last(unit: number): IssuedOperation | undefined {
    return this.lastOf[unit];
  }

  /** How many operations the unit was given; undefined where ways differ. */
  count(unit: number): number | undefined {
    return (this.exact >> unit) & 1 ? this.issuedCount[unit] : undefined;
  }

  /** Whether all that the unit was given is complete on every way. */
  isIdle(unit: number): boolean {
    return this.known[unit]! >= this.issuedCount[unit]!;
  }

  get isAllIdle(): boolean {
    return this.known.every((known, unit) => known >= this.issuedCount[unit]!);
  }

  isComplete(unit: number, sequence: number): boolean {
    return sequence <= this.known[unit]!;
  }

  /** An operation by its number; undefined when it is complete, forgotten or never was. */
  find(unit: number, sequence: number, id?: number): IssuedOperation | undefined {
    return this.outstanding[unit]?.findLast((one) => one.sequence === sequence && (id === undefined || one.id === id));
  }

  issue(operation: Pick<IssuedOperation, "id" | "unit" | "pc" | "mnemonic" | "footprint">): IssuedOperation {
    const { unit } = operation;
    const pending = this.after[unit];
    const sequence = ++this.issuedCount[unit]!;
    const clock = raised(this.known, this.lastEnd[unit]!);
    const perhaps = raised(this.perhaps, this.lastPerhaps[unit]!);
    if (pending) {
      raise(clock, pending.clock);
      raise(perhaps, pending.perhaps);
    }
    raise(perhaps, clock);
    clock[unit] = perhaps[unit] = sequence;
    const { id, pc, mnemonic, footprint } = operation;
    const issued = { id, unit, sequence, pc, mnemonic, footprint, clock, perhaps, maybe: false };
    const list = this.outstanding[unit]!;
    if (list.length === 0) this.outstanding[unit] = [issued];
    else list.push(issued);
    if (list.length > HISTORY) list.shift();
    this.lastOf[unit] = issued;
    this.lastEnd[unit] = clock;
    this.lastPerhaps[unit] = perhaps;
    this.after[unit] = undefined;
    return issued;
  }

  /** The control unit has waited for an operation. */
  awaited(operation: IssuedOperation): void {
    raise(this.known, operation.clock);
    raise(this.perhaps, operation.perhaps);
    this.prune();
  }

  /** The control unit has waited for an operation of which nothing is remembered but its number. */
  awaitedNumber(unit: number, sequence: number): void {
    this.known[unit] = Math.max(this.known[unit]!, sequence);
    // What comes before it is forgotten: it may be more.
    this.awaitedSomething();
    this.prune();
  }

  /** The control unit has waited for everything that a unit was given. */
  awaitedAll(unit: number): void {
    raise(this.known, this.lastEnd[unit]!);
    raise(this.perhaps, this.lastPerhaps[unit]!);
    this.known[unit] = this.perhaps[unit] = this.issuedCount[unit]!;
    this.prune();
  }

  /** The control unit may have waited for this operation. */
  perhapsAwaited(operation: IssuedOperation): void {
    raise(this.perhaps, operation.perhaps);
  }

  /** The control unit has waited for nobody knows what. */
  awaitedSomething(): void {
    raise(this.perhaps, this.issuedCount);
  }

  /**
   * nn.after.
   * @param operation undefined for nobody knows which
   */
  addAfter(unit: number, operation: IssuedOperation | undefined, pc: number): void {
    const before = this.after[unit];
    const clock = before?.clock ?? none();
    const perhaps = before?.perhaps ?? none();
    this.after[unit] = {
      clock: operation ? raised(clock, operation.clock) : clock,
      perhaps: raised(perhaps, operation ? operation.perhaps : this.issuedCount),
      pc,
    };
  }

  /** The nn.after that a unit's next operation waits behind. */
  afterOf(unit: number): number | undefined {
    return this.after[unit]?.pc;
  }

  /** What waits for a next operation. */
  get pending(): readonly Pending[] {
    return this.after.filter((pending) => pending !== undefined);
  }

  private prune(): void {
    for (let unit = 0; unit < this.outstanding.length; unit++) {
      const list = this.outstanding[unit]!;
      const known = this.known[unit]!;
      if (list.length > 0 && list[0]!.sequence <= known) {
        this.outstanding[unit] = list.filter(({ sequence }) => sequence > known);
      }
    }
  }

  /**
   * Takes in another way to the same place.
   * @param repeated ways of a loop that goes on and on: of the operations of one instruction only the last is kept
   * @returns whether there is anything new that a loop could bring again
   */
  join(other: Order, repeated: boolean): boolean {
    let changed = false;
    for (let unit = 0; unit < UNITS.length; unit++) {
      const same = this.issuedCount[unit] === other.issuedCount[unit] && this.lastOf[unit] === other.lastOf[unit];
      if (!same) {
        this.exact &= ~(1 << unit);
        this.lastOf[unit] = undefined;
      }
      if (this.outstanding[unit] !== other.outstanding[unit]) {
        const before = this.outstanding[unit]!;
        const joined = joinLists(before, other.outstanding[unit]!);
        const list = repeated ? lastOfEach(joined) : joined;
        changed ||= signature(list) !== signature(before);
        this.outstanding[unit] = list;
      }
      this.lastEnd[unit] = lowered(this.lastEnd[unit]!, other.lastEnd[unit]!);
      this.lastPerhaps[unit] = raised(this.lastPerhaps[unit]!, other.lastPerhaps[unit]!);
      this.after[unit] = joinPending(this.after[unit], other.after[unit]);
    }
    lower(this.known, other.known);
    raise(this.perhaps, other.perhaps);
    raise(this.issuedCount, other.issuedCount);
    return changed;
  }
}

/** What of a unit's operations decides whether another round of a loop can find anything new. */
const signature = (list: readonly IssuedOperation[]): string =>
  list.map(({ pc, footprint, maybe }) => `${pc} ${footprint !== undefined} ${maybe}`).join();

/** Operations of either way; what only one of them holds may not have been issued, or may be complete, on the other. */
function joinLists(mine: readonly IssuedOperation[], theirs: readonly IssuedOperation[]): IssuedOperation[] {
  const myIds = new Set(mine.map(({ id }) => id));
  const theirIds = new Set(theirs.map(({ id }) => id));
  const marked = (list: readonly IssuedOperation[], ids: ReadonlySet<number>) =>
    list.map((operation) => (operation.maybe || ids.has(operation.id) ? operation : { ...operation, maybe: true }));
  const added = marked(theirs, myIds).filter(({ id }) => !myIds.has(id));
  const joined = [...marked(mine, theirIds), ...added];
  return joined.sort((a, b) => a.sequence - b.sequence || a.id - b.id).slice(-HISTORY);
}

/** The last operation of each instruction; what it touches is known only if it is the same every time. */
function lastOfEach(list: readonly IssuedOperation[]): IssuedOperation[] {
  const byInstruction = new Map<number, IssuedOperation>();
  for (const operation of list) {
    const before = byInstruction.get(operation.pc);
    byInstruction.delete(operation.pc);
    const same = !before || before.footprint === operation.footprint;
    const footprint = same ? operation.footprint : undefined;
    byInstruction.set(operation.pc, before ? { ...operation, footprint, maybe: true } : operation);
  }
  return [...byInstruction.values()];
}

function joinPending(mine: Pending | undefined, theirs: Pending | undefined): Pending | undefined {
  if (!mine && !theirs) return undefined;
  const [a, b] = [mine, theirs].map((pending) => pending ?? { clock: none(), perhaps: none(), pc: 0 });
  return {
    clock: lowered(a!.clock, b!.clock),
    perhaps: raised(a!.perhaps, b!.perhaps),
    pc: mine?.pc ?? theirs!.pc,
  };
}
