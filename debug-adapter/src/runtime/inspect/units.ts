/** Units, their queues and tokens, and the sticky state of the neural unit. */
import { UNITS, type Unit } from "@nnasm/sim-core/isa";
import { NU_FIELDS, VU_FIELDS } from "@nnasm/sim-core/machine";
import { type Operation, tokenUnit, type UnitQueue } from "@nnasm/sim-core/units";
import { tensorName } from "../tensor/text.ts";
import { TensorView } from "../tensor/view.ts";
import { addressText, countText, enumText, hex32, quantityText, type ValueFormat } from "./format.ts";
import { type Machine, memoryOf } from "./machine.ts";
import { named, type Scope, type ValueNode } from "./node.ts";
import { tensorNode } from "./tensors.ts";

export type Queue = UnitQueue<Operation>;

/** Units with a queue, in token order. */
export const queueUnits = ({ simulator }: Machine): readonly Unit[] => simulator.units.present;

export function queueOf({ simulator }: Machine, unit: Unit): Queue {
  return simulator.units.queueOf(UNITS.indexOf(unit))!;
}

/** `nu.conv conv1_out <- image, conv1_w` */
export function operationText(machine: Machine, operation: Operation): string {
  const name = (tensor: Operation["out"]): string =>
    tensorName(tensor, machine.symbols.tensors, machine.config.nu) ?? hex32(tensor.base);
  const inputs = operation.inputs.map(name).join(", ");
  return `${operation.mnemonic} ${name(operation.out)}${inputs === "" ? "" : ` <- ${inputs}`}`;
}

export function tokenText(machine: Machine, token: number): string {
  if (token === 0) return "none";
  const { units } = machine.simulator;
  const state = units.isComplete(token) ? "complete" : units.wasIssued(token) ? "outstanding" : "never issued";
  return `${hex32(token)} (${UNITS[tokenUnit(token)] ?? "?"} #${token & 0xfffffff}, ${state})`;
}

/** `idle`, or what runs and how much waits. */
export function queueText(machine: Machine, unit: Unit): string {
  const { running, waiting, halted } = queueOf(machine, unit);
  if (!running && !halted && waiting.length === 0) return "idle";
  const head = halted
    ? `halted by ${operationText(machine, halted.operation)}`
    : running
      ? operationText(machine, running)
      : "held by tokens";
  return waiting.length === 0 ? head : `${head}, ${waiting.length} waiting`;
}

export function unitScope(machine: Machine): Scope {
  return {
    name: "Units",
    named: () =>
      queueUnits(machine).map((unit) => ({
        name: unit,
        value: queueText(machine, unit),
        children: named(() => queueNodes(machine, unit)),
      })),
  };
}

/** Operations that have not completed, by token. */
export function tokenScope(machine: Machine): Scope {
  return {
    name: "Tokens",
    named: () => {
      const nodes = queueUnits(machine).flatMap((unit) => {
        const { halted, running, waiting } = queueOf(machine, unit);
        const outstanding = [...(halted ? [halted.operation] : []), ...(running ? [running] : []), ...waiting];
        return outstanding.map((operation) => operationNode(machine, hex32(operation.token), operation));
      });
      return nodes.length > 0 ? nodes : [{ name: "outstanding", value: "none" }];
    },
  };
}

/** Queue of one unit: what runs, what waits, and the tokens given out. */
export function queueScope(machine: Machine, unit: Unit): Scope {
  return { name: "Queue", named: () => queueNodes(machine, unit) };
}

function queueNodes(machine: Machine, unit: Unit): ValueNode[] {
  const queue = queueOf(machine, unit);
  const { cycle } = machine.simulator.state;
  return [
    ...(queue.halted ? [operationNode(machine, "halted by", queue.halted.operation)] : []),
    queue.running
      ? operationNode(machine, "running", queue.running)
      : { name: "running", value: `none since cycle ${countText(Math.min(queue.freeSince, cycle))}` },
    {
      name: "waiting",
      value: `${queue.waiting.length} of ${queue.depth} places taken`,
      children: named(() => queue.waiting.map((waiting, at) => operationNode(machine, `[${at}]`, waiting))),
    },
    { name: "last token", value: tokenText(machine, queue.lastToken) },
    { name: "issued", value: countText(queue.issued) },
    { name: "completed", value: countText(queue.completed) },
  ];
}

function operationNode(machine: Machine, name: string, operation: Operation): ValueNode {
  return {
    name,
    value: operationText(machine, operation),
    type: "operation",
    children: named(() => operationNodes(machine, operation)),
  };
}

/** One operation with its times and tensors. */
export function operationScope(machine: Machine, operation: Operation): Scope {
  return { name: "Operation", named: () => operationNodes(machine, operation) };
}

function operationNodes(machine: Machine, operation: Operation): ValueNode[] {
  const { mnemonic, token, pc, layer, issueCycle, startCycle, endCycle, dependencies, out, inputs } = operation;
  const place = machine.sources.placeOf(pc);
  const unknown = (cycle: number): string => (cycle < 0 ? "not yet" : countText(cycle));
  const tensor = (name: string, value: Operation["out"]): ValueNode => {
    const view = new TensorView(value, memoryOf(machine), { name });
    // Copies in a queue entry have no name that an expression could use.
    const { expression: _, ...node } = tensorNode(machine, name, view);
    return node;
  };
  return [
    { name: "operation", value: mnemonic },
    { name: "token", value: tokenText(machine, token) },
    {
      name: "issued by",
      value: addressText(pc, (address) => machine.symbols.describe(address)),
      address: pc,
      ...(place ? { place } : {}),
    },
    { name: "layer", value: layerText(machine, layer) },
    { name: "issue cycle", value: countText(issueCycle) },
    { name: "start cycle", value: unknown(startCycle) },
    { name: "end cycle", value: endCycle < 0 ? "not known yet" : countText(endCycle) },
    {
      name: "waits for",
      value: dependencies.length === 0 ? "nothing" : dependencies.map((one) => tokenText(machine, one)).join(", "),
    },
    tensor("out", out),
    ...inputs.map((input, at) => tensor(inputs.length === 1 ? "in" : `in${at}`, input)),
  ];
}

export function layerText(machine: Machine, layer: number): string {
  if (layer === 0) return "none";
  const name = machine.symbols.layers.get(layer);
  return name === undefined ? String(layer) : `${layer} ${name}`;
}

/** Sticky state of a unit: what its next operation takes along. */
export interface StickyState {
  /** Name in expressions: `nu.kh`, `vu.axes`. */
  readonly prefix: "nu" | "vu";
  readonly title: string;
  readonly fields: readonly string[];
  readonly values: Int32Array;
}

export function stickyStates({ simulator }: Machine): readonly StickyState[] {
  const { nu, vu } = simulator.state;
  return [
    { prefix: "nu", title: "NU State", fields: NU_FIELDS, values: nu },
    { prefix: "vu", title: "VU State", fields: VU_FIELDS, values: vu },
  ];
}

export function stickyScope(machine: Machine, { prefix, title, fields, values }: StickyState): Scope {
  return {
    name: title,
    isRegisters: true,
    named: (format: ValueFormat) =>
      fields.map((field, index) => ({
        name: field,
        value: field === "act" ? enumText("activation", values[index]!) : quantityText(values[index]!, format),
        expression: `${prefix}.${field}`,
        set: (text: string) => {
          values[index] = machine.number(text);
        },
      })),
  };
}
