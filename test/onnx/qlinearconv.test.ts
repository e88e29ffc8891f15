/**
 * Quantised convolutions with a scale for each output channel, on the simulator and in ONNX Runtime: random shapes,
 * windows, groups and zero points, on arrays of all sizes. ONNX Runtime multiplies in single precision and rounds halves to even, the machine
 * multiplies by 31 bits and rounds halves up: results may be an LSB apart, and seldom are.
 */
import { PRESET_NAMES, PRESETS } from "@nnasm/sim-core/config";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scaled } from "../tools/index.ts";
import { compare } from "./compare.ts";
import { Context } from "./context.ts";
import type { ElementType, OnnxCase, OnnxNode, OnnxTensor } from "./dataset.ts";
import { qLinearConv } from "./lower/conv.ts";
import { product } from "./program.ts";
import { runOperator } from "./runtime.ts";

const CASES = scaled(40, 1500);
const OPSET = 13;
/** AttributeProto.AttributeType */
const INT = 2;
const INTS = 7;
/** ONNX Runtime adds products of uint8 and int8 up in pairs of 16 bits on some processors; these never overflow. */
const LARGEST_WEIGHT = 63;

const size = (min: number, max: number) => fc.integer({ min, max });

/** Everything that is drawn; `groups` divides both channel counts. */
const shapes = fc.record({
  seed: size(1, 2 ** 31 - 1),
  n: size(1, 2),
  groups: fc.constantFrom(1, 1, 2, 3, 8),
  ci: size(1, 20),
  co: size(1, 20),
  depthwise: fc.boolean(),
  h: size(1, 12),
  w: size(1, 12),
  kh: size(1, 4),
  kw: size(1, 4),
  strides: fc.tuple(size(1, 3), size(1, 3)),
  dilations: fc.tuple(size(1, 2), size(1, 2)),
  pads: fc.tuple(size(0, 3), size(0, 3), size(0, 3), size(0, 3)),
  signed: fc.boolean(),
  xZero: size(0, 255),
  yZero: size(0, 255),
  bias: fc.boolean(),
  // Arrays from 8 x 4 to 64 x 64: blocks of weights are cut differently on each.
  preset: fc.constantFrom(...PRESET_NAMES),
});
type Drawn = typeof shapes extends fc.Arbitrary<infer T> ? T : never;

function random(seed: number): (low: number, high: number) => number {
  let state = seed | 1;
  return (low, high) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return low + ((state >>> 0) % (high - low + 1));
  };
}

function build(d: Drawn): { test: OnnxCase; node: OnnxNode } | undefined {
  const draw = random(d.seed);
  const groups = d.depthwise ? d.ci : d.groups;
  const [inputs, outputs] = d.depthwise ? [1, d.ci] : [Math.ceil(d.ci / groups), Math.ceil(d.co / groups) * groups];
  const channels = inputs * groups;
  const out = [0, 1].map((axis) => {
    const reach = ([d.kh, d.kw][axis]! - 1) * d.dilations[axis]! + 1;
    return Math.floor(([d.h, d.w][axis]! + d.pads[axis]! + d.pads[axis + 2]! - reach) / d.strides[axis]!) + 1;
  });
  if (out.some((length) => length < 1)) return undefined;
  const type: ElementType = d.signed ? "int8" : "uint8";
  const [low, high] = d.signed ? [-128, 127] : [0, 255];
  const tensor = (name: string, kind: ElementType, shape: number[], element: (i: number) => number): OnnxTensor => ({
    name,
    type: kind,
    shape,
    data: Array.from({ length: product(shape) }, (_, i) => element(i)),
  });
  const real = (from: number, to: number) => Math.fround(draw(from * 1e6, to * 1e6) / 1e6);
  const scales = Array.from({ length: outputs }, () => real(0.001, 0.05));
  const [xScale, terms] = [real(0.01, 0.1), inputs * d.kh * d.kw];
  // An output scale for which sums of that many products fill the eight bits.
  const yScale = Math.fround((xScale * 0.02 * 74 * LARGEST_WEIGHT * Math.sqrt(terms)) / 128);
  const list = [
    tensor("x", type, [d.n, channels, d.h, d.w], () => draw(low, high)),
    tensor("xs", "float", [], () => xScale),
    tensor("xz", type, [], () => d.xZero + low),
    tensor("w", "int8", [outputs, inputs, d.kh, d.kw], () => draw(-LARGEST_WEIGHT, LARGEST_WEIGHT)),
    tensor("ws", "float", [outputs], (i) => scales[i]!),
    tensor("wz", "int8", [outputs], () => 0),
    tensor("ys", "float", [], () => yScale),
    tensor("yz", type, [], () => d.yZero + low),
    ...(d.bias ? [tensor("b", "int32", [outputs], () => draw(-20_000, 20_000))] : []),
  ];
  const stored = [
    { name: "strides", ints: [...d.strides], type: INTS },
    { name: "dilations", ints: [...d.dilations], type: INTS },
    { name: "pads", ints: [...d.pads], type: INTS },
    { name: "group", i: groups, type: INT },
  ];
  const attributes = new Map(
    stored.map(({ name, ints = [], i = 0 }) => [name, { f: 0, i, s: "", floats: [], ints, t: undefined }]),
  );
  const node: OnnxNode = {
    op: "QLinearConv",
    domain: "",
    inputs: list.map(({ name }) => name),
    outputs: ["y"],
    attributes,
    stored,
  };
  const y: OnnxTensor = { name: "y", type, shape: [d.n, outputs, out[0]!, out[1]!], data: [] };
  const rest = { group: "node", opset: OPSET, initializers: [], hasContainers: false } as const;
  return { test: { ...rest, name: "random", nodes: [node], inputs: list, outputs: [y] }, node };
}

describe("QLinearConv with scales by channel", () => {
  it("is at most an LSB away from ONNX Runtime, and in few results at all", { timeout: 600_000 }, async () => {
    let [results, differing, cases] = [0, 0, 0];
    await fc.assert(
      fc.asyncProperty(shapes, async (drawn) => {
        const built = build(drawn);
        fc.pre(built !== undefined);
        const { test, node } = built;
        const [expected] = await runOperator(node, OPSET, test.inputs, test.outputs);
        const context = new Context(test, node, 8);
        qLinearConv(context);
        const [{ tensor, comparison }] = context.results as [(typeof context.results)[0]];
        const values = context.program.run(PRESETS[drawn.preset])(tensor);
        const verdict = compare(values, comparison, { ...test.outputs[0]!, data: expected! });
        expect(verdict.errors).toEqual([]);
        results += values.length;
        differing += verdict.differing;
        cases++;
      }),
      { numRuns: CASES, seed: 20_221 },
    );
    expect(cases).toBe(CASES);
    // 1,500 cases have 556,818 results, of which one differs.
    expect(differing / results, `${differing} of ${results}`).toBeLessThan(0.0001);
  });
});
