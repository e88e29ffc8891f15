import { readFileSync } from "node:fs";
import path from "node:path";
import type { Profile } from "@nnasm/sim-core/profile";
import { describe, expect, test } from "vitest";
import { ROOT, runNnasm, temporaryFolder } from "../../../test/tools/index.ts";

const SAMPLE = "test-fixtures/fashion-mnist";

/** Sum of the first column that matches, over the rows of the section that begins with `title`. */
function rowsOf(text: string, title: string): string[] {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.startsWith(title));
  const end = lines.indexOf("", start);
  return lines.slice(start + 1, end < 0 ? undefined : end);
}

const tenths = (percent: string): number =>
  percent.trim().startsWith("<") ? 0 : Math.round(Number.parseFloat(percent) * 10);

describe("nnasm profile", () => {
  test("prints tables whose shares add up to 100 %", async () => {
    const { code, stdout, stderr } = await runNnasm(["profile", SAMPLE]);
    expect(code).toBe(0);
    // The report has stdout for itself.
    expect(stderr).toBe("Fashion-MNIST: all images classified\n");
    for (const title of ["MAC slots", "Control unit"]) {
      const rows = rowsOf(stdout, title);
      expect(rows.at(-1)).toMatch(/^ +100\.0 % +[\d,]+ +all$/);
      expect(rows.slice(0, -1).reduce((sum, row) => sum + tenths(row), 0)).toBe(1000);
    }
    const layers = rowsOf(stdout, "Layers");
    expect(layers.map((row) => row.trim().split(/\s{2,}/)[0])).toEqual(
      "layer|(no layer)|load weights|load image|conv1|pool1|dw1|pw1|pool2|conv2|add1|dw2|pw2|gap|fc|classify|all".split(
        "|",
      ),
    );
    for (const row of layers.slice(1)) {
      const cells = row.trim().split(/\s{2,}/);
      const total = cells.at(-2);
      // name, cycles, share, MACs, DDR read, written, then the buckets, their sum, and what bounds the layer
      const buckets = cells.slice(6, -2).map(tenths);
      expect([cells[0], buckets.reduce((sum, value) => sum + value, 0)]).toEqual([cells[0], total === "-" ? 0 : 1000]);
    }
    const lines = rowsOf(stdout, `Lines of ${SAMPLE}/`);
    // Header, 20 lines, the others, all.
    expect(lines).toHaveLength(23);
    expect(lines[1]).toMatch(/^ {2}fashion\.nnasm:\d+ /);
  });

  test("--json gives the profile, its slots and cycles complete", async () => {
    const cwd = temporaryFolder();
    const files = ["--csv", path.join(cwd, "tables"), "--html", path.join(cwd, "report.html")];
    const { code, stdout } = await runNnasm(["profile", SAMPLE, "--json", ...files]);
    expect(code).toBe(0);
    const profile = JSON.parse(stdout) as Profile & { ok: boolean };
    expect(profile).toMatchObject({ ok: true, file: `${SAMPLE}/fashion.nnasm`, stop: { reason: "exit", exitCode: 0 } });
    const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
    const slots = (work: { slots: object }): number => sum(Object.values(work.slots));
    expect(slots(profile.total)).toBe(profile.totalSlots);
    expect(sum(profile.layers.map(slots))).toBe(profile.totalSlots);
    expect(sum(profile.lines.map(slots))).toBe(profile.totalSlots);
    expect(sum(profile.layers.map((layer) => layer.cycles))).toBe(profile.cycles);
    expect(sum(profile.lines.map((line) => line.cycles))).toBe(profile.cycles);
    // The other forms say the same.
    const csv = readFileSync(path.join(cwd, "tables/lines.csv"), "utf8").trim().split("\r\n");
    const column = csv[0]!.split(",").indexOf("cycles");
    expect(csv.slice(1).map((line) => Number(line.split(",")[column]))).toEqual(
      profile.lines.map((line) => line.cycles),
    );
    const html = readFileSync(path.join(cwd, "report.html"), "utf8");
    for (const { name } of profile.layers.filter(({ macs }) => macs > 0)) expect(html).toContain(`>${name}</text>`);
    // Nothing is fetched; the only address is the name of SVG's vocabulary.
    expect(html.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|<script|<link|url\(|@import/);
  });

  test("--by prints one level with the metrics that are asked for", async () => {
    const sample = "test-fixtures/samples/count.nnasm";
    const { stdout } = await runNnasm(["profile", sample, "--by", "instruction", "--metrics", "retired,cycles"]);
    const profile = JSON.parse((await runNnasm(["profile", sample, "--json"])).stdout) as Profile;
    const rows = rowsOf(stdout, "Instructions")
      .slice(1)
      .map((row) => row.trim().split(/\s{2,}/));
    expect(rows.map(([name, , retired, cycles]) => [name, Number(retired), Number(cycles)])).toEqual(
      profile.parts.map(({ instruction, retired, cycles }) => {
        const { address, text } = profile.instructions[instruction]!;
        return [`0x${address.toString(16).padStart(8, "0")} ${text}`, retired, cycles];
      }),
    );
    expect(await runNnasm(["profile", sample, "--by", "loop"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"loop" is none of region'),
    });
  });

  test("a scalar program has a profile too; its exit code is told, not handed on", async () => {
    const { code, stdout, stderr } = await runNnasm(["profile", "test-fixtures/samples/count.nnasm", "-l", "2"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "exit code of the program: 55\n" });
    const lines = rowsOf(stdout, "Lines of test-fixtures/samples/");
    expect(lines).toHaveLength(5);
    expect(lines[3]).toContain("more lines)");
  });

  test("a program that doesn't end by itself is profiled so far, and says so", async () => {
    const cwd = temporaryFolder({ "loop.nnasm": "        .globl _start\n_start: j _start\n" });
    const { code, stdout, stderr } = await runNnasm(["profile", "loop.nnasm", "-m", "1000"], { cwd });
    expect(code).toBe(124);
    expect(stdout).toContain("loop.nnasm: 1,000 cycles");
    expect(stderr).toContain("[max-cycles]");
  });

  test("the trace names every operation of the sample's first image", async () => {
    const cwd = temporaryFolder();
    const file = path.join(cwd, "trace.json");
    expect((await runNnasm(["profile", path.join(ROOT, SAMPLE), "--trace", file], { cwd })).code).toBe(0);
    const { traceEvents } = JSON.parse(readFileSync(file, "utf8")) as { traceEvents: { name: string; ph: string }[] };
    const names = new Set(traceEvents.filter((event) => event.ph === "X").map((event) => event.name));
    for (const name of [
      "nu.conv",
      "nu.dwconv",
      "nu.pwconv",
      "nu.maxpool",
      "nu.add",
      "nu.gavgpool",
      "nu.fc",
      "dma.ld",
    ]) {
      expect(names).toContain(name);
    }
  });
});
