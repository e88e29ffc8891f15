/**
 * `npm run demo`: the main job in a terminal. Assembles the sample network, classifies the committed test images on the simulated
 * machine, prints accuracy, cycles per image and the profile, and writes the files that it names. `npm run demo -- --all`
 * classifies the 10,000 images of the apt package dataset-fashion-mnist.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { writeElf } from "@nnasm/sim-core/elf";
import { ExpectationChecker, Simulator } from "@nnasm/sim-core/engine";
import { buildProfile } from "@nnasm/sim-core/profile";
import type { Program } from "@nnasm/sim-core/program";
import { TraceRecorder, toPerfetto } from "@nnasm/sim-core/trace";
import { DiagnosticsError, UserError } from "../cli/src/errors.ts";
import { diskHost } from "../cli/src/files.ts";
import { processIo } from "../cli/src/io.ts";
import { loadProgram } from "../cli/src/load.ts";
import { profileText } from "../cli/src/profile-text.ts";
import { findProject } from "../cli/src/project.ts";
import { report } from "../cli/src/report.ts";
import { explain, simulate } from "../cli/src/simulate.ts";
import { count, duration } from "../cli/src/text.ts";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const SAMPLE = "test-fixtures/fashion-mnist";
const DATASET = "/usr/share/datasets/fashion-mnist";
const IMAGE_BYTES = 28 * 28;

interface Images {
  readonly name: string;
  /** int8, 784 bytes an image; undefined: those that the program brings along. */
  readonly pixels: Uint8Array | undefined;
  readonly labels: Uint8Array;
  /** Images that the float model and its int8 form classify correctly, as model.json states. */
  readonly floatCorrect: number;
  readonly int8Correct: number;
}

interface Accuracy {
  readonly images: number;
  readonly floatCorrect: number;
  readonly int8Correct: number;
}

function readSampleJson(): { accuracy: { testSet: Accuracy; fixture: Accuracy } } {
  return JSON.parse(readFileSync(path.join(root, SAMPLE, "model.json"), "utf8"));
}

function committedImages(): Images {
  const { floatCorrect, int8Correct } = readSampleJson().accuracy.fixture;
  const labels = readFileSync(path.join(root, SAMPLE, "labels.bin"));
  return { name: "the committed images", pixels: undefined, labels, floatCorrect, int8Correct };
}

/** Contents of an IDX file behind its header of `headerBytes`. */
function readIdx(name: string, headerBytes: number): Uint8Array {
  return gunzipSync(readFileSync(path.join(DATASET, name))).subarray(headerBytes);
}

function testSet(): Images {
  const images = "t10k-images-idx3-ubyte.gz";
  if (!existsSync(path.join(DATASET, images))) {
    throw new UserError(`no images in ${DATASET}`, "apt-get install dataset-fashion-mnist, or leave out --all");
  }
  // uint8 pixel - 128, as the network takes it: the same bits with the highest one turned.
  const pixels = readIdx(images, 16).map((pixel) => pixel ^ 0x80);
  const { floatCorrect, int8Correct } = readSampleJson().accuracy.testSet;
  const labels = readIdx("t10k-labels-idx1-ubyte.gz", 8);
  return { name: "the test set", pixels, labels, floatCorrect, int8Correct };
}

function addressOf(program: Program, name: string): number {
  const symbol = program.symbols.find((candidate) => candidate.name === name);
  if (symbol === undefined) throw new UserError(`${SAMPLE} defines no symbol ${name}`);
  return symbol.address;
}

/** Puts other images behind the program's code, in place of the committed ones. */
function placeImages(simulator: Simulator, pixels: Uint8Array): void {
  const words = new Uint8Array(4);
  new DataView(words.buffer).setUint32(0, pixels.length / IMAGE_BYTES, true);
  const placed =
    simulator.writeMemory(addressOf(simulator.program, "image_count"), words) &&
    simulator.writeMemory(addressOf(simulator.program, "images_data"), pixels);
  if (!placed) throw new UserError("the images don't fit into the machine's DDR", "raise ddr.bytes in nnp.json");
}

