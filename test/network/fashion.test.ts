/**
 * The sample network on the simulated machine against the independent integer reference, byte for byte: every layer
 * of every committed image, on machines from 32 to 4096 MACs.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { assemble } from "@nnasm/sim-core/asm";
import { type MachineConfig, PRESETS, type PresetName } from "@nnasm/sim-core/config";
import { formatDiagnostic } from "@nnasm/sim-core/diagnostics";
import { Simulator } from "@nnasm/sim-core/engine";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import type { Program } from "@nnasm/sim-core/program";
import { checkedProfile } from "@nnasm/sim-core/testing";
import type { Operation } from "@nnasm/sim-core/units";
import { describe, expect, it } from "vitest";
import { argmax, loadModel, readInt8, runReference } from "../../test-fixtures/fashion-mnist/reference.ts";

const FIXTURE = fileURLToPath(new URL("../../test-fixtures/fashion-mnist", import.meta.url));
const IMAGE_BYTES = 784;
const IMAGES = 200;

const host = {
  resolve: (from: string, relative: string) => join(dirname(from), relative),
  readText: (file: string) => (existsSync(file) ? readFileSync(file, "utf8") : undefined),
  readBytes: (file: string) => (existsSync(file) ? new Uint8Array(readFileSync(file)) : undefined),
};

function assembleSample(config: MachineConfig): Program {
  const { program, diagnostics } = assemble({ entry: join(FIXTURE, "fashion.nnasm"), host, config, isa: BASE_ISA });
  expect(diagnostics.map(formatDiagnostic)).toEqual([]);
  return program!;
}

const symbol = (program: Program, name: string): number => {
  const found = program.symbols.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`the sample has no symbol ${name}`);
  return found.address;
};

interface Run {
  simulator: Simulator;
  program: Program;
  /** Outputs of all layers, image after image, in the order in which they completed. */
  outputs: { layer: string; bytes: Uint8Array }[];
}

function runSample(config: MachineConfig, images: number): Run {
  const program = assembleSample(config);
  const simulator = new Simulator({ program, config });
  simulator.writeMemory(symbol(program, "image_count"), Uint8Array.of(images, 0, 0, 0));
  const names = new Map(program.layers.map(({ id, name }) => [id, name]));
  const outputs: Run["outputs"] = [];
  simulator.setListener({
    completed(unit: string, { out, layer }: Operation) {
      if (unit !== "nu") return;
      const bytes = simulator.readMemory(out.base, out.n * out.h * out.w * out.c);
      outputs.push({ layer: names.get(layer) ?? "", bytes: bytes ?? new Uint8Array() });
    },
  });
  expect(simulator.run({ untilCycle: 100_000_000 })).toMatchObject({ reason: "exit", exitCode: 0 });
  return { simulator, program, outputs };
}

/** Names the first difference instead of printing two arrays. */
function expectSame(actual: Uint8Array, expected: Int8Array, what: string): void {
  expect(actual.length, `${what}: bytes`).toBe(expected.length);
  const signed = new Int8Array(actual.buffer, actual.byteOffset, actual.length);
  const at = signed.findIndex((value, i) => value !== expected[i]);
  if (at >= 0) expect.fail(`${what}: element ${at} is ${signed[at]}, the reference has ${expected[at]}`);
}

function compareWithReference({ outputs }: Run, images: number): void {
  const model = loadModel(FIXTURE);
  const pixels = readInt8(join(FIXTURE, "images.bin"));
  const perImage = model.info.layers.length;
  expect(outputs.length).toBe(images * perImage);
  for (let image = 0; image < images; image++) {
    const reference = runReference(model, pixels.subarray(image * IMAGE_BYTES, (image + 1) * IMAGE_BYTES));
    model.info.layers.forEach(({ name }, index) => {
      const output = outputs[image * perImage + index]!;
      expect(output.layer).toBe(name);
      expectSame(output.bytes, reference.layers[name]!, `image ${image}, layer ${name}`);
    });
  }
}

describe("Fashion-MNIST sample", () => {
  it("equals the reference in every layer of all 200 images, and its accounting adds up", () => {
    const run = runSample(PRESETS.default, IMAGES);
    compareWithReference(run, IMAGES);
    checkedProfile(run.simulator);
    const classes = run.simulator.readMemory(symbol(run.program, "results"), IMAGES)!;
    const model = loadModel(FIXTURE);
    const logits = readInt8(join(FIXTURE, "expected", "logits.bin"));
    for (let image = 0; image < IMAGES; image++) {
      expect(classes[image]).toBe(argmax(logits.subarray(image * 10, image * 10 + 10)));
    }
    const labels = readFileSync(join(FIXTURE, "labels.bin"));
    const correct = classes.filter((value, image) => value === labels[image]).length;
    expect(correct).toBe(model.info.accuracy.fixture.int8Correct);
  });

  it.each(Object.keys(PRESETS) as PresetName[])("computes the same on the preset %s", (preset) => {
    const run = runSample(PRESETS[preset], 2);
    compareWithReference(run, 2);
    checkedProfile(run.simulator);
  });

  it("takes as many cycles per image as its slowest stream: the neural unit never waits but for the first image", () => {
    const ideal: MachineConfig = { ...PRESETS.default, dm: { ...PRESETS.default.dm, conflicts: false } };
    const perImage = (config: MachineConfig) =>
      runSample(config, 4).simulator.position.cycle - runSample(config, 3).simulator.position.cycle;
    // Sum of the layers' operations by the formulas of docs/timing.md, worked out for 16 x 16:
    // conv1 9*784+8+14, pool1 4*196+14, dw1 9*196+1+14, pw1 2*196+8+14, pool2 2*4*49+14, conv2 4*9*49+8+14,
    // add1 2*2*49+14, dw2 2*9*49+1+14, pw2 2*4*49+8+14, gap 4*49+14, fc 4*8+1+14.
    const layers = [7078, 798, 1779, 414, 406, 1786, 210, 897, 414, 210, 47];
    const sum = layers.reduce((total, value) => total + value, 0);
    expect(perImage(ideal)).toBe(sum);
    // With banks conv1 loses some forty cycles more to itself: its input has one channel, so that 16 pixels are read
    // from one bank while the results of the last pass, 16 bytes each, go around all 16 banks and meet it once a turn
    // of 16 to 18 cycles (784 / 18 = 43). The CU and the load of the next image may add a cycle each.
    const lost = (images: number) => {
      const conflicts = checkedProfile(runSample(PRESETS.default, images).simulator).dm.conflicts;
      return conflicts.filter(({ loser }) => loser === "nu").reduce((total, { cycles }) => total + cycles, 0);
    };
    const lostByOne = lost(4) - lost(3);
    expect(perImage(PRESETS.default)).toBe(sum + lostByOne);
    expect(Math.abs(lostByOne - 42)).toBeLessThanOrEqual(3);
  });
});
