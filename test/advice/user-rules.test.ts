/** Expressions of users' rules: values, errors with places, and rules by layer. */
import path from "node:path";
import {
  adviseByUserRules,
  LAYER_METRICS,
  METRICS,
  parseExpression,
  RUN_METRICS,
  type UserRule,
} from "@nnasm/sim-core/advice";
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
