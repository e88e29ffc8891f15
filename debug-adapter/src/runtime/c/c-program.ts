/** What is known of a C program beside its lines: the functions at addresses, their variables, the types by name. */
import type { CFunction, CScope, CVariable, DebugInfo } from "@nnasm/sim-core/elf";
import type { LineRow } from "@nnasm/sim-core/program";

/** The scopes around an address, outermost first: the function, then the blocks and inlined bodies in it. */
export interface ScopePath {
  readonly function: CFunction;
  readonly scopes: readonly CScope[];
}

export class CProgram {
  readonly info: DebugInfo;
  /** Runs of code in address order. */
  private readonly runs: readonly { readonly low: number; readonly high: number; readonly function: CFunction }[];
  private readonly globals = new Map<string, CVariable>();
  private readonly rows: readonly LineRow[];
  private readonly bodies = new Map<number, number>();

  constructor(info: DebugInfo, rows: readonly LineRow[]) {
    this.info = info;
    this.rows = rows;
    this.runs = info.functions
      .flatMap((one) => one.ranges.map(({ low, high }) => ({ low, high, function: one })))
      .sort((a, b) => a.low - b.low);
    for (const variable of info.globals)
      if (!this.globals.has(variable.name)) this.globals.set(variable.name, variable);
  }

  functionAt(address: number): CFunction | undefined {
    let low = 0;
    let high = this.runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.runs[middle]!.low <= address) low = middle + 1;
      else high = middle;
    }
    const run = this.runs[low - 1];
    return run && address < run.high ? run.function : undefined;
  }

  pathAt(address: number): ScopePath | undefined {
    const found = this.functionAt(address);
    if (!found) return undefined;
    const scopes: CScope[] = [found];
    for (let at: CScope | undefined = found; at; ) {
      at = at.inner.find(({ ranges }) => ranges.some(({ low, high }) => address >= low && address < high));
      if (at) scopes.push(at);
    }
    return { function: found, scopes };
  }

  global(name: string): CVariable | undefined {
    return this.globals.get(name);
  }

  get globalVariables(): Iterable<CVariable> {
    return this.globals.values();
  }

  /** Whether the address is of the code that makes a function's frame. */
  isPrologue(address: number): boolean {
    const found = this.functionAt(address);
    if (!found || found.isOptimised) return false;
    return found.ranges.some(({ low, high }) => address >= low && address < high && address < this.bodyOf(low));
  }

  /**
   * Where to stop for a function: behind the code that makes its frame, when its variables have their places only then.
   * Where compilers tell the places of variables at every address, that is the first instruction.
   * @param address of the function's first instruction; any other address stays as it is
   */
  bodyOf(address: number): number {
    const known = this.bodies.get(address);
    if (known !== undefined) return known;
    const body = this.findBody(address);
    this.bodies.set(address, body);
    return body;
  }

  private findBody(address: number): number {
    const found = this.functionAt(address);
    const run = found?.ranges.find(({ low }) => low === address);
    if (!found || !run || found.isOptimised) return address;
    const first = this.rows.findIndex((row) => row.address === address);
    // As GDB does: the second line of the table is where the body begins, but for lines that lie before the first.
    for (let at = first + 1; first >= 0 && this.rows[at] && this.rows[at]!.address < run.high; at++) {
      const row = this.rows[at]!;
      const before = this.rows[at - 1]!;
      if (!row.code || (row.line === before.line && row.file === before.file && at > first + 1)) continue;
      if (row.line >= before.line || row.file !== before.file) return row.address;
    }
    return address;
  }
}
