/** Conditional assembly: which statements count. */
import type { Place } from "../reporter.ts";
import type { Span, Statement } from "../syntax/tree.ts";
import type { Unit } from "../unit.ts";

interface Condition {
  /** The current branch is assembled. */
  active: boolean;
  /** A branch has been assembled, or none may be. */
  taken: boolean;
  /** `.else` was seen. */
  last: boolean;
  /** Depth of the frame in which it was opened. */
  readonly depth: number;
  readonly place: Place;
  readonly span: Span;
  readonly name: string;
}

export class Conditions {
  private readonly stack: Condition[] = [];
  private readonly unit: Unit;

  constructor(unit: Unit) {
    this.unit = unit;
  }

  /** Whether statements are passed over. */
  get skipping(): boolean {
    const { stack } = this;
    return stack.length > 0 && !stack[stack.length - 1]!.active;
  }

  /** Opens a block; its first branch counts when the condition holds. */
  begin(statement: Statement, holds: boolean): void {
    this.push(statement, holds, holds);
  }

  private push(statement: Statement, active: boolean, taken: boolean): void {
    const depth = this.unit.stream.frames.length;
    const { place } = this.unit;
    const name = statement.name!;
    this.stack.push({ active, taken, last: false, depth, place, span: name, name: name.name });
  }

  /** `.elseif`: `holds` is asked only when no branch has been taken. */
  elseIf(statement: Statement, holds: () => boolean): void {
    const condition = this.top(statement);
    if (!condition) return;
    condition.active = !condition.taken && holds();
    condition.taken ||= condition.active;
  }

  otherwise(statement: Statement): void {
    const condition = this.top(statement);
    if (!condition) return;
    condition.active = !condition.taken;
    condition.taken = true;
    condition.last = true;
  }

  end(statement: Statement): void {
    const condition = this.stack.at(-1);
    if (condition && condition.depth === this.unit.stream.frames.length) this.stack.pop();
    else this.stray(statement);
  }

  private top(statement: Statement): Condition | undefined {
    const condition = this.stack.at(-1);
    if (!condition || condition.last || condition.depth !== this.unit.stream.frames.length) {
      this.stray(statement);
      return undefined;
    }
    return condition;
  }

  private stray(statement: Statement): void {
    const name = statement.name!;
    this.unit.report("stray-close", { close: name.name, open: ".if" }, this.unit.place, name);
  }

  /** Looks at a statement that is passed over: only the structure of conditions counts. */
  skip(statement: Statement): void {
    const name = statement.name?.name;
    if (!name?.startsWith(".")) return;
    if (name.startsWith(".if")) {
      // Nothing inside may be assembled, whatever its conditions say.
      this.push(statement, false, true);
    } else if (name === ".else") this.otherwise(statement);
    else if (name === ".elseif") {
      this.elseIf(statement, () => (this.unit.constant(statement.operands[0], "the condition") ?? 0) !== 0);
    } else if (name === ".endif") this.end(statement);
  }

  /** Reports conditions that were opened in a frame that ends now. */
  endOfFrame(depth: number): void {
    for (let top = this.stack.at(-1); top && top.depth >= depth; top = this.stack.at(-1)) {
      this.unit.report("unbalanced-block", { open: top.name, close: ".endif" }, top.place, top.span);
      this.stack.pop();
    }
  }

  /** Closes what was opened in frames from a depth on, silently: `.exitm` leaves conditions. */
  closeDownTo(depth: number): void {
    while (this.stack.length > 0 && this.stack.at(-1)!.depth >= depth) this.stack.pop();
  }
}
