/** Tensors: declared ones, descriptor registers, and the values behind them. */
import { DTYPE_BITS, ENUMS, enumValues } from "@nnasm/sim-core/isa";
import {
  DESCRIPTOR_WORDS,
  elements,
  extent,
  type Tensor,
  tensorMemory,
  unpackDescriptor,
} from "@nnasm/sim-core/machine";
import { elementValue } from "../expression/evaluate.ts";
import { EvaluationError, SCALAR_TYPES } from "../expression/types.ts";
import { previewText, tensorName, tensorOf, typeText } from "../tensor/text.ts";
import { type Quad, TensorView } from "../tensor/view.ts";
import { addressText, countText, enumText, hex32, quantityText, type ValueFormat } from "./format.ts";
import { type Machine, memoryOf } from "./machine.ts";
import type { NodeList, Scope, ValueNode } from "./node.ts";

const FIELD = ENUMS.tdfield;

function descriptorTensor({ simulator }: Machine, register: number): Tensor {
  return unpackDescriptor(simulator.state.descriptors, register * DESCRIPTOR_WORDS);
}

const isUsable = (tensor: Tensor): boolean => DTYPE_BITS[tensor.dtype] !== undefined && elements(tensor) > 0;

/** The tensor of a descriptor register. @throws EvaluationError when the register holds none */
export function descriptorView(machine: Machine, register: number): TensorView {
  const tensor = descriptorTensor(machine, register);
  if (!isUsable(tensor)) throw new EvaluationError(`td${register} describes no tensor`);
  return new TensorView(tensor, memoryOf(machine), { name: `td${register}`, scale: scaleOf(machine, register) });
}

/** The tensor of a .tensor declaration, where its program placed it. */
export function declaredView(machine: Machine, name: string): TensorView | undefined {
  const declared = machine.symbols.tensor(name);
  if (!declared) return undefined;
  return new TensorView(tensorOf(declared, machine.config.nu), memoryOf(machine), { name, scale: declared.scale });
}

/** Fields that expressions and scopes name, with the descriptor word that holds each. */
export const DESCRIPTOR_FIELDS = ["base", "n", "h", "w", "c", "sn", "sh", "sw", "sc", "zp", "table"] as const;
export type DescriptorField = (typeof DESCRIPTOR_FIELDS)[number];
const ADDRESS_FIELDS: ReadonlySet<string> = new Set(["base", "table"]);

const wordOf = (register: number, field: keyof typeof FIELD): number => register * DESCRIPTOR_WORDS + FIELD[field];

export const isAddressField = (field: DescriptorField): boolean => ADDRESS_FIELDS.has(field);

export function readDescriptorField({ simulator }: Machine, register: number, field: DescriptorField): number {
  return simulator.state.descriptors[wordOf(register, field)]!;
}

export function writeDescriptorField(
  { simulator }: Machine,
  register: number,
  field: DescriptorField,
  value: number,
): void {
  simulator.state.descriptors[wordOf(register, field)] = value;
}

function scaleOf({ simulator }: Machine, register: number): number {
  const word = simulator.state.descriptors[wordOf(register, "scale")]!;
  return new Float32Array(Int32Array.of(word).buffer)[0]!;
}

export function tensorScope(machine: Machine): Scope {
  return {
    name: "Tensors",
    isExpensive: true,
    named: () =>
      machine.symbols.tensors.map((declared) => {
        const view = new TensorView(tensorOf(declared, machine.config.nu), memoryOf(machine), {
          name: declared.name,
          scale: declared.scale,
        });
        const place = machine.declarations.get(declared.name);
        return { ...tensorNode(machine, declared.name, view), ...(place ? { place } : {}) };
      }),
  };
}

export function descriptorScope(machine: Machine): Scope {
  return {
    name: "Tensor Descriptors",
    isRegisters: true,
    named: () => Array.from({ length: 32 }, (_, register) => descriptorNode(machine, register)),
  };
}

function descriptorNode(machine: Machine, register: number): ValueNode {
  const tensor = descriptorTensor(machine, register);
  const name = `td${register}`;
  const fields = (format: ValueFormat) => [
    ...DESCRIPTOR_FIELDS.map((field) => fieldNode(machine, register, field, format)),
    choiceNode(machine, register, "dtype", 0),
    choiceNode(machine, register, "layout", 8),
  ];
  if (!isUsable(tensor)) return { name, value: "empty", type: "tensor descriptor", children: { named: fields } };
  const view = new TensorView(tensor, memoryOf(machine), { name, scale: scaleOf(machine, register) });
  const node = tensorNode(machine, name, view);
  return {
    ...node,
    children: { named: (format) => [...fields(format), ...(node.children?.named?.(format) ?? [])] },
  };
}

function fieldNode(machine: Machine, register: number, field: DescriptorField, format: ValueFormat): ValueNode {
  const value = readDescriptorField(machine, register, field);
  const name = field === "zp" ? "zero point" : field;
  const isPlace = isAddressField(field) && value !== 0;
  const text = isPlace
    ? addressText(value, (address) => machine.symbols.describe(address))
    : quantityText(value, format);
  return {
    name,
    value: text,
    expression: `td${register}.${field}`,
    ...(isPlace ? { address: value >>> 0 } : {}),
    set: (written) => writeDescriptorField(machine, register, field, machine.number(written)),
  };
}

