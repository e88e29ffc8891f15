/**
 * The ONNX project's own test data as Debian's libonnx-testdata installs it: for every test a model and the tensors that
 * go in and must come out, all as protocol buffers.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";

const DATA = "/usr/share/libonnx-testdata/data";
export const GROUPS = ["node", "pytorch-converted", "pytorch-operator", "simple"] as const;
export type Group = (typeof GROUPS)[number];

/** Names of ONNX's element types by number; the ones that no test here can use are left out. */
const TYPES: Readonly<Record<number, ElementType>> = {
  1: "float",
  2: "uint8",
  3: "int8",
  4: "uint16",
  5: "int16",
  6: "int32",
  7: "int64",
  8: "string",
  9: "bool",
  10: "float16",
  11: "double",
  12: "uint32",
  13: "uint64",
  16: "bfloat16",
};
export type ElementType =
  | "float"
  | "uint8"
  | "int8"
  | "uint16"
  | "int16"
  | "int32"
  | "int64"
  | "string"
  | "bool"
  | "float16"
  | "double"
  | "uint32"
  | "uint64"
  | "bfloat16";

/** A tensor with its elements as numbers in ONNX's (row-major) order; strings and half floats have no data. */
export interface OnnxTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export interface OnnxNode {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** The attributes as they stand in the model, for writing models. */
  readonly stored: readonly { readonly name: string }[];
}

export interface Attribute {
  readonly f: number;
  readonly i: number;
  readonly s: string;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
  readonly t: OnnxTensor | undefined;
}

export interface OnnxCase {
  readonly group: Group;
  readonly name: string;
  readonly opset: number;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxTensor[];
  readonly outputs: readonly OnnxTensor[];
  /** True when a sequence, map or optional goes in or comes out, which no data set tensor describes. */
  readonly hasContainers: boolean;
}

interface RawTensor {
  dims: number[];
  dataType: number;
  floatData: number[];
  int32Data: number[];
  int64Data: number[];
  doubleData: number[];
  uint64Data: number[];
  name: string;
  rawData: Uint8Array;
}

interface RawAttribute {
  name: string;
  type: number;
  f: number;
  i: number;
  s: Uint8Array;
  t: RawTensor | null;
  floats: number[];
  ints: number[];
}

interface RawNode {
  input: string[];
  output: string[];
  opType: string;
  domain: string;
  attribute: RawAttribute[];
}

interface RawModel {
  graph: {
    node: RawNode[];
    initializer: RawTensor[];
    input: { name: string; type: Record<string, unknown> }[];
    output: { name: string; type: Record<string, unknown> }[];
  };
  opsetImport: { domain: string; version: number }[];
}

const schema = protobuf.loadSync(fileURLToPath(new URL("onnx.proto", import.meta.url)));
const MODEL = schema.lookupType("onnx.ModelProto");
const TENSOR = schema.lookupType("onnx.TensorProto");

function decode<T>(type: protobuf.Type, bytes: Uint8Array): T {
  return type.toObject(type.decode(bytes), { longs: Number, arrays: true, defaults: true }) as T;
}

function elementsOf(raw: RawTensor, type: ElementType): number[] {
  const { rawData, floatData, int32Data, int64Data, doubleData, uint64Data } = raw;
  if (rawData.length === 0) {
    const lists = [floatData, int32Data, int64Data, doubleData, uint64Data];
    return lists.find((list) => list.length > 0) ?? [];
  }
  // A copy begins at a multiple of every element size.
  const { buffer } = Uint8Array.from(rawData);
  switch (type) {
    case "float":
      return Array.from(new Float32Array(buffer));
    case "double":
      return Array.from(new Float64Array(buffer));
    case "uint8":
    case "bool":
      return Array.from(new Uint8Array(buffer));
    case "int8":
      return Array.from(new Int8Array(buffer));
    case "uint16":
      return Array.from(new Uint16Array(buffer));
    case "int16":
      return Array.from(new Int16Array(buffer));
    case "int32":
      return Array.from(new Int32Array(buffer));
    case "uint32":
      return Array.from(new Uint32Array(buffer));
    case "int64":
      return Array.from(new BigInt64Array(buffer), Number);
    case "uint64":
      return Array.from(new BigUint64Array(buffer), Number);
    default:
      return [];
  }
}

function tensorOf(raw: RawTensor, name = raw.name): OnnxTensor {
  const type = TYPES[raw.dataType];
  if (!type) throw new Error(`tensor ${name}: element type ${raw.dataType} is not known here`);
  return { name, type, shape: raw.dims, data: elementsOf(raw, type) };
}

function nodeOf(raw: RawNode): OnnxNode {
  const attributes = raw.attribute.map(({ name, f, i, s, t, floats, ints }): [string, Attribute] => [
    name,
    { f, i, floats, ints, s: Buffer.from(s).toString(), t: t ? tensorOf(t) : undefined },
  ]);
  const { opType: op, domain, input: inputs, output: outputs } = raw;
  return { op, domain, inputs, outputs, attributes: new Map(attributes), stored: raw.attribute };
}

const numberOf = (type: ElementType): number => Number(Object.entries(TYPES).find(([, name]) => name === type)![0]);

/** The bytes of a model of one node, all of whose inputs are the model's. */
export function writeModel(
  node: Pick<OnnxNode, "op" | "inputs" | "outputs" | "stored">,
  opset: number,
  inputs: readonly Pick<OnnxTensor, "name" | "type">[],
  outputs: readonly Pick<OnnxTensor, "name" | "type">[],
): Uint8Array {
  const value = ({ name, type }: Pick<OnnxTensor, "name" | "type">) => ({
    name,
    type: { tensorType: { elemType: numberOf(type) } },
  });
  const { op: opType, inputs: input, outputs: output, stored: attribute } = node;
  const graph = {
    node: [{ input, output, opType, attribute }],
    name: "operator",
    input: inputs.map(value),
    output: outputs.map(value),
  };
  const opsetImport = [{ domain: "", version: opset }];
  return MODEL.encode(MODEL.fromObject({ irVersion: 8, opsetImport, graph })).finish();
}

/** Names of a group's tests in alphabetical order. */
export const caseNames = (group: Group): readonly string[] =>
  readdirSync(join(DATA, group))
    .filter((name) => name.startsWith("test_"))
    .sort();

/** Reads one test: the model and its first set of data. */
export function readCase(group: Group, name: string): OnnxCase {
  const { graph, opsetImport } = decode<RawModel>(MODEL, readFileSync(join(DATA, group, name, "model.onnx")));
  const initialized = new Set(graph.initializer.map((tensor) => tensor.name));
  const values = [...graph.input.filter((input) => !initialized.has(input.name)), ...graph.output];
  const hasContainers = values.some(({ type }) => !type.tensorType);
  const folder = join(DATA, group, name, "test_data_set_0");
  const read = (kind: "input" | "output", names: readonly string[]) =>
    hasContainers
      ? []
      : names.map((value, i) =>
          tensorOf(decode<RawTensor>(TENSOR, readFileSync(join(folder, `${kind}_${i}.pb`))), value),
        );
  return {
    group,
    name,
    opset: opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx")?.version ?? 0,
    nodes: graph.node.map(nodeOf),
    initializers: graph.initializer.map((tensor) => tensorOf(tensor)),
    inputs: read(
      "input",
      graph.input.map((input) => input.name).filter((input) => !initialized.has(input)),
    ),
    outputs: read(
      "output",
      graph.output.map((output) => output.name),
    ),
    hasContainers,
  };
}
