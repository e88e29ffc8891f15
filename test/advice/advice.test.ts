/** Every rule of advice on a bad program and on its repaired twin, and what holds for all advice. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { advise, Facts, RULES, RunRecorder, replay } from "@nnasm/sim-core/advice";
import { Simulator } from "@nnasm/sim-core/engine";
import { buildProfile } from "@nnasm/sim-core/profile";
import { LineIndex } from "@nnasm/sim-core/program";
import { configWith, programOf, randomProgram } from "@nnasm/sim-core/testing";
import { describe, expect, it } from "vitest";
import { ROOT, scaled } from "../tools/index.ts";
import { type Advised, adviseOn } from "./programs.ts";
import { ABOUT_ADVICE, runShow, SHOWS } from "./shows.ts";

/** How far an estimate may be from what the repair saved. */
const FACTOR = 2;

function expectSound({ findings, profile }: Advised): void {
  for (const { rule, savedCycles, ofCycles, from, to, edit, message, threshold } of findings) {
    if (ABOUT_ADVICE.includes(rule)) continue;
    expect(savedCycles, rule).toBeLessThanOrEqual(ofCycles);
    expect(ofCycles, rule).toBeLessThanOrEqual(profile.cycles);
    expect(savedCycles, rule).toBeGreaterThan(0);
    expect(from, rule).toBeLessThanOrEqual(to);
    expect(to, rule).toBeLessThanOrEqual(profile.cycles);
    expect(`${message} ${edit}`, rule).not.toMatch(/undefined|NaN|\[object/);
    expect(threshold, rule).toBeDefined();
  }
}

/** The replay of a run, without changes, is the run. */
function expectExactReplay({
  profile,
  config,
  program,
  recorder,
}: Pick<Advised, "profile" | "config" | "program" | "recorder">): void {
  const facts = new Facts({ profile, config, program, recorder }, new LineIndex(program));
  const { cycles, starts, ends } = replay(facts.run, config);
  expect(cycles).toBe(profile.cycles);
  const recorded = recorder.operations.map(({ operation }) => [operation.startCycle, operation.endCycle]);
  expect(recorded.map((_, index) => [starts[index], ends[index]])).toEqual(recorded);
}

describe.each(RULES.map((rule) => [rule.id, rule] as const))("%s", (id, rule) => {
  const { bad, good, saved, estimated } = runShow(rule);
  const isAboutCycles = !ABOUT_ADVICE.includes(id);

  it("speaks of the bad program and not of the repaired one", () => {
    expect(bad.findings.map((finding) => finding.rule)).toContain(id);
    expect(good.findings.map((finding) => finding.rule)).not.toContain(id);
    expectSound(bad);
    expectSound(good);
  });

  it(isAboutCycles ? "names the instruction" : "names no place: it is about the whole record", () => {
    for (const finding of bad.findings.filter((one) => one.rule === id)) {
      if (!isAboutCycles) {
        expect(finding.places).toEqual([]);
        continue;
      }
      expect(finding.places[0]?.file).toContain(path.join("advice", id));
      expect(finding.places[0]?.line).toBeGreaterThan(0);
    }
  });

  it("leaves the results as they are", () => {
    for (const run of [bad, good]) {
      expect(run.end).toBe("exit 0");
      expect(run.checked).toBeGreaterThan(0);
      expect(run.failures).toEqual([]);
      expect(run.races).toBe(0);
    }
    expect(good.checked).toBe(bad.checked);
  });

  it(isAboutCycles ? `estimates what the repair saves within a factor of ${FACTOR}` : "promises no cycles", () => {
    if (!isAboutCycles) {
      for (const finding of bad.findings) if (finding.rule === id) expect(finding.savedCycles).toBe(0);
      return;
    }
    expect(saved).toBeGreaterThan(0);
    expect(estimated).toBeGreaterThanOrEqual(saved / FACTOR);
    expect(estimated).toBeLessThanOrEqual(saved * FACTOR);
  });

  it("replays both runs exactly", () => {
    if (isAboutCycles) expectExactReplay(bad);
    expectExactReplay(good);
  });

  it("changes no cycle", () => {
    const { program, config, profile } = bad;
    const alone = new Simulator({ program, config });
    alone.run();
    expect(alone.position.cycle).toBe(profile.cycles);
  });
});

it("has a show for every rule and a rule for every show", () => {
  const shows = readdirSync(SHOWS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(shows.map(({ name }) => name).sort()).toEqual(RULES.map(({ id }) => id).sort());
  expect(RULES.length).toBeGreaterThanOrEqual(20);
  expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
});

it("says when the record of a run is incomplete, and keeps to the profile then", () => {
  const { program, config } = runShow(RULES.find(({ id }) => id === "small-transfers")!).bad;
  const simulator = new Simulator({ program, config });
  const recorder = new RunRecorder(3);
  simulator.setListener(recorder);
  simulator.run();
  const findings = advise({ profile: buildProfile(simulator), config, program, recorder });
  expect(recorder.dropped).toBe(16);
  expect(recorder.operations.length + recorder.events.length).toBe(0);
  expect(findings.map(({ rule }) => rule)).toEqual(["incomplete-record"]);
});

/** Programs of the repository that are well written, and what there is to say of them. */
const WELL_WRITTEN: Readonly<Record<string, readonly string[]>> = {
  // One input channel: fifteen of sixteen rows of the array are empty.
  "test-fixtures/fashion-mnist/fashion.nnasm": ["low-fill"],
  "test-fixtures/samples/count.nnasm": [],
};

describe.each(Object.entries(WELL_WRITTEN))("%s", (file, rules) => {
  it("gets the advice that it deserves", () => {
    const run = adviseOn(path.join(ROOT, file), 400_000);
    expect(run.findings.map(({ rule }) => rule)).toEqual(rules);
    expectSound(run);
  });
});

it("advises to see conv1's taps as channels in the Fashion-MNIST sample", () => {
  const run = adviseOn(path.join(ROOT, "test-fixtures/fashion-mnist/fashion.nnasm"), 400_000);
  const [finding] = run.findings;
  expect(finding).toMatchObject({ rule: "low-fill", layer: { name: "conv1" } });
  expect(finding?.message).toContain("1 input and 16 output channels");
  // Two thirds of the layer's passes.
  expect(finding!.savedCycles / finding!.ofCycles).toBeGreaterThan(0.55);
  expect(finding!.savedCycles / finding!.ofCycles).toBeLessThan(0.67);
});

it("replays random programs exactly", () => {
  const config = configWith();
  let operations = 0;
  for (let seed = 1; seed <= scaled(15, 2000); seed++) {
    const program = programOf(randomProgram(seed).text, config);
    const simulator = new Simulator({ program, config });
    const recorder = new RunRecorder();
    simulator.setListener(recorder);
    // In slices, as the command and the debugger run it.
    while (simulator.run({ untilCycle: simulator.position.cycle + 777 }).reason === "limit");
    const profile = buildProfile(simulator);
    expectExactReplay({ profile, config, program, recorder });
    for (const finding of advise({ profile, config, program, recorder })) {
      expect(finding.savedCycles).toBeLessThanOrEqual(finding.ofCycles);
    }
    operations += recorder.operations.length;
  }
  expect(operations).toBeGreaterThan(100);
});

describe("operations that could be one, in a loop", () => {
  const passes = 150;
  const CHAINS = {
    "short-operations": `
        .tensor input,   int8, 1, 4, 4, 16, in=dm
        .tensor output,  int8, 1, 4, 4, 16, in=dm
        .text
_start: li      s0, PASSES
again:  td.ld   td0, input
        td.ld   td3, output
        li      t1, 1
        li      t2, 4
        td.hw   td0, t1, t2
        td.hw   td3, t1, t2
        li      t0, 64
        lp.setupi L0, 4, done
        vu.abs  td3, td0
        td.adv  td0, td0, t0
        td.adv  td3, td3, t0
done:
        nn.fence vu
`,
    "small-transfers": `
        .section .ddr.data, "a"
        .balign 64
source: .space  512
        .tensor far,   int8, 1, 1, 1, 64, at=source
        .tensor whole, int8, 1, 1, 1, 512, in=dm
        .tensor near,  int8, 1, 1, 1, 64, at=whole.base
        .text
_start: li      s0, PASSES
again:  td.ld   td0, near
        td.ld   td1, far
        li      t0, 64
        lp.setupi L0, 8, done
        dma.ld  td0, td1, ch0
        td.adv  td0, td0, t0
        td.adv  td1, td1, t0
done:
        nn.fence dma0
`,
  };
  const findingsOn = (rule: keyof typeof CHAINS, count: number) => {
    const end = "        addi s0, s0, -1\n        bnez s0, again\n        li a0, 0\n        li a7, 93\n        ecall\n";
    const config = configWith();
    const program = programOf(CHAINS[rule].replace("PASSES", String(count)) + end, config);
    const simulator = new Simulator({ program, config });
    const recorder = new RunRecorder();
    simulator.setListener(recorder);
    expect(simulator.run()).toMatchObject({ reason: "exit", exitCode: 0 });
    const profile = buildProfile(simulator);
    return advise({ profile, config, program, recorder }).filter((finding) => finding.rule === rule);
  };

  it.each(Object.keys(CHAINS) as (keyof typeof CHAINS)[])("%s are told once, with what all passes save", (rule) => {
    const [once] = findingsOn(rule, 1);
    const all = findingsOn(rule, passes);
    expect(all).toHaveLength(1);
    expect(once).toBeDefined();
    expect(all[0]!.message).toBe(`${once!.message}, ${passes} times`);
    expect(all[0]!.edit).toBe(once!.edit);
    // One pass alone would be below 1 % of the run.
    expect(once!.savedCycles).toBeLessThan(all[0]!.ofCycles / 100);
    expect(all[0]!.savedCycles).toBeGreaterThan(0.8 * passes * once!.savedCycles);
  });
});