/** Data type or layout: a byte of the type word, set by name or number. */
function choiceNode(machine: Machine, register: number, list: "dtype" | "layout", shift: number): ValueNode {
  const { descriptors } = machine.simulator.state;
  const at = wordOf(register, "type");
  return {
    name: list,
    value: enumText(list, (descriptors[at]! >>> shift) & 0xff),
    set: (written) => {
      const values = enumValues(list);
      const value = values[written.trim()] ?? Number(written);
      if (!Object.values(values).includes(value)) {
        throw new EvaluationError(`${list} is one of ${Object.keys(values).join(", ")}`);
      }
      descriptors[at] = (descriptors[at]! & ~(0xff << shift)) | (value << shift);
    },
  };
}

/** A tensor with where it lies, what it means and its values. */
export function tensorNode(machine: Machine, name: string, view: TensorView): ValueNode {
  const { tensor } = view;
  const declaredName = tensorName(tensor, machine.symbols.tensors, machine.config.nu);
  const memory = tensorMemory(tensor, machine.simulator.memories);
  const start = view.addressOf([0, 0, 0, 0]);
  const known = declaredName !== undefined && declaredName !== name ? ` ${declaredName}` : "";
  const address = memory === undefined ? {} : { address: start };
  return {
    name,
    value: `${typeText(tensor, view.dims)}${known} @ ${hex32(start)} ${previewText(view)}`,
    type: "tensor",
    expression: view.name,
    ...address,
    children: {
      named: (format) => [
        { name: "memory", value: memory?.toUpperCase() ?? "none: it leaves its memory" },
        { name: "bytes", value: countText(extent(tensor).bytes) },
        ...(declaredName === undefined ? [] : [{ name: "declared as", value: declaredName }]),
        ...(view.scale === 0 ? [] : [{ name: "scale", value: String(view.scale) }]),
        ...(tensor.cip === 0 ? [] : [{ name: "blocked for", value: `${tensor.cip} x ${tensor.cop}` }]),
        { name: "strides", value: `[${[tensor.sn, tensor.sh, tensor.sw, tensor.sc].join(", ")}] bytes of n, h, w, c` },
        ...(tensor.zeroPoint === 0
          ? []
          : [{ name: "zero point of values", value: quantityText(tensor.zeroPoint, format) }]),
        {
          name: "values",
          value: `${countText(view.count)} elements`,
          ...address,
          children: valueList(machine, view, [0, 0, 0, 0], view.longAxes),
        },
      ],
    },
  };
}

/** Elements along the first of `axes`, each a list along the others; the last axis gives the numbers. */
function valueList(machine: Machine, view: TensorView, at: Quad, axes: readonly number[]): NodeList {
  const [axis = 3, ...inner] = axes;
  const count = view.dims[axis]!;
  return {
    indexed: {
      count,
      at: (start, wanted, format) => {
        const nodes: ValueNode[] = [];
        for (let index = start; index < Math.min(count, start + wanted); index++) {
          const place = at.map((old, other) => (other === axis ? index : old)) as unknown as Quad;
          nodes.push(
            inner.length === 0
              ? elementNode(machine, view, place, index, format)
              : partNode(machine, view, place, inner, index),
          );
        }
        return nodes;
      },
    },
  };
}

function partNode(machine: Machine, view: TensorView, place: Quad, axes: readonly number[], index: number): ValueNode {
  const size = view.dims.map((count, axis) => (axes.includes(axis) ? count : 1)) as unknown as Quad;
  const part = view.part(place, size, view.name);
  return {
    name: `[${index}]`,
    value: previewText(part),
    address: part.addressOf([0, 0, 0, 0]),
    children: valueList(machine, view, place, axes),
  };
}

function elementNode(machine: Machine, view: TensorView, place: Quad, index: number, format: ValueFormat): ValueNode {
  const value = view.element(place);
  const name = `[${index}]`;
  if (value === undefined) return { name, value: "outside of the memory" };
  return {
    name,
    value: elementText(view, value, format),
    address: view.addressOf(place),
    bytes: SCALAR_TYPES[view.elementType].bytes,
    expression: `${view.name}[${place.join(",")}]`,
    set: (text) => elementValue(view, place).target?.set(elementNumber(machine, view, text)),
  };
}

/**
 * What a person wrote for an element: the stored number, or with `,r` behind it the real value that it stands for.
 * @throws EvaluationError
 */
function elementNumber(machine: Machine, view: TensorView, text: string): number {
  const real = /^(.*),\s*r\s*$/s.exec(text)?.[1];
  if (real === undefined) return machine.number(text);
  if (view.scale === 0) throw new EvaluationError(`${view.name} has no scale: write the stored number, without ",r"`);
  return Math.round(machine.number(real) / view.scale) + view.tensor.zeroPoint;
}

/** `-128`, and the real value beside it where the scale is known. */
function elementText(view: TensorView, value: number, format: ValueFormat): string {
  if (format.hex) {
    const bits = DTYPE_BITS[view.tensor.dtype] ?? 8;
    return `0x${(value < 0 ? value + 2 ** bits : value).toString(16).padStart(Math.ceil(bits / 4), "0")}`;
  }
  if (view.scale === 0) return String(value);
  return `${value} (${Number(((value - view.tensor.zeroPoint) * view.scale).toPrecision(6))})`;
}
