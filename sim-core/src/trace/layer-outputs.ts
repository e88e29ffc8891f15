/**
 * What every layer of a network computed: the tensors that its operations wrote, as they were when the last of them had
 * completed. A listener that never changes a cycle.
 */
import type { Simulator } from "../engine/index.ts";
import type { Unit } from "../isa/index.ts";
import {
  ByteSet,
  DESCRIPTOR_BYTES,
  elements,
  extent,
  hex,
  readElements,
  type Tensor,
  unpackDescriptor,
} from "../machine/index.ts";
import type { Program, ProgramTensor } from "../program/index.ts";
import { type CuListener, footprintOf, type Operation, type OperationListener } from "../units/index.ts";

/** One operation that wrote to a layer's output. */
export interface OutputWriter {
  readonly mnemonic: string;
  readonly pc: number;
  /** Cycle of its completion. */
  readonly cycle: number;
  readonly set: ByteSet;
}

export interface LayerOutput {
  readonly layer: number;
  /** Name of the layer; `(no layer)` for operations outside all layers. */
  readonly layerName: string;
  /** How many times the program had entered the layer before: the number of the image, in most programs. */
  readonly occurrence: number;
  /** Name of the declared tensor, or the address of an undeclared one. */
  readonly name: string;
  readonly tensor: Tensor;
  /** Stored values in n, h, w, c order. */
  readonly values: Int32Array;
  /** In the order of their completion. */
  readonly writers: readonly OutputWriter[];
}

/** The operation that wrote an element last. */
export function writerOf(output: LayerOutput, position: number): OutputWriter {
  const { tensor: t, writers } = output;
  const [c, w, h] = [position % t.c, Math.floor(position / t.c) % t.w, Math.floor(position / (t.c * t.w)) % t.h];
  const n = Math.floor(position / (t.c * t.w * t.h));
  const one = ByteSet.tensor({
    ...t,
    base: t.base + n * t.sn + h * t.sh + w * t.sw + c * t.sc,
    n: 1,
    h: 1,
    w: 1,
    c: 1,
  });
  return writers.findLast(({ set }) => set.intersection(one) !== undefined) ?? writers.at(-1)!;
}

interface Instance {
  readonly layer: number;
  readonly occurrence: number;
  readonly firstCycle: number;
  /** First cycle of the next layer; infinite while the CU is in this one. */
  endCycle: number;
  readonly outputs: Map<string, { name: string; tensor: Tensor; values: Int32Array; writers: OutputWriter[] }>;
}

export class LayerOutputs implements OperationListener, CuListener {
  private readonly simulator: Simulator;
  private readonly emit: (output: LayerOutput) => void;
  private readonly names: ReadonlyMap<number, string>;
  private readonly declared: readonly { readonly name: string; readonly tensor: Tensor }[];
  private readonly occurrences = new Map<number, number>();
  /** Layers that the CU is in, or that have operations under way; in the order in which they were entered. */
  private open: Instance[] = [];

  /** @param emit takes each output when its layer is complete */
  constructor(simulator: Simulator, program: Program, emit: (output: LayerOutput) => void) {
    this.simulator = simulator;
    this.emit = emit;
    this.names = new Map(program.layers.map(({ id, name }) => [id, name]));
    this.declared = program.tensors.map((tensor) => ({ name: tensor.name, tensor: declaredTensor(simulator, tensor) }));
    this.enter(0, 0);
  }

  layer(layer: number, cycle: number): void {
    const last = this.open.at(-1);
    if (last) last.endCycle = cycle;
    this.enter(layer, cycle);
    this.close();
  }

  completed(unit: Unit, operation: Operation): void {
    if (unit !== "cu" && !unit.startsWith("dma")) this.written(operation);
    this.close();
  }

  /** Gives the outputs of all layers that are still open: the program has ended. */
  finish(): void {
    for (const instance of this.open) this.give(instance);
    this.open = [];
  }

  private enter(layer: number, firstCycle: number): void {
    const occurrence = this.occurrences.get(layer) ?? 0;
    this.occurrences.set(layer, occurrence + 1);
    this.open.push({ layer, occurrence, firstCycle, endCycle: Number.POSITIVE_INFINITY, outputs: new Map() });
  }

  private written(operation: Operation): void {
    const [write] = footprintOf(operation, this.simulator.config).writes;
    const instance = this.instanceOf(operation);
    if (!write || !instance) return;
    const { name, tensor } = this.outputOf(operation.out);
    let output = instance.outputs.get(name);
    if (!output) instance.outputs.set(name, (output = { name, tensor, values: new Int32Array(), writers: [] }));
    output.values = readElements(tensor, this.simulator.memories);
    const { mnemonic, pc, endCycle: cycle } = operation;
    output.writers.push({ mnemonic, pc, cycle, set: write.set });
  }

  private instanceOf({ layer, issueCycle }: Operation): Instance | undefined {
    return this.open.find((one) => one.layer === layer && one.firstCycle <= issueCycle && issueCycle < one.endCycle);
  }

  /** The declared tensor that a written one is, or is a part of; the written one itself where none is. */
  private outputOf(out: Tensor): { name: string; tensor: Tensor } {
    const same = this.declared.find(({ tensor }) => isSame(tensor, out));
    if (same) return same;
    const whole = this.declared
      .filter(({ tensor }) => tensor.dtype === out.dtype && contains(tensor, out))
      .sort((a, b) => elements(a.tensor) - elements(b.tensor))[0];
    return whole ?? { name: hex(out.base), tensor: out };
  }

  /** Gives the layers that the CU has left and of which no operation is under way any more. */
  private close(): void {
    const operations = this.simulator.units.all.flatMap(({ queue }) => [
      ...queue.waiting,
      ...(queue.running ? [queue.running] : []),
    ]);
    this.open = this.open.filter((instance) => {
      if (instance.endCycle === Number.POSITIVE_INFINITY) return true;
      if (operations.some((operation) => this.instanceOf(operation) === instance)) return true;
      this.give(instance);
      return false;
    });
  }

  private give({ layer, occurrence, outputs }: Instance): void {
    const layerName = this.names.get(layer) ?? (layer === 0 ? "(no layer)" : `layer ${layer}`);
    for (const output of outputs.values()) this.emit({ layer, layerName, occurrence, ...output });
  }
}

const isSame = (a: Tensor, b: Tensor): boolean =>
  a.base === b.base && a.dtype === b.dtype && a.n === b.n && a.h === b.h && a.w === b.w && a.c === b.c;

function contains(whole: Tensor, part: Tensor): boolean {
  const a = extent(whole);
  const b = extent(part);
  return a.address <= b.address && b.address + b.bytes <= a.address + a.bytes;
}

/** A declared tensor as its descriptor in memory says it is. */
export function declaredTensor(simulator: Simulator, { descriptorAddress }: ProgramTensor): Tensor {
  const words = new Int32Array(DESCRIPTOR_BYTES / 4);
  new Uint8Array(words.buffer).set(simulator.memories.read(descriptorAddress, DESCRIPTOR_BYTES));
  return unpackDescriptor(words, 0);
}
