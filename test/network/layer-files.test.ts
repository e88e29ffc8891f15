import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { readNpy, writeNpy } from "../../cli/src/layers/npy.ts";
import { loadModel, readInt8, runReference } from "../../test-fixtures/fashion-mnist/reference.ts";
import { ROOT, runNnasm, temporaryFolder } from "../tools/index.ts";

const SAMPLE = path.join(ROOT, "test-fixtures/fashion-mnist");
const IMAGE_BYTES = 784;

/** A layer that is gone through twice, and whose output two operations write. */
const HALVES = `
        .globl  _start
        .section .dm.data, "aw"
        .balign 4
numbers: .half  1, 2, 3, 4, 5, 300
        .tensor whole, int16, 1, 2, 1, 3, at=numbers
        .text
_start: td.ld   td2, whole
        li      t0, 1 << 16
        td.sliceh td0, td2, t0
        li      t0, 1 << 16 | 1
        td.sliceh td1, td2, t0
        li      s0, 2
again:  .layer  "negate"
        vu.neg  td0, td0
        vu.neg  td1, td1
        nn.layer 0
        addi    s0, s0, -1
        bnez    s0, again
        nn.fence vu
        li      a0, 0
        li      a7, 93
        ecall
`;

/** What the independent reference computes for the first images, as files named by layers alone. */
function referenceFiles(images: number): Record<string, Uint8Array> {
  const model = loadModel(SAMPLE);
  const pixels = readInt8(path.join(SAMPLE, "images.bin"));
  const files: Record<string, Uint8Array> = {};
  for (let image = 0; image < images; image++) {
    const { layers } = runReference(model, pixels.subarray(image * IMAGE_BYTES, (image + 1) * IMAGE_BYTES));
    for (const [name, values] of Object.entries(layers)) {
      files[`${String(image).padStart(4, "0")}/${name}.npy`] = writeNpy(
        Int32Array.from(values),
        [values.length],
        "int8",
      );
    }
  }
  return files;
}

describe("layers as .npy files", () => {
  test("the sample's layers agree with the independent reference", async () => {
    const cwd = temporaryFolder(referenceFiles(3));
    const { code, stdout } = await runNnasm(["run", SAMPLE, "--compare", cwd, "--json"]);
    const { comparison } = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(comparison).toMatchObject({ agrees: true, compared: 33, diverging: 0, first: null });
    // The other 197 images, 11 layers each.
    expect(comparison.missing).toHaveLength(197 * 11);
  });

  test("names the first layer, element and cycle that differ", async () => {
    const files = referenceFiles(2);
    const change = (file: string, element: number, by: number) => {
      const { values } = readNpy(files[file]!, file);
      const changed = Int32Array.from(values);
      // Towards zero, so that the value stays an int8.
      changed[element]! += changed[element]! > 0 ? -by : by;
      files[file] = writeNpy(changed, [changed.length], "int8");
    };
    // pw1 writes 14 x 14 x 32.
    change("0001/pw1.npy", (3 * 14 + 5) * 32 + 7, 2);
    change("0001/pw1.npy", (3 * 14 + 5) * 32 + 9, 1);
    change("0001/conv2.npy", 0, 1);
    const cwd = temporaryFolder(files);
    const first = await runNnasm(["run", SAMPLE, "--compare", cwd]);
    expect(first.code).toBe(123);
    expect(first.stderr).toMatch(
      /error: layer pw1 \(time 2\), tensor pw1_out: element \[0, 3, 5, 7\] is -?\d+, .*pw1\.npy has -?\d+\n/,
    );
    expect(first.stderr).toMatch(
      /written in cycle [\d,]+ by nu\.pwconv \(.*fashion\.nnasm:\d+\); 2 of 6,272 elements differ, by 2 at most/,
    );
    expect(first.stderr).toContain("2 of 22 layer outputs differ");
    const tolerant = await runNnasm(["run", SAMPLE, "--compare", cwd, "--tolerance", "2", "-q"]);
    expect(tolerant.code).toBe(0);
  });

  test("a dump agrees with itself, and with nothing else than an array of its shape", async () => {
    const cwd = temporaryFolder({ "halves.nnasm": HALVES });
    const run = (...args: string[]) => runNnasm(["run", "halves.nnasm", ...args], { cwd });
    expect((await run("-q", "--dump-layers", "dumped")).code).toBe(0);
    const index = JSON.parse(readFileSync(path.join(cwd, "dumped/layers.json"), "utf8"));
    const common = { tensor: "whole", dtype: "int16", shape: [1, 2, 1, 3], zeroPoint: 0, cycle: expect.any(Number) };
    expect(index).toEqual([
      { layer: "negate", occurrence: 0, file: "0000/negate.whole.npy", ...common },
      { layer: "negate", occurrence: 1, file: "0001/negate.whole.npy", ...common },
    ]);
    const values = (file: string) => [...Float64Array.from(readNpy(readFileSync(path.join(cwd, file)), file).values)];
    expect(values("dumped/0000/negate.whole.npy")).toEqual([-1, -2, -3, -4, -5, -300]);
    expect(values("dumped/0001/negate.whole.npy")).toEqual([1, 2, 3, 4, 5, 300]);
    const again = await run("--compare", "dumped", "--json");
    expect(JSON.parse(again.stdout).comparison).toMatchObject({ agrees: true, compared: 2, missing: [] });
    // The second row is written by the second operation.
    writeFileSync(
      path.join(cwd, "dumped/0000/negate.whole.npy"),
      writeNpy(Int32Array.of(-1, -2, -3, -4, 5, 6), [6], "int16"),
    );
    const changed = await run("--compare", "dumped", "--json");
    expect(changed.code).toBe(123);
    const { first } = JSON.parse(changed.stdout).comparison;
    expect(first).toMatchObject({ element: [0, 1, 0, 1], value: -5, golden: 5, mnemonic: "vu.neg", differing: 2 });
    expect(first.cycle).toBe(index[0].cycle);
    writeFileSync(path.join(cwd, "dumped/0001/negate.whole.npy"), writeNpy(new Int32Array(12), [3, 4], "int16"));
    const wrong = await run("--compare", "dumped");
    expect(wrong.code).toBe(125);
    expect(wrong.stderr).toContain("has shape (3, 4), layer negate writes (1, 2, 1, 3)");
  });

  test("refuses what is no folder or no .npy file", async () => {
    const cwd = temporaryFolder({ "0000/conv1.npy": new TextEncoder().encode("not an array") });
    const text = await runNnasm(["run", SAMPLE, "--compare", cwd]);
    expect(text.stderr).toContain("conv1.npy: is no .npy file");
    const nowhere = await runNnasm(["run", SAMPLE, "--compare", path.join(cwd, "nowhere")]);
    expect(nowhere.stderr).toContain("there is no folder");
    expect([text.code, nowhere.code]).toEqual([125, 125]);
  });

  test("writes the format that NumPy documents", () => {
    const bytes = Buffer.from(writeNpy(Int32Array.of(-1, 258), [2], "int16"));
    // 10 bytes of magic, version and length, then the header, padded to 64 with a line end.
    expect(bytes.subarray(0, 10)).toEqual(Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]));
    expect(bytes.toString("latin1", 10, 128).trimEnd()).toBe(
      "{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }",
    );
    expect(bytes[127]).toBe(10);
    expect([...bytes.subarray(128)]).toEqual([0xff, 0xff, 2, 1]);
    expect(readNpy(bytes, "x").shape).toEqual([2]);
  });
});
