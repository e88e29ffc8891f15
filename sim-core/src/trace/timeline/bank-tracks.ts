/** The timeline's rows about the data memory's banks: who loses cycles over them, and how much each of them is used. */
import type { Trace } from "../file/index.ts";
import { ConflictSums } from "./conflict-sums.ts";
import { Spans } from "./spans.ts";
import type { Track } from "./tracks.ts";

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Operations of a unit, in their row. */
interface UnitSpans {
  readonly unit: number;
  readonly spans: Spans;
}

/** The rows that a trace has something for: one of all lost cycles, and one for each bank. */
export function bankTracks(trace: Trace, units: readonly UnitSpans[]): { conflicts: readonly Track[]; banks: Track[] } {
  const { header, conflicts } = trace;
  if (!header.later?.includes("conflicts")) {
    const spread = spreadTrack(trace, units);
    return { conflicts: spread.info.series.length > 0 ? [spread] : [], banks: [] };
  }
  const sums = new ConflictSums(conflicts, header.config.dm.banks);
  const lost = once((cycles) => sums.before(cycles));
  const banks = bankRows(trace, sums, lost);
  return { conflicts: sums.count > 0 ? [lostTrack(trace, sums, lost)] : [], banks };
}

type LostBefore = (cycles: Float64Array) => Float64Array;

/** All rows ask for the same cycles, one behind the other: what is the same for all of them is found once. */
function once(find: LostBefore): LostBefore {
  let known: { readonly cycles: Float64Array; readonly found: Float64Array } | undefined;
  return (cycles) => {
    if (known?.cycles !== cycles) known = { cycles, found: find(cycles) };
    return known.found;
  };
}

/** A column's share of the cycles between neighbouring ones. */
function shares(cycles: Float64Array, found: Float64Array, columns: number, column: number, of = 1): Float32Array {
  const values = new Float32Array(cycles.length - 1);
  for (let i = 0; i < values.length; i++) {
    const lost = found[(i + 1) * columns + column]! - found[i * columns + column]!;
    values[i] = lost / (cycles[i + 1]! - cycles[i]!) / of;
  }
  return values;
}

function lostTrack({ header, conflicts }: Trace, sums: ConflictSums, lost: LostBefore): Track {
  const all = sums.before(Float64Array.of(conflicts.lastCycle + 1));
  const some = header.units.flatMap((_, unit) => (all[sums.ofUnit(unit)]! > 0 ? [unit] : []));
  const name = (unit: number): string => header.units[unit]!;
  return {
    info: {
      id: "conflicts",
      kind: "conflicts",
      title: "Bank conflicts",
      series: some.map((unit) => ({ name: name(unit), text: `${name(unit).toUpperCase()}: cycles lost over banks` })),
      full: `cycles of ${some.length} unit${some.length === 1 ? "" : "s"}`,
      names: [],
    },
    series: (cycles) => {
      const found = lost(cycles);
      return some.map((unit) => shares(cycles, found, sums.columns, sums.ofUnit(unit), some.length));
    },
    values: () => [],
  };
}

function bankRows({ header, bankUse, operations }: Trace, sums: ConflictSums, lost: LostBefore): Track[] {
  const spans = new Spans(bankUse.from.values, bankUse.to.values);
  const all = sums.before(Float64Array.of(Number.MAX_SAFE_INTEGER));
  const accesses = bankUse.accesses.values;
  const positions = once((cycles) => spans.positions(cycles));
  return Array.from({ length: header.config.dm.banks }, (_, bank) => bank).flatMap((bank): Track[] => {
    const used = spans.sums((span) => accesses[span * bankUse.banks + bank]!);
    if (used.at(-1) === 0 && all[sums.ofBank(bank)] === 0) return [];
    return [
      {
        info: {
          id: `bank-${bank}`,
          kind: "bank",
          title: `Bank ${bank}`,
          series: [
            { name: "contested", text: "somebody waits for the bank" },
            { name: "used", text: "an operation uses it, and nobody waits; on average over a few thousand cycles" },
          ],
          full: "all cycles",
          names: [],
        },
        series: (cycles) => {
          const contested = shares(cycles, lost(cycles), sums.columns, sums.ofContested(bank));
          const busy = spans.sharesAt(used, cycles, positions(cycles));
          return [contested, busy.map((share, i) => Math.max(0, Math.min(1, share) - contested[i]!))];
        },
        values: (cycle) => {
          const span = spans.covering(cycle);
          if (span < 0) return operations.count > 0 ? [["used", "by no operation"]] : [];
          const length = spans.ends[span]! - spans.starts[span]!;
          const range = `${spans.starts[span]!.toLocaleString("en")} to ${spans.ends[span]!.toLocaleString("en")}`;
          return [["used", `in ${percent((used[span + 1]! - used[span]!) / length)} of cycles ${range}`]];
        },
      },
    ];
  });
}

/** Older files have lost cycles by operation only: within one they are spread evenly. */
function spreadTrack(trace: Trace, units: readonly UnitSpans[]): Track {
  const { header, operations } = trace;
  const lost = units.map(({ unit, spans }) => {
    const indices = operations.byUnit(unit);
    const sums = spans.sums((span) => operations.lostOf(indices[span]!).reduce((sum, { cycles }) => sum + cycles, 0));
    return { unit, spans, sums };
  });
  const some = lost.filter(({ sums }) => sums.at(-1)! > 0);
  const name = (unit: number): string => header.units[unit]!;
  return {
    info: {
      id: "conflicts",
      kind: "conflicts",
      title: "Bank conflicts",
      series: some.map(({ unit }) => ({
        name: name(unit),
        text: `${name(unit).toUpperCase()}: cycles lost over banks, spread evenly over each operation`,
      })),
      full: `cycles of ${some.length} unit${some.length === 1 ? "" : "s"}`,
      names: [],
    },
    series: (cycles) => some.map(({ spans, sums }) => spans.shares(sums, cycles).map((share) => share / some.length)),
    values: (cycle) =>
      some.map(({ unit, spans, sums }) => [
        name(unit).toUpperCase(),
        `loses ${percent(Math.max(0, spans.before(sums, cycle + 1) - spans.before(sums, cycle)))} of its cycles`,
      ]),
  };
}
