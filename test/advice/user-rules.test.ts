/** Expressions of users' rules: values, errors with places, and rules by layer. */
import { readFileSync } from "node:fs";
import path from "node:path";
import {
  adviseByUserRules,
  LAYER_METRICS,
  METRICS,
  parseExpression,
  RULE_IDS,
  RULES,
  RUN_METRICS,
  type UserRule,
} from "@nnasm/sim-core/advice";
import { readConfig } from "@nnasm/sim-core/config";
import { describe, expect, it } from "vitest";
import { ROOT } from "../tools/index.ts";
import { adviseOn } from "./programs.ts";

const VALUES = new Map([
  ["a", 6],
  ["b.c", 4],
]);
const KNOWN = new Set(VALUES.keys());

function evaluate(text: string): number {
  const parsed = parseExpression(text, KNOWN);
  if ("problem" in parsed) throw new Error(parsed.problem.message);
  return parsed.expression.evaluate(VALUES);
}

describe("an expression", () => {
  it.each([
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["a - b.c - 1", 1],
    ["12 / a / 2", 1],
    ["-a + 10", 4],
    ["a / 0", 0],
    ["0.5 * b.c", 2],
    ["a > b.c && b.c >= 4", 1],
    ["a < b.c || b.c != 4", 0],
    ["!(a == 6)", 0],
    ["a <= 6", 1],
    ["1 || 0 && 0", 1],
  ])("%s is %d", (text, value) => {
    expect(evaluate(text)).toBe(value);
  });

  it.each([
    ["", "the expression ends too early", 1],
    ["1 +", "the expression ends too early", 4],
    ["(a", 'a ")" is missing', 3],
    ["a b.c", 'unexpected "b.c" behind the expression', 3],
    ["a > * 2", 'unexpected "*"', 5],
    ["a = 2", 'unexpected "="', 3],
    ["a; 2", 'unexpected ";"', 2],
    ["constructor", "there is no metric constructor", 1],
    ["1 + toString", "there is no metric toString", 5],
  ])("%j is refused at its column", (text, message, column) => {
    expect(parseExpression(text, KNOWN)).toMatchObject({ problem: { message, column } });
  });

  it("tells which metric was meant", () => {
    const hintOf = (text: string) => {
      const parsed = parseExpression(text, METRICS);
      return "problem" in parsed ? parsed.problem.hint : undefined;
    };
    expect(hintOf("layer.slots.wieghts > 1")).toBe("did you mean layer.slots.weights?");
    expect(hintOf("run.cu.tokenwait > 1")).toBe("did you mean run.cu.tokenWait?");
    expect(hintOf("temperature > 1")).toBe("docs/advice.md lists all metrics");
  });
});

describe("mistakes in nnp.json", () => {
  const own = { id: "own", when: "run.cycles > 3", message: "m", edit: "e" };
  const problems = (rules: readonly object[]) => {
    // One rule a line, from the second line on.
    const text = `{ "advice": [\n${rules.map((one) => JSON.stringify(one)).join(",\n")}\n] }`;
    return readConfig(text, "nnp.json").diagnostics.map(({ message, hint, range: { start } }) => {
      const [line, rest] = [start.line + 1, text.split("\n")[start.line]!.slice(start.character)];
      return { line, at: rest.slice(0, 12), message, hint };
    });
  };

  it.each([
    [
      { ...own, when: "run.cycles > 3 && run.cycels" },
      { at: 'run.cycels",', message: "advice.1.when: there is no metric run.cycels", hint: "did you mean run.cycles?" },
    ],
    [
      { ...own, saves: "run.cycles * )" },
      { at: ')"}', message: 'advice.1.saves: unexpected ")"', hint: expect.stringContaining("for example") },
    ],
    [
      { ...own, id: "first" },
      { at: '"first","whe', message: "advice.1.id: there is a rule first already" },
    ],
    [
      { ...own, id: "double-buffer" },
      { at: '"double-buff', hint: "give this one another id" },
    ],
    [
      { ...own, id: "Own" },
      { at: '"Own","when"', message: "advice.1.id: must be small letters, digits and -" },
    ],
    [
      { ...own, edit: "" },
      { at: '""}', message: "advice.1.edit: must not be empty" },
    ],
    [
      { ...own, if: "x" },
      { at: '"if":"x"}', message: 'unknown key "advice.1.if"', hint: expect.any(String) },
    ],
  ])("%j is told with its line and a way out", (rule, expected) => {
    const found = problems([{ ...own, id: "first" }, rule]);
    expect(found).toEqual([{ line: 3, message: expect.any(String), hint: found[0]?.hint, ...expected }]);
  });

  it("needs all texts", () => {
    const { edit, ...rest } = own;
    expect(edit).toBe("e");
    expect(problems([rest])).toMatchObject([{ line: 2, message: "advice.0.edit: a text is missing" }]);
  });

  it("know all rules of the machine", () => {
    expect(RULE_IDS).toEqual(RULES.map(({ id }) => id));
  });
});

