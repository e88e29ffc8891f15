/** Timing of alternatives that are compared with each other. */

export interface Timing {
  /** The fastest round: the one that the rest of the machine disturbed least. */
  readonly bestSeconds: number;
  readonly medianSeconds: number;
  readonly rounds: number;
}

/**
 * Seconds of the processor that this process has taken so far, with what its garbage collector and compiler took beside
 * it: unlike wall time, they don't grow while others use the machine.
 */
export function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Work to be timed; it returns the seconds of the part that counts, or nothing when all of it does. */
export type Alternatives = Readonly<Record<string, () => number | undefined>>;

/**
 * Times alternatives round by round in turn, so that a slow moment of the machine hits all of them. The first round warms up
 * and isn't counted.
 * @param seconds time to spend on each alternative, roughly
 */
export function measure<T extends Alternatives>(alternatives: T, seconds: number): { [Name in keyof T]: Timing } {
  const names = Object.keys(alternatives);
  const times = new Map<string, number[]>(names.map((name) => [name, []]));
  const timed = (name: string): number => {
    const started = performance.now();
    return alternatives[name]!() ?? (performance.now() - started) / 1000;
  };
  const slowest = Math.max(...names.map(timed));
  const rounds = Math.max(5, Math.min(200, Math.ceil(seconds / Math.max(slowest, 1e-6))));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) times.get(name)!.push(timed(name));
  }
  const summary = names.map((name) => {
    const sorted = times.get(name)!.sort((a, b) => a - b);
    return [name, { bestSeconds: sorted[0]!, medianSeconds: sorted[sorted.length >> 1]!, rounds }];
  });
  return Object.fromEntries(summary) as { [Name in keyof T]: Timing };
}