/** Middle value of the cycles from one image's first layer to the next one's: the machine's pace once everything flows. */
function cyclesBetweenImages(program: Program, trace: TraceRecorder): number | undefined {
  const first = program.layers.find(({ name }) => name === "conv1")?.id;
  const starts = trace.events.flatMap((event) =>
    event.kind === "layer" && event.layer === first ? [event.cycle] : [],
  );
  const gaps = starts.slice(1).map((cycle, index) => cycle - starts[index]!);
  return gaps.sort((a, b) => a - b)[gaps.length >> 1];
}

const percent = (part: number, whole: number): string => `${((part / whole) * 100).toFixed(2)} %`;

async function main(): Promise<boolean> {
  const io = processIo();
  const print = (text: string): void => io.out.write(`${text}\n`);
  const images = process.argv.includes("--all") ? testSet() : committedImages();
  const number = images.labels.length;

  const started = performance.now();
  const project = findProject(root, SAMPLE, {});
  const { program, diagnostics } = loadProgram(root, project);
  report(io.err, diagnostics, diskHost(root).readText);
  print(`Assembled ${project.file} in ${duration((performance.now() - started) * 1000)}`);

  const { config } = project;
  const write = (_stream: number, bytes: Uint8Array): void => io.out.write(bytes);
  const simulator = new Simulator({ program, config, host: { write } });
  if (images.pixels !== undefined) placeImages(simulator, images.pixels);
  const trace = new TraceRecorder();
  simulator.setListener(trace);
  print(
    `Classifying ${count(number)} images: ${images.name}, ${config.nu.cip} x ${config.nu.cop} MACs, cycle by cycle`,
  );
  const before = performance.now();
  const ending = await simulate(simulator, new ExpectationChecker(simulator), undefined, io.err);
  const seconds = (performance.now() - before) / 1000;
  if (ending.reason !== "exit" || ending.exitCode !== 0) {
    throw new UserError(explain(ending, program)?.message ?? "the program ended with an error");
  }

  const classes = simulator.readMemory(addressOf(program, "results"), number) ?? new Uint8Array();
  const correct = classes.filter((label, index) => label === images.labels[index]).length;
  const { cycle } = ending;
  const pace = cyclesBetweenImages(program, trace);
  print(`\nAccuracy: ${count(correct)} of ${count(number)} = ${percent(correct, number)}`);
  print(
    `  float model: ${percent(images.floatCorrect, number)}, integer reference: ${percent(images.int8Correct, number)}`,
  );
  const perImage = cycle / number;
  const speed = (config.clockMHz * 1e6) / perImage;
  print(
    `Cycles per image: ${count(Math.round(perImage))} (${count(Math.round(speed))} images/s at ${config.clockMHz} MHz)`,
  );
  if (pace !== undefined) print(`  from one image to the next in the steady state: ${count(pace)}`);
  print(`Simulated in ${seconds.toFixed(1)} s: ${(cycle / seconds / 1e6).toFixed(1)} M cycles/s\n`);

  const profile = buildProfile(simulator);
  print(profileText(profile, { title: project.file, lines: 12, colors: io.out.colors }));

  const files: Readonly<Record<string, [string | Uint8Array, string]>> = {
    "fashion.elf": [writeElf(program), "the program: npx nnasm disasm artifacts/fashion.elf"],
    "fashion.profile.json": [`${JSON.stringify(profile)}\n`, "the profile as data"],
    "fashion.perfetto.json": [
      `${JSON.stringify(toPerfetto(trace, program, cycle))}\n`,
      "the trace: open it at https://ui.perfetto.dev",
    ],
  };
  mkdirSync(path.join(root, "artifacts"), { recursive: true });
  for (const [file, [contents, use]] of Object.entries(files)) {
    writeFileSync(path.join(root, "artifacts", file), contents);
    print(`artifacts/${file}  ${use}`);
  }
  if (trace.dropped > 0) print(`  the trace leaves out ${count(trace.dropped)} later events`);

  if (correct !== images.int8Correct) {
    io.err.write(`The integer reference classifies ${count(images.int8Correct)} correctly: the machine differs.\n`);
    return false;
  }
  return true;
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  const { err } = processIo();
  if (error instanceof DiagnosticsError) report(err, error.diagnostics, diskHost(root).readText);
  else if (error instanceof UserError) err.write(`${error.message}\n${error.hint ? `  hint: ${error.hint}\n` : ""}`);
  else throw error;
  process.exitCode = 1;
}
