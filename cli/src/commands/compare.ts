/** `nnasm compare`: says what differs between two runs, and why one takes longer. */
import {
  type CompareReport,
  codeContents,
  compareRuns,
  type Divergence,
  firstDivergence,
  LineMap,
  overlayOf,
  reasonsOf,
} from "@nnasm/sim-core/compare";
import { loadSide, measuresOf, type Side, type SideOptions, textsOf } from "../compare/side.ts";
import { compareText } from "../compare/text.ts";
import { EXIT } from "../exit-codes.ts";
import type { Io } from "../io.ts";

export interface CompareOptions extends SideOptions {
  readonly configA?: string;
  readonly configB?: string;
  readonly setA?: readonly string[];
  readonly setB?: readonly string[];
  readonly lines: number;
  readonly failIfSlower?: number;
  readonly json?: boolean;
}

/**
 * @param first a trace, a profile or a program; so is the second, which is the first when it isn't given
 * @returns the exit code of the command
 */
export async function compare(
  io: Io,
  first: string | undefined,
  second: string | undefined,
  options: CompareOptions,
): Promise<number> {
  const a = await loadSide(io, first, sideOptions(options, options.configA, options.setA));
  const b = await loadSide(io, second ?? first, sideOptions(options, options.configB, options.setB));
  const report = reportOf(io.cwd, a, b);
  if (options.json) io.out.write(`${JSON.stringify(report, null, 2)}\n`);
  else io.out.write(compareText(report, { colors: io.out.colors, rows: options.lines }));
  const { failIfSlower } = options;
  if (failIfSlower === undefined || report.timeRatio <= 1 + failIfSlower / 100) return EXIT.ok;
  const slower = ((report.timeRatio - 1) * 100).toFixed(1);
  io.err.write(`nnasm: ${b.title} is slower than ${a.title} by ${slower} %, more than ${failIfSlower} %\n`);
  return EXIT.differs;
}

function sideOptions(options: CompareOptions, config: string | undefined, set: readonly string[] = []): SideOptions {
  const { define, maxCycles } = options;
  const file = config ?? options.config;
  return {
    ...(file === undefined ? {} : { config: file }),
    set: [...(options.set ?? []), ...set],
    ...(define === undefined ? {} : { define }),
    ...(maxCycles === undefined ? {} : { maxCycles }),
  };
}

function reportOf(cwd: string, a: Side, b: Side): CompareReport {
  const { map, notes: aligned } = alignedLines(cwd, a, b);
  const notes = [...[a, b].flatMap(cutNote), ...aligned];
  const byTrace = !a.profile || !b.profile;
  const comparison = compareRuns(measuresOf(a, byTrace), measuresOf(b, byTrace), map);
  return {
    version: 1,
    ...comparison,
    reasons: reasonsOf(comparison),
    divergence: divergenceOf(a, b, map),
    ...(a.trace && b.trace ? { overlay: { a: overlayOf(a.trace), b: overlayOf(b.trace) } } : {}),
    notes,
  };
}

/** A trace that was cut off looks like a shorter run. */
const cutNote = ({ title, trace }: Side): string[] =>
  !trace || trace.complete ? [] : [`${title} ends early, its writer was interrupted: what came later is missing there`];

function divergenceOf(a: Side, b: Side, map: LineMap): Divergence {
  if (!a.trace || !b.trace) {
    const which = a.trace ? "B" : "A";
    return { kind: "unknown", reason: `${which} is a profile, which doesn't hold the order of instructions` };
  }
  return firstDivergence(a.trace, b.trace, (side, place) => map.nameOf(side, place));
}

/** Lines by their text where both texts are those of the runs, else by the code that they became, else by their numbers. */
function alignedLines(cwd: string, a: Side, b: Side): { map: LineMap; notes: string[] } {
  const files = { a: a.files, b: b.files };
  const [textA, textB] = [textsOf(cwd, a), textsOf(cwd, b)];
  if (textA && textB) return { map: new LineMap(files, { a: textA, b: textB }), notes: [] };
  const stale = (textA ? b : a).title;
  const why = `the sources of ${stale} can't be read or have changed since`;
  if (a.trace && b.trace) {
    const contents = { a: codeContents(a.trace.header), b: codeContents(b.trace.header) };
    return { map: new LineMap(files, contents), notes: [`${why}: lines are aligned by the code that they became`] };
  }
  return { map: new LineMap(files, { a: [], b: [] }), notes: [`${why}: lines are aligned by their numbers`] };
}
