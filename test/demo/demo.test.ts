import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type CommandResult, describeWith, EXTERNALS, IS_LONG, ROOT, runCommand } from "../tools/index.ts";

const tsx = (...args: string[]): Promise<CommandResult> =>
  runCommand(process.execPath, [path.join(ROOT, "node_modules/tsx/dist/cli.mjs"), ...args], { timeoutMs: 600_000 });

describe("npm run demo", () => {
  let result: CommandResult;
  beforeAll(async () => {
    result = await tsx("scripts/demo.ts");
  }, 120_000);

  test("classifies the committed images as the integer reference does", () => {
    expect({ code: result.code, stderr: result.stderr }).toEqual({ code: 0, stderr: "" });
    const { int8Correct, images } = JSON.parse(
      readFileSync(path.join(ROOT, "test-fixtures/fashion-mnist/model.json"), "utf8"),
    ).accuracy.fixture;
    expect(result.stdout).toContain(`\nAccuracy: ${int8Correct} of ${images} = `);
    expect(result.stdout).toMatch(/\nCycles per image: [\d,]+ /);
  });

  test("prints a profile whose MAC slots add up to 100 %", () => {
    const rows = /\nMAC slots: ([\d,]+) = .*\n((?: .*\n)+)/.exec(result.stdout);
    const total = rows?.[1];
    const parts = (rows?.[2] ?? "")
      .trimEnd()
      .split("\n")
      .map((row) => row.trim().split(/\s{2,}/));
    expect(parts.at(-1)).toEqual(["100.0 %", total, "all"]);
    const number = (text = ""): number => Number(text.replaceAll(",", ""));
    expect(parts.slice(0, -1).reduce((sum, [, slots]) => sum + number(slots), 0)).toBe(number(total));
    // What rounds to nothing is written as below a tenth.
    const tenths = (share = ""): number => (share.startsWith("<") ? 0 : Math.round(Number.parseFloat(share) * 10));
    expect(parts.slice(0, -1).reduce((sum, [share]) => sum + tenths(share), 0)).toBe(1000);
  });

  test("writes the files that it names", () => {
    const named = [...result.stdout.matchAll(/^artifacts\/(\S+)/gm)].map((match) => match[1]);
    expect(named).toEqual(["fashion.elf", "fashion.profile.json", "fashion.perfetto.json"]);
    const read = (name: string): Buffer => readFileSync(path.join(ROOT, "artifacts", name));
    expect(read("fashion.elf").subarray(0, 4).toString("latin1")).toBe("\u007fELF");
    const profile = JSON.parse(read("fashion.profile.json").toString("utf8"));
    const trace = JSON.parse(read("fashion.perfetto.json").toString("utf8"));
    expect(trace.metadata).toMatchObject({ cycles: profile.cycles, droppedEvents: 0 });
  });
});

// Not registered otherwise: what is counted as skipped is what a package is missing for.
if (IS_LONG) {
  describeWith(EXTERNALS.fashionMnist, "npm run demo -- --all", () => {
    test("is within one point of the float model on the 10,000 test images", async () => {
      const { code, stdout } = await tsx("scripts/demo.ts", "--all");
      expect(code).toBe(0);
      const [, simulated] = /\nAccuracy: [\d,]+ of 10,000 = ([\d.]+) %/.exec(stdout) ?? [];
      const [, float] = /float model: ([\d.]+) %/.exec(stdout) ?? [];
      expect(Math.abs(Number(simulated) - Number(float))).toBeLessThan(1);
    });
  });

  describe("npm run bench", () => {
    test("measures, checks its own results and prints JSON", async () => {
      const { code, stdout } = await tsx("bench/run.ts", "--json", "--seconds", "0.1");
      expect(code).toBe(0);
      const { calibration, scalar, convolution, assembler, trace } = JSON.parse(stdout);
      expect(calibration.integerMSteps).toBeGreaterThan(0);
      for (const speed of [scalar.instructionsPerSecond, convolution[0].ratio, assembler.linesPerSecond, trace.cost]) {
        expect(speed).toBeGreaterThan(0);
      }
    });
  });
}