describe("the example of docs/advice.md", () => {
  const text = readFileSync(path.join(ROOT, "docs/advice.md"), "utf8");
  const json = /```json\n([\s\S]*?)```/.exec(text)?.[1] ?? "";
  const { file, diagnostics } = readConfig(json, "nnp.json");

  it("is a configuration, and its rule speaks of a layer that waits for weights", () => {
    expect(diagnostics).toEqual([]);
    const [own] = file!.advice!;
    const run = adviseOn(path.join(ROOT, "test-fixtures/advice/fc-batch/bad.nnasm"));
    const [finding, ...others] = adviseByUserRules(run.profile, file!.advice!);
    expect(others).toEqual([]);
    const [layer] = run.profile.layers;
    const slots = Object.values(layer!.slots).reduce((sum, count) => sum + count, 0);
    expect(layer!.slots.weights / slots).toBeGreaterThan(0.3);
    expect(finding).toMatchObject({
      rule: own!.id,
      message: own!.message,
      edit: own!.edit,
      layer: { id: layer!.id },
      savedCycles: Math.round((layer!.cycles * layer!.slots.weights) / slots),
    });
    const repaired = adviseOn(path.join(ROOT, "test-fixtures/advice/fc-batch/good.nnasm"));
    expect(adviseByUserRules(repaired.profile, file!.advice!)).toEqual([]);
  });
});

describe("rules of users", () => {
  const rule = (when: string, saves?: string): UserRule => ({ id: "own", when, saves, message: "m", edit: "e" });
  const { profile } = adviseOn(path.join(ROOT, "test-fixtures/fashion-mnist/fashion.nnasm"), 100_000);

  it("know a value for every metric", () => {
    for (const name of RUN_METRICS) {
      expect(adviseByUserRules(profile, [rule(`${name} >= 0`)])[0]?.measured, name).toEqual([
        { name, value: expect.any(Number), unit: "" },
      ]);
    }
    for (const name of LAYER_METRICS) {
      expect(adviseByUserRules(profile, [rule(`${name} >= 0`)]), name).toHaveLength(profile.layers.length);
    }
    const [cycles] = adviseByUserRules(profile, [rule("run.cycles > 0")]);
    expect(cycles?.measured[0]?.value).toBe(profile.cycles);
  });

  it("are asked of each layer", () => {
    const found = adviseByUserRules(profile, [rule("layer.slots.nonMac / layer.slotsTotal > 0.5", "run.cycles * 2")]);
    const expected = profile.layers.filter(({ slots }) => {
      return slots.nonMac > Object.values(slots).reduce((sum, count) => sum + count, 0) / 2;
    });
    expect(expected.map(({ name }) => name)).toContain("pool1");
    expect(found.map(({ layer }) => layer?.name)).toEqual(expected.map(({ name }) => name));
    // An estimate is never more than what it is part of.
    for (const { savedCycles, ofCycles } of found) expect(savedCycles).toBe(ofCycles);
  });
});
