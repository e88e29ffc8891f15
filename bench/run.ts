/**
 * `npm run bench`: speeds beside those of tools that people know, all measured in this one run: the ratios hold on other machines,
 * the absolute numbers only beside the calibration. Nothing is asserted about time. `--json` prints one JSON value, `--seconds N`
 * sets the time per measurement.
 */
import { parseArgs } from "node:util";
import { type AssemblerResult, benchAssembler } from "./assembler.ts";
import { calibrate } from "./calibration.ts";
import { benchChecks, type ChecksResult } from "./checks.ts";
import { benchConvolutions, type ConvolutionResult } from "./convolution.ts";
import { benchEdit, type EditResult } from "./edit.ts";
import { benchKernels, type KernelResult } from "./kernels.ts";
import { benchResnet50, type NetworkResult } from "./resnet50.ts";
import { benchScalar, type ScalarResult } from "./scalar.ts";
import { benchStepBack, type StepBackResult, stepBackLines } from "./step-back.ts";

const millions = (value: number): string => `${(value / 1e6).toFixed(value < 1e8 ? 2 : 0)} M`;
const beside = (ratio: number | null, other: number | null, unit: string, name: string): string =>
  ratio === null || other === null
    ? `${name} is not installed`
    : `${ratio.toPrecision(3)} x ${name} (${millions(other)} ${unit})`;

function print(
  scalar: ScalarResult,
  checks: ChecksResult,
  convolutions: readonly ConvolutionResult[],
  network: NetworkResult,
  kernels: readonly KernelResult[],
  assembler: AssemblerResult,
  edit: EditResult,
  stepBack: StepBackResult,
): void {
  console.log(
    `scalar       ${millions(scalar.instructionsPerSecond)} instructions/s in cycle mode, ` +
      beside(scalar.ratio, scalar.qemuInstructionsPerSecond, "instructions/s", "qemu-riscv32") +
      `; ${millions(scalar.functionalPerSecond)} in functional mode`,
  );
  console.log(
    `checks       the sample at ${millions(checks.cyclesPerSecond)} cycles/s: races cost ${checks.defaultCost.toFixed(2)} x, ` +
      `all checks ${checks.allCost.toFixed(2)} x the run without any`,
  );
  for (const { shape, macsPerSecond, ratio, gemmMacsPerSecond, onnxMacsPerSecond } of convolutions) {
    console.log(
      `convolution  ${millions(macsPerSecond)} MACs/s in cycle mode, ` +
        beside(ratio, gemmMacsPerSecond, "MACs/s", "a bare WASM SIMD int8 GEMM") +
        `, ${beside(macsPerSecond / onnxMacsPerSecond, onnxMacsPerSecond, "MACs/s", "ONNX Runtime on one thread")}: ${shape}`,
    );
  }
  const { macs, operations, seconds, cycles } = network;
  console.log(
    `resnet50     ${seconds.toFixed(1)} s in cycle mode: ${(macs / 1e9).toFixed(2)} G MACs in ${operations} operations over DDR, ${millions(cycles)} cycles`,
  );
  for (const { name, perSecond, plainPerSecond } of kernels) {
    const unit = plainPerSecond === undefined ? "elements/s" : "MACs/s";
    const plain = plainPerSecond === undefined ? "" : `, plain loops ${millions(plainPerSecond)}`;
    console.log(`kernel       ${millions(perSecond)} ${unit}${plain}: ${name}`);
  }
  console.log(
    `assembler    ${millions(assembler.linesPerSecond)} lines/s warm, ` +
      beside(assembler.ratio, assembler.gnuLinesPerSecond, "lines/s", "GNU as"),
  );
  console.log(
    `             ${millions(assembler.coldLinesPerSecond)} lines/s as a process with its start, ` +
      `${assembler.coldRatio?.toPrecision(3) ?? "?"} x GNU as (loop ${assembler.loopMilliseconds.toFixed(1)} ms meanwhile)`,
  );
  console.log(
    `edit         one of ${edit.lines} lines: parsed in ${edit.parseMilliseconds.toFixed(1)} ms, ` +
      `assembled in ${edit.assembleMilliseconds.toFixed(1)} ms (loop ${edit.loopMilliseconds.toFixed(1)} ms meanwhile)`,
  );
  for (const line of stepBackLines(stepBack)) console.log(line);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { json: { type: "boolean", default: false }, seconds: { type: "string", default: "3" } },
  });
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new Error(`--seconds ${values.seconds} is not a number above 0`);
  const progress = (text: string): void => {
    if (!values.json) console.log(text);
  };

  const calibration = calibrate();
  const { cpu, cores, node, integerMSteps, copyMBytes, loopMilliseconds, loadAverage } = calibration;
  progress(`${cpu}, ${cores} cores, Node ${node}, load ${loadAverage.toFixed(2)}`);
  progress(
    `calibration  ${integerMSteps.toFixed(0)} M integer steps/s (loop ${loopMilliseconds.toFixed(1)} ms), ` +
      `${copyMBytes.toFixed(0)} MB/s copied`,
  );
  const assembler = await benchAssembler(seconds);
  const edit = benchEdit(seconds);
  const scalar = benchScalar(seconds);
  const checks = benchChecks(seconds);
  const convolutions = await benchConvolutions(seconds);
  const network = benchResnet50();
  const kernels = benchKernels(seconds / 10);
  const stepBack = await benchStepBack();
  if (values.json)
    console.log(
      JSON.stringify(
        { calibration, scalar, checks, convolutions, network, kernels, assembler, edit, stepBack },
        null,
        2,
      ),
    );
  else print(scalar, checks, convolutions, network, kernels, assembler, edit, stepBack);
}

await main();
