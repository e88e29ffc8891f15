import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { beforeAll, describe, expect, test } from "vitest";
import { argmax, loadModel, readInt8, requantise, runReference } from "./reference.ts";

const directory = fileURLToPath(new URL(".", import.meta.url));
const model = loadModel(directory);
const { count } = model.info.images;
const pixels = readInt8(join(directory, model.info.images.file));
const labels = readFileSync(join(directory, model.info.images.labels));

/** Every tensor of the network by name, all images one after the other, from reference.ts. */
const tensors = new Map<string, Int8Array>();

function concat(parts: readonly Int8Array[]): Int8Array {
  const first = parts[0]!;
  const all = new Int8Array(first.length * parts.length);
  for (const [i, part] of parts.entries()) all.set(part, i * first.length);
  return all;
}

function sha256(values: Int8Array): string {
  return createHash("sha256").update(values).digest("hex");
}

function logitsOf(all: Int8Array, image: number): Int8Array {
  return all.subarray(image * model.info.classes.length, (image + 1) * model.info.classes.length);
}

beforeAll(() => {
  const size = pixels.length / count;
  const runs = Array.from({ length: count }, (_, i) => runReference(model, pixels.subarray(i * size, (i + 1) * size)));
  tensors.set("input", pixels);
  for (const { info } of model.layers) tensors.set(info.name, concat(runs.map((run) => run.layers[info.name]!)));
});

describe("reference.ts against the numpy reference", () => {
  const expected = JSON.parse(readFileSync(join(directory, "expected/layers.sha256.json"), "utf8")) as Record<
    "allImages" | "firstImage",
    Record<string, string>
  >;

  test.each(model.layers.map(({ info }) => info.name))("%s is equal in every byte", (name) => {
    const all = tensors.get(name)!;
    expect(sha256(all)).toBe(expected.allImages[name]);
    expect(sha256(all.subarray(0, all.length / count))).toBe(expected.firstImage[name]);
  });

  test("the logits and the number of correct images are the stated ones", () => {
    const all = tensors.get(model.info.output)!;
    expect(all).toEqual(readInt8(join(directory, "expected/logits.bin")));
    const correct = Array.from(labels).filter((label, i) => argmax(logitsOf(all, i)) === label).length;
    expect(correct).toBe(model.info.accuracy.fixture.int8Correct);
  });
});

test("requantise equals the 64-bit formula", () => {
  const acc = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const m = fc.integer({ min: 2 ** 30, max: 2 ** 31 - 1 });
  fc.assert(
    fc.property(acc, m, fc.integer({ min: 9, max: 62 }), (a, b, s) => {
      const exact = (BigInt(a) * BigInt(b) + (1n << BigInt(s - 1))) >> BigInt(s);
      expect(BigInt(requantise(a, b, s))).toBe(exact);
    }),
    { numRuns: 5000, seed: 1 },
  );
});

describe("reference.ts against ONNX Runtime", () => {
  /** For each image, its rows x columns matrix to columns x rows. NHWC to NCHW is (h * w) x c to c x (h * w). */
  function transpose(values: Int8Array, rows: number, columns: number): Int8Array {
    const size = rows * columns;
    return values.map((_, i) => {
      const within = i % size;
      return values[i - within + (within % rows) * columns + Math.floor(within / rows)]!;
    });
  }

  /** Run an ONNX file on NHWC inputs of all images; the result is NHWC too. */
  async function run(
    io: { readonly file: string; readonly inputs: readonly string[]; readonly output: string },
    inputs: readonly string[],
    inputShape: readonly number[],
    outputShape: readonly number[],
  ): Promise<Int8Array> {
    const session = await InferenceSession.create(join(directory, io.file), {
      intraOpNumThreads: 1,
      // Without it, x64 processors that lack VNNI add pairs of products in 16 bits with saturation.
      extra: { session: { x64quantprecision: "1" } },
    });
    const [, h = 1, w = 1, c = 1] = inputShape;
    const feeds = io.inputs.map((name, i) => {
      const nchw = transpose(tensors.get(inputs[i]!)!, h * w, c);
      return [name, new Tensor("int8", nchw, [count, c, h, w])] as const;
    });
    const result = (await session.run(Object.fromEntries(feeds)))[io.output]!;
    const [, outH = 1, outW = 1, outC = 1] = outputShape;
    expect(result.dims).toEqual([count, outC, outH, outW]);
    return transpose(result.data as Int8Array, outC, outH * outW);
  }

  // ONNX Runtime rescales in float and rounds half to even; the machine rounds half up in fixed point. Only a value
  // next to a rounding boundary may differ, and by one step.
  test.each(model.layers)("$info.name alone differs by at most 1", async ({ info }) => {
    const actual = await run(info.onnx, info.inputs, info.inputShapes[0]!, info.outputShape);
    const differences = tensors.get(info.name)!.map((value, i) => Math.min(127, Math.abs(value - actual[i]!)));
    const differing = differences.filter((difference) => difference !== 0).length;
    console.info(`${info.name}: ${differing} of ${differences.length} values differ`);
    expect(differences.reduce((a, b) => Math.max(a, b), 0)).toBeLessThanOrEqual(1);
    expect(differing / differences.length).toBeLessThan(0.001);
  });

  test("the whole model chooses the same class for at least 99.5 % of the images", async () => {
    const { onnx, input, output, classes } = model.info;
    const actual = await run(onnx, onnx.inputs, input.shape, [1, 1, 1, classes.length]);
    const expected = tensors.get(output)!;
    const same = labels.filter((_, i) => argmax(logitsOf(actual, i)) === argmax(logitsOf(expected, i))).length;
    const equal = actual.filter((value, i) => value === expected[i]).length;
    console.info(`whole model: ${same} of ${count} classes and ${equal} of ${actual.length} logits are equal`);
    expect(same / count).toBeGreaterThanOrEqual(0.995);
  });
});
