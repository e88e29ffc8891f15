/** Which runs of code .debug_info calls functions. */
import type { InlinedCall, ProgramSymbol } from "../program/index.ts";

export interface CodeRun {
  readonly low: number;
  readonly high: number;
}

export interface FunctionRun extends CodeRun {
  readonly name: string;
  readonly global: boolean;
}

/**
 * Symbols of type function, and labels whose code holds macro calls: tools show calls only within something that they can
 * name. Other labels are left to the symbol table.
 * @param code runs of code, in address order
 */
export function functionRuns(
  symbols: readonly ProgramSymbol[],
  inlined: readonly InlinedCall[],
  code: readonly CodeRun[],
): FunctionRun[] {
  const functions = typedRuns(symbols, code);
  const calls = inlined.filter(({ parent }) => parent < 0);
  return calls.length === 0 ? functions : [...functions, ...labelRuns(symbols, functions, calls, code)];
}

const byAddress = (a: ProgramSymbol, b: ProgramSymbol): number => a.address - b.address;

/** Functions are as long as `.size` says, or else reach to the next one or the end of the code. */
function typedRuns(symbols: readonly ProgramSymbol[], code: readonly CodeRun[]): FunctionRun[] {
  const runs: FunctionRun[] = [];
  const functions = symbols.filter(({ kind, absolute }) => kind === "function" && !absolute).sort(byAddress);
  let next = Number.POSITIVE_INFINITY;
  for (const [index, { name, address, bytes, global }] of [...functions.entries()].reverse()) {
    const run = runAt(code, address);
    if (run && functions[index - 1]?.address !== address) {
      runs.push({ name, global, low: address, high: Math.min(bytes > 0 ? address + bytes : next, run.high) });
    }
    if (functions[index - 1]?.address !== address) next = address;
  }
  return runs.reverse();
}

/** Code from one label to the next where there is no function around; labels within macros' bodies split nothing. */
function labelRuns(
  symbols: readonly ProgramSymbol[],
  functions: readonly FunctionRun[],
  calls: readonly InlinedCall[],
  code: readonly CodeRun[],
): FunctionRun[] {
  const labels = symbols.filter(({ kind, absolute, address }) => {
    if (kind !== "none" || absolute || !runAt(code, address) || runAt(functions, address)) return false;
    const call = runAt(calls, address);
    return call === undefined || call.low === address;
  });
  const runs: FunctionRun[] = [];
  let before = -1;
  for (const { name, address, global } of labels.sort(byAddress)) {
    if (address === before) continue;
    before = address;
    const last = runs.at(-1);
    if (last && last.high > address) runs[runs.length - 1] = { ...last, high: address };
    const nextFunction = functions[firstAbove(functions, address)]?.low ?? Number.POSITIVE_INFINITY;
    runs.push({ name, global, low: address, high: Math.min(runAt(code, address)!.high, nextFunction) });
  }
  return runs.filter(({ low, high }) => (calls[firstAbove(calls, low - 1)]?.low ?? high) < high);
}

/** Index of the first run that begins above the address. */
function firstAbove(runs: readonly CodeRun[], address: number): number {
  let from = 0;
  let to = runs.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (runs[middle]!.low <= address) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The run that holds the address; the runs are in address order and don't overlap. */
function runAt<Run extends CodeRun>(runs: readonly Run[], address: number): Run | undefined {
  const run = runs[firstAbove(runs, address) - 1];
  return run && address < run.high ? run : undefined;
}
