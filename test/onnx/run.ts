/** Runs one test of the data set on the simulator and compares its results, or says why it doesn't fit. */
import { type MachineConfig, PRESETS, type PresetName } from "@nnasm/sim-core/config";
import { ABSENT } from "./absent.ts";
import { compare, type Verdict } from "./compare.ts";
import { type Comparison, Context } from "./context.ts";
import { type OnnxCase, type OnnxNode, readCase } from "./dataset.ts";
import type { Bits } from "./fixed-point.ts";
import { LOWERINGS } from "./lower/index.ts";
import { Misfit, type Reason } from "./misfit.ts";
import { runOperator } from "./runtime.ts";

/** What one run on the machine showed. */
export interface Passed {
  readonly bits: Bits;
  readonly kind: Comparison["kind"];
  /** Mnemonics, plain loads and stores left out. */
  readonly operations: readonly string[];
  readonly allowed: number;
  readonly fromDataSet: number;
  readonly differing: number;
}

export interface Outcome {
  readonly name: string;
  readonly group: string;
  readonly operator: string;
  readonly runs: readonly Passed[];
  readonly misfit: { reason: Reason; detail: string } | undefined;
  readonly errors: readonly string[];
}

/** Nodes that compute: constants are inputs. */
const computing = (test: OnnxCase): OnnxNode[] => test.nodes.filter(({ op }) => op !== "Constant");

/** AttributeProto.AttributeType.INT. */
const INTEGER_ATTRIBUTE = 2;

/** Pools and products that an exporter wrapped: dimensions added and taken away, weights transposed in the graph. */
function unwrapped(test: OnnxCase): { test: OnnxCase; node: OnnxNode } {
  const nodes = computing(test);
  const [first, second, third] = nodes;
  if (nodes.length === 0) throw new Misfit("constant");
  if (nodes.length === 1) return { test, node: first! };
  if (nodes.length === 3 && first!.op === "Unsqueeze" && third!.op === "Squeeze") {
    const [input, output] = [test.inputs[0]!, test.outputs[0]!];
    return {
      test: {
        ...test,
        inputs: [{ ...input, shape: [...input.shape, 1] }],
        outputs: [{ ...output, shape: [...output.shape, 1] }],
      },
      node: { ...second!, inputs: first!.inputs, outputs: third!.outputs },
    };
  }
  if (nodes.length === 2 && first!.op === "Transpose" && second!.op === "MatMul") {
    const attributes = new Map([["transB", { f: 0, i: 1, s: "", floats: [], ints: [], t: undefined }]]);
    const stored = [{ name: "transB", i: 1, type: INTEGER_ATTRIBUTE }];
    const inputs = [second!.inputs[0]!, first!.inputs[0]!];
    return { test, node: { ...second!, op: "Gemm", inputs, attributes, stored } };
  }
  throw new Misfit("graph", [...new Set(nodes.map(({ op }) => op))].slice(0, 4).join(", "));
}

/** Inputs of more elements than this run on a machine with more data memory than any preset has. */
const LARGE_ELEMENTS = 50_000;
const LARGE_BYTES = 4 * 2 ** 20;

/** A preset with memories of at least the default's sizes. */
function configFor({ inputs }: OnnxCase, preset: PresetName): MachineConfig {
  const { dm, wm, ...rest } = PRESETS[preset];
  const large = inputs.some(({ data }) => data.length > LARGE_ELEMENTS);
  const bytes = Math.max(dm.bytes, large ? LARGE_BYTES : PRESETS.default.dm.bytes);
  return { ...rest, dm: { ...dm, bytes }, wm: { bytes: Math.max(wm.bytes, PRESETS.default.wm.bytes) } };
}

async function runOnce(
  original: OnnxCase,
  bits: Bits,
  preset: PresetName,
): Promise<{ passed: Passed; isReal: boolean; errors: string[] }> {
  const { test, node } = unwrapped(original);
  const absent = ABSENT.get(node.op);
  if (absent) throw new Misfit(...absent);
  const lowering = LOWERINGS[node.op];
  if (!lowering) throw new Error(`${node.op} has neither a lowering nor a reason`);
  const context = new Context(test, node, bits);
  lowering(context);
  const read = context.program.run(configFor(test, preset));
  const needsModel = context.results.some(({ comparison }) => comparison.kind === "real");
  const inputs = node.inputs.map((_, i) => {
    const input = context.optional(i);
    const shape = input && (context.shapes.get(input.name) ?? input.shape);
    return input && { ...input, shape: shape!, data: context.effective.get(input.name) ?? input.data };
  });
  const model = needsModel ? await runOperator(node, test.opset, inputs, test.outputs) : [];
  const verdicts = context.results.map(({ output, tensor, comparison }) => ({
    ...compare(read(tensor), comparison, test.outputs[output]!, model[output]),
    output,
  }));
  const greatest = (pick: (verdict: Verdict) => number) => Math.max(...verdicts.map(pick));
  return {
    passed: {
      bits,
      kind: context.results[0]!.comparison.kind,
      operations: context.program.operations.filter((name) => name !== "dma.ld" && name !== "dma.st"),
      allowed: greatest(({ allowed }) => allowed),
      fromDataSet: greatest(({ fromDataSet }) => fromDataSet),
      differing: verdicts.reduce((sum, { differing }) => sum + differing, 0),
    },
    isReal: context.isReal,
    errors: verdicts.flatMap(({ errors, output }) => errors.map((text) => `${bits} bits, output ${output}, ${text}`)),
  };
}

/** Runs a test with both recipes where its numbers are real, once where they are integers or only move. */
export async function runCase(
  group: OnnxCase["group"],
  name: string,
  preset: PresetName = "default",
): Promise<Outcome> {
  const test = readCase(group, name);
  const nodes = computing(test);
  const operator = nodes.length === 1 ? nodes[0]!.op : `${nodes.length} nodes`;
  const base = { name, group, operator };
  const runs: Passed[] = [];
  const errors: string[] = [];
  let misfit: Outcome["misfit"];
  if (test.hasContainers) return { ...base, runs, errors, misfit: { reason: "container", detail: "" } };
  for (const bits of [8, 16] as const) {
    try {
      const result = await runOnce(test, bits, preset);
      runs.push(result.passed);
      errors.push(...result.errors);
      if (!result.isReal) break;
    } catch (error) {
      if (error instanceof Misfit) misfit = { reason: error.reason, detail: error.detail };
      else errors.push(`${bits} bits: ${error instanceof Error ? error.message : error}`);
    }
  }
  // What runs with one recipe runs.
  return { ...base, runs, errors, misfit: runs.length > 0 || errors.length > 0 ? undefined : misfit };
}
