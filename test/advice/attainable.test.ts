/**
 * Advice that can't be attained is worse than none: edits of the configuration are tried out, and what is said of programs that are
 * well written has been looked at, finding by finding.
 */
import { readdirSync } from "node:fs";
import path from "node:path";
import type { Finding } from "@nnasm/sim-core/advice";
import type { MachineConfig } from "@nnasm/sim-core/config";
import { describe, expect, it } from "vitest";
import { ROOT } from "../tools/index.ts";
import { type Advised, adviseOn } from "./programs.ts";
import { SHOWS } from "./shows.ts";

/** Part of the run from which on a finding is looked at here. */
const LEAST_SHARE = 0.03;
/** How far an estimate may be from what the edit saves. */
const FACTOR = 2;

const shows = readdirSync(SHOWS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();
const runs = new Map<string, Advised>();
function runOf(name: string): Advised {
  const known = runs.get(name) ?? adviseOn(path.join(ROOT, `${name}.nnasm`), 400_000);
  runs.set(name, known);
  return known;
}
const show = (rule: string, which: "bad" | "good"): string => `test-fixtures/advice/${rule}/${which}`;

const large = ({ findings, profile }: Advised): Finding[] =>
  findings.filter(({ savedCycles }) => savedCycles >= profile.cycles * LEAST_SHARE);

/** The machine that an edit of nnp.json asks for; undefined for edits of the program. */
function machineOf({ edit }: Finding, config: MachineConfig): MachineConfig | undefined {
  const sections = [...edit.matchAll(/"(\w+)": (\{ "[^}]*\})/g)];
  if (sections.length === 0) return undefined;
  const changed = sections.map(([, name, values]) => {
    const section = config[name as "nu"];
    expect(Object.keys(section)).toEqual(expect.arrayContaining(Object.keys(JSON.parse(values!))));
    return [name!, { ...section, ...JSON.parse(values!) }] as const;
  });
  return { ...config, ...Object.fromEntries(changed) };
}

describe("edits of the configuration save what they are said to", () => {
  it.each(shows)("%s", (rule) => {
    for (const which of ["bad", "good"] as const) {
      const run = runOf(show(rule, which));
      for (const finding of large(run)) {
        const machine = machineOf(finding, run.config);
        if (!machine) continue;
        const other = adviseOn(path.join(ROOT, `${show(rule, which)}.nnasm`), undefined, machine);
        const saved = run.profile.cycles - other.profile.cycles;
        const what = `${rule}/${which} ${finding.rule}: ${finding.edit}`;
        expect(finding.savedCycles, what).toBeLessThanOrEqual(saved * FACTOR);
        expect(finding.savedCycles, what).toBeGreaterThanOrEqual(saved / FACTOR);
      }
    }
  });

  it("is tried out for several sections", () => {
    const tried = new Set<string>();
    for (const rule of shows) {
      for (const which of ["bad", "good"] as const) {
        const run = runOf(show(rule, which));
        for (const finding of large(run)) if (machineOf(finding, run.config)) tried.add(finding.rule);
      }
    }
    expect([...tried]).toEqual(expect.arrayContaining(["port-width", "vu-bound", "ddr-bound", "remainder-channels"]));
  });
});

/**
 * Programs that are well written, and what there is to say of them all the same. Repaired twins show one rule, so that others may
 * speak; each of these findings was looked at, and its edit is possible.
 */
const LEFT_TO_SAY: Readonly<Record<string, readonly string[]>> = {
  // The convolution waits for dma.fill, and its weights lie in WM from the start.
  [show("accumulator-reloads", "good")]: ["weight-prefetch"],
  // One channel of two; setup and latency of every second load could pass behind another.
  [show("ddr-bound", "good")]: ["idle-channel"],
  [show("starved-by-dma", "good")]: ["idle-channel"],
  // The slice of the weights is a ninth of each burst; they could lie densely. Its 64 bytes of results pass a port of 16.
  [show("dead-taps", "good")]: ["port-width", "partial-bursts"],
  [show("explicit-padding", "good")]: ["port-width"],
  [show("fc-batch", "good")]: ["port-width"],
  [show("low-fill", "good")]: ["port-width"],
  [show("wait-in-the-unit", "good")]: ["port-width"],
  // A sigmoid of 8-bit elements.
  [show("double-buffer", "good")]: ["function-table"],
  // Two thirds of the time only the vector unit works; with twice the lanes both end together.
  [show("needless-dependency", "good")]: ["vu-bound"],
  // A program that only loads.
  [show("rearrange-on-the-way", "good")]: ["ddr-bound"],
  // The store and the addition only read what both use.
  [show("spill-reload", "good")]: ["wait-in-the-unit"],
  // Four input channels of sixteen.
  "debug-adapter/test/programs/network": ["low-fill"],
  // One input channel.
  "test-fixtures/fashion-mnist/fashion": ["low-fill"],
  // Loops of three and four passes, whose counting is a third of so short a run.
  "debug-adapter/test/programs/watch": ["hardware-loop", "load-use"],
  "test-fixtures/tests/sum": ["hardware-loop"],
};

const WELL_WRITTEN = [
  ...shows.map((rule) => show(rule, "good")),
  ...["network", "loop", "calls", "hello", "macros", "statements", "targets", "watch"].map(
    (name) => `debug-adapter/test/programs/${name}`,
  ),
  "test-fixtures/fashion-mnist/fashion",
  "test-fixtures/samples/count",
  "test-fixtures/tests/sum",
  "test/gdb/loops",
];

describe("a well-written program gets the advice that it deserves, and no other", () => {
  it.each(WELL_WRITTEN)("%s", (name) => {
    expect(large(runOf(name)).map(({ rule }) => rule)).toEqual(LEFT_TO_SAY[name] ?? []);
  });

  it("has no finding that isn't there any more", () => {
    expect(WELL_WRITTEN).toEqual(expect.arrayContaining(Object.keys(LEFT_TO_SAY)));
  });
});
