/**
 * Every test of the ONNX project's data set: what fits the machine runs on the simulator and gives the right result, what
 * doesn't has a reason. docs/onnx-operators.md says how results compare and lists all tests; `-u` writes it anew.
 */
import { describe, expect, it } from "vitest";
import { describeWith, EXTERNALS, IS_LONG } from "../tools/index.ts";
import { ABSENT } from "./absent.ts";
import { caseNames, GROUPS } from "./dataset.ts";
import { LOWERINGS } from "./lower/index.ts";
import { report } from "./report.ts";
import { type Outcome, runCase } from "./run.ts";

describeWith(EXTERNALS.onnxTestData, "ONNX operators on the simulator", () => {
  const outcomes: Outcome[] = [];

  it.each(GROUPS)("give the right results: %s", { timeout: 240_000 }, async (group) => {
    for (const name of caseNames(group)) outcomes.push(await runCase(group, name));
    const failed = outcomes.filter(({ errors }) => errors.length > 0);
    expect(failed.map(({ name, errors }) => `${name}: ${errors.join("; ")}`)).toEqual([]);
  });

  it("are listed in docs/onnx-operators.md", async () => {
    await expect(report(outcomes)).toMatchFileSnapshot("../../docs/onnx-operators.md");
  });

  if (IS_LONG) {
    it.each(["nn32", "nn128", "nn1024", "nn4096"] as const)(
      "give them on %s",
      { timeout: 1_200_000 },
      async (preset) => {
        const failed: string[] = [];
        for (const group of GROUPS) {
          for (const name of caseNames(group)) {
            const { errors } = await runCase(group, name, preset);
            if (errors.length > 0) failed.push(`${name}: ${errors.join("; ")}`);
          }
        }
        expect(failed).toEqual([]);
      },
    );
  }
});

describe("operators", () => {
  it("have a lowering or a reason, not both", () => {
    expect(Object.keys(LOWERINGS).filter((name) => ABSENT.has(name))).toEqual([]);
  });
});
