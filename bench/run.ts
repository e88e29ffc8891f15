/**
 * `npm run bench`: speeds beside those of tools that people know, all measured in this one run: the ratios hold on other machines,
 * the absolute numbers only beside the calibration. Nothing is asserted about time. `--json` prints one JSON value, `--seconds N`
 * sets the time per measurement, `--only NAME,NAME` runs some of the parts.
 */
import { parseArgs } from "node:util";
import { benchLanguageServer, languageServerLines } from "../server/bench/language-server.ts";
import { benchAssembler } from "./assembler.ts";
import { calibrate, integerLoop } from "./calibration.ts";
import { benchChecks } from "./checks.ts";
import { benchCompare, compareLine } from "./compare.ts";
import { benchConvolutions } from "./convolution.ts";
import { benchDebugger, debuggerLines } from "./debugger.ts";
import { benchEdit } from "./edit.ts";
import { benchKernels } from "./kernels.ts";
import { benchLongRun, longRunLines } from "./long-run.ts";
import { benchResnet50 } from "./resnet50.ts";
import { benchScalar } from "./scalar.ts";
import { benchStepBack, stepBackLines } from "./step-back.ts";
import { benchTrace, traceLines } from "./trace.ts";
import { benchTraceView, traceViewLines } from "./trace-view.ts";

/** A part of the benchmark: what it measures, and the lines that say it. */
interface Part {
  readonly name: string;
  /** @param seconds time to spend on each measurement, roughly */
  run(seconds: number): Promise<{ readonly result: unknown; readonly lines: readonly string[] }>;
}

function part<Result>(
  name: string,
  measured: (seconds: number) => Result | Promise<Result>,
  lines: (result: Result) => readonly string[],
): Part {
  return {
    name,
    run: async (seconds) => {
      const result = await measured(seconds);
      return { result, lines: lines(result) };
    },
  };
}

const millions = (value: number): string => `${(value / 1e6).toFixed(value < 1e8 ? 2 : 0)} M`;
const beside = (ratio: number | null, other: number | null, unit: string, name: string): string =>
  ratio === null || other === null
    ? `${name} is not installed`
    : `${ratio.toPrecision(3)} x ${name} (${millions(other)} ${unit})`;

const PARTS: readonly Part[] = [
  part("assembler", benchAssembler, (assembler) => [
    `assembler    ${millions(assembler.linesPerSecond)} lines/s warm, ${beside(assembler.ratio, assembler.gnuLinesPerSecond, "lines/s", "GNU as")}`,
    `             ${millions(assembler.coldLinesPerSecond)} lines/s as a process with its start, ` +
      `${assembler.coldRatio?.toPrecision(3) ?? "?"} x GNU as (loop ${assembler.loopMilliseconds.toFixed(1)} ms meanwhile)`,
  ]),
  part("edit", benchEdit, (edit) => [
    `edit         one of ${edit.lines} lines: parsed in ${edit.parseMilliseconds.toFixed(1)} ms, ` +
      `all assembled in ${edit.assembleMilliseconds.toFixed(1)} ms; an instruction alone, its text parsed and assembled, ` +
      `in ${edit.reviseMilliseconds.toFixed(1)} ms (loop ${edit.loopMilliseconds.toFixed(1)} ms meanwhile)`,
  ]),
  part(
    "languageServer",
    async (seconds) => [
      await benchLanguageServer(10_000, Math.ceil(seconds * 10), integerLoop),
      await benchLanguageServer(100_000, Math.ceil(seconds * 3), integerLoop),
    ],
    (results) => results.flatMap(languageServerLines),
  ),
  part("scalar", benchScalar, (scalar) => [
    `scalar       ${millions(scalar.instructionsPerSecond)} instructions/s in cycle mode, ` +
      beside(scalar.ratio, scalar.qemuInstructionsPerSecond, "instructions/s", "qemu-riscv32") +
      `; ${millions(scalar.functionalPerSecond)} in functional mode`,
  ]),
  part("checks", benchChecks, (checks) => [
    `checks       the sample at ${millions(checks.cyclesPerSecond)} cycles/s: races cost ${checks.defaultCost.toFixed(2)} x, ` +
      `all checks ${checks.allCost.toFixed(2)} x the run without any`,
  ]),
  part("convolution", benchConvolutions, (convolutions) =>
    convolutions.map(
      ({ shape, macsPerSecond, ratio, gemmMacsPerSecond, onnxMacsPerSecond }) =>
        `convolution  ${millions(macsPerSecond)} MACs/s in cycle mode, ` +
        beside(ratio, gemmMacsPerSecond, "MACs/s", "a bare WASM SIMD int8 GEMM") +
        `, ${beside(macsPerSecond / onnxMacsPerSecond, onnxMacsPerSecond, "MACs/s", "ONNX Runtime on one thread")}: ${shape}`,
    ),
  ),
  part("resnet50", benchResnet50, ({ macs, operations, seconds, cycles }) => [
    `resnet50     ${seconds.toFixed(1)} s in cycle mode: ${(macs / 1e9).toFixed(2)} G MACs in ${operations} operations over DDR, ${millions(cycles)} cycles`,
  ]),
  part(
    "kernels",
    (seconds) => benchKernels(seconds / 10),
    (kernels) =>
      kernels.map(({ name, perSecond, plainPerSecond }) => {
        const unit = plainPerSecond === undefined ? "elements/s" : "MACs/s";
        const plain = plainPerSecond === undefined ? "" : `, plain loops ${millions(plainPerSecond)}`;
        return `kernel       ${millions(perSecond)} ${unit}${plain}: ${name}`;
      }),
  ),
  part("stepBack", benchStepBack, stepBackLines),
  part("debugger", benchDebugger, debuggerLines),
  part("trace", benchTrace, traceLines),
  part("longRun", benchLongRun, longRunLines),
  part("compare", benchCompare, (compare) => [compareLine(compare)]),
  part("traceView", benchTraceView, traceViewLines),
];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: "boolean", default: false },
      seconds: { type: "string", default: "3" },
      only: { type: "string" },
    },
  });
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new Error(`--seconds ${values.seconds} is not a number above 0`);
  const names = values.only?.split(",");
  const unknown = names?.find((name) => !PARTS.some((one) => one.name === name));
  if (unknown !== undefined) {
    throw new Error(`--only ${unknown}: the parts are ${PARTS.map(({ name }) => name).join(", ")}`);
  }
  const print = (text: string): void => {
    if (!values.json) console.log(text);
  };

  const calibration = calibrate();
  const { cpu, cores, node, integerMSteps, copyMBytes, loopMilliseconds, loadAverage } = calibration;
  print(`${cpu}, ${cores} cores, Node ${node}, load ${loadAverage.toFixed(2)}`);
  print(
    `calibration  ${integerMSteps.toFixed(0)} M integer steps/s (loop ${loopMilliseconds.toFixed(1)} ms), ` +
      `${copyMBytes.toFixed(0)} MB/s copied`,
  );
  const results: Record<string, unknown> = { calibration };
  for (const { name, run } of PARTS) {
    if (names && !names.includes(name)) continue;
    const { result, lines } = await run(seconds);
    results[name] = result;
    for (const line of lines) print(line);
  }
  if (values.json) console.log(JSON.stringify(results, null, 2));
}

await main();
