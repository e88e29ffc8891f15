/**
 * Writes a small program in the machine's assembly language: tensors in DDR with their data, transfers, operations, and
 * results back to DDR. Runs it in cycle mode and reads the results.
 */
import { assemble } from "@nnasm/sim-core/asm";
import type { MachineConfig } from "@nnasm/sim-core/config";
import { formatDiagnostic } from "@nnasm/sim-core/diagnostics";
import { Simulator } from "@nnasm/sim-core/engine";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import { checkedProfile } from "@nnasm/sim-core/testing";
import type { Stored } from "./fixed-point.ts";

export type Four = readonly [number, number, number, number];
export type Layout = "nhwc" | "nchw" | "blocked";
type Memory = "dm" | "wm" | "ddr";
type Unit = "nu" | "vu" | "xu" | "dma0";

export const BYTES: Readonly<Record<Stored, number>> = { int8: 1, uint8: 1, int16: 2, int32: 4 };
export const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** A tensor of the program, or a view of one. Dimensions and byte strides in the order n, h, w, c. */
export interface Machine {
  readonly name: string;
  readonly dtype: Stored;
  readonly dims: Four;
  readonly strides: Four;
  /** Bytes from the tensor's first element. */
  readonly offset: number;
  readonly layout: Layout;
  readonly zeroPoint: number;
  readonly memory: Memory;
  readonly declared?: Machine;
}

interface Options {
  readonly memory?: Memory;
  readonly layout?: Layout;
  readonly zeroPoint?: number;
  /** Label of the requantisation table in WM or DM. */
  readonly table?: string;
}

export function denseStrides(dims: Four, dtype: Stored, layout: Layout): Four {
  const [, h, w, c] = dims;
  const size = BYTES[dtype];
  return layout === "nchw"
    ? [c * h * w * size, w * size, size, h * w * size]
    : [h * w * c * size, w * c * size, c * size, size];
}

function bytesOf(values: ArrayLike<number>, dtype: Stored): Uint8Array {
  const list = { int8: Int8Array, uint8: Uint8Array, int16: Int16Array, int32: Int32Array }[dtype].from(values);
  return new Uint8Array(list.buffer);
}

export class Program {
  private readonly data: string[] = [];
  private readonly code: string[] = [];
  private readonly files = new Map<string, Uint8Array>();
  private readonly used = new Set<string>();
  private count = 0;

  /** Mnemonics of the tensor operations that the program issues. */
  get operations(): readonly string[] {
    return [...this.used];
  }

  /** A tensor in DDR with these stored values, in the order of its layout. */
  input(values: ArrayLike<number>, dtype: Stored, dims: Four, options: Options = {}): Machine {
    const name = `tensor${this.count++}`;
    this.files.set(`${name}.bin`, bytesOf(values, dtype));
    this.data.push('.section .ddr.data, "aw"', ".balign 64", `${name}_data: .incbin "${name}.bin"`);
    return this.declare(name, dtype, dims, { ...options, memory: "ddr" }, `at=${name}_data`);
  }

  /** A tensor without data. */
  space(dtype: Stored, dims: Four, options: Options = {}): Machine {
    const memory = options.memory ?? "dm";
    return this.declare(`tensor${this.count++}`, dtype, dims, { ...options, memory }, `in=${memory}`);
  }

  private declare(name: string, dtype: Stored, dims: Four, options: Options, place: string): Machine {
    const { layout = "nhwc", zeroPoint = 0, memory = "dm", table } = options;
    const extra = table ? `, table=${table}` : "";
    this.data.push(
      `.tensor ${name}, ${dtype}, ${dims.join(", ")}, zp=${zeroPoint}, layout=${layout}${extra}, ${place}`,
    );
    const strides = denseStrides(dims, dtype, layout);
    return { name, dtype, dims, strides, offset: 0, layout, zeroPoint, memory };
  }

  /** Loads a descriptor and lays the view over it. */
  private load(register: string, t: Machine): void {
    this.code.push(`td.ld ${register}, ${t.name}`);
    const { declared } = t;
    if (!declared) return;
    const set = (field: string, value: string | number) =>
      this.code.push(`li t0, ${value}`, `td.set ${register}, ${field}, t0`);
    if (t.offset !== declared.offset) {
      this.code.push(`la t0, ${t.name}.base + ${t.offset}`, `td.set ${register}, base, t0`);
    }
    for (const [axis, letter] of [..."nhwc"].entries()) {
      if (t.dims[axis] !== declared.dims[axis]) set(letter, t.dims[axis]!);
      if (t.strides[axis] !== declared.strides[axis]) set(`s${letter}`, t.strides[axis]!);
    }
    if (t.zeroPoint !== declared.zeroPoint) set("zp", t.zeroPoint);
    if (t.layout !== declared.layout || t.dtype !== declared.dtype) {
      this.code.push(`td.type ${register}, ${t.dtype}, ${t.layout}`);
    }
  }

  /** Issues an operation on tensors and waits for it. */
  issue(mnemonic: string, unit: Unit, tensors: readonly Machine[], prefix = ""): void {
    this.used.add(mnemonic);
    tensors.forEach((t, i) => {
      this.load(`td${i}`, t);
    });
    const registers = tensors.map((_, i) => `td${i}`);
    const operands = [...(prefix ? [prefix] : []), ...registers, ...(unit === "dma0" ? ["ch0"] : [])];
    this.code.push(`${mnemonic} ${operands.join(", ")}`, `nn.fence ${unit}`);
  }

  /** An instruction whose register operands get these values. */
  set(mnemonic: string, ...values: readonly number[]): void {
    values.forEach((value, i) => {
      this.code.push(`li a${i}, ${value}`);
    });
    this.code.push(`${mnemonic} ${values.map((_, i) => `a${i}`).join(", ")}`);
  }

  /** A field of sticky state: `vu.set table, address`. */
  field(mnemonic: "nu.set" | "vu.set" | "dma.set", name: string, value: string | number): void {
    this.code.push(`li a0, ${value}`, `${mnemonic} ${name}, a0`);
  }

  /** Every element becomes the low bits of a value. */
  fill(t: Machine, value: number): void {
    this.used.add("dma.fill");
    this.load("td0", t);
    this.code.push(`li a0, ${value}`, "dma.fill td0, a0, ch0", "nn.fence dma0");
  }

  /** Copies a tensor's elements, seen in the shape of the result. */
  reshaped(out: Machine, input: Machine): void {
    this.used.add("td.reshape").add("vu.copy");
    this.load("td0", out);
    this.load("td1", input);
    this.code.push("td.mv td2, td0", "td.reshape td2, td1", "vu.copy td0, td2", "nn.fence vu");
  }

  /** An operation of the vector unit whose output gets its zero point from a register. */
  withZeroPoint(mnemonic: string, out: Machine, input: Machine, register: string): void {
    this.used.add("td.zp").add(mnemonic);
    this.load("td0", out);
    this.load("td1", input);
    this.code.push(`td.zp td0, ${register}`, `${mnemonic} td0, td1`, "nn.fence vu");
  }

  line(text: string): void {
    this.code.push(text);
  }

  /** Brings data into DM: the data are in the order of `from`, the tensor in DM is nhwc. */
  bring(values: ArrayLike<number>, dtype: Stored, dims: Four, zeroPoint = 0, from: Layout = "nhwc"): Machine {
    const source = this.input(values, dtype, dims, { layout: from, zeroPoint });
    const target = this.space(dtype, dims, { zeroPoint });
    this.issue(from === "nchw" ? "dma.trans" : "dma.ld", "dma0", [target, source]);
    return target;
  }

  /** A requantisation table of [bias, M, s] entries in a memory; returns its label. */
  table(entries: readonly (readonly [bias: number, m: number, s: number])[], memory: "wm" | "dm"): string {
    const words = entries.flatMap(([bias, m, s]) => [bias, m, s, 0]);
    return this.listIn(words, "int32", memory);
  }

  /** A list of numbers in DM or WM; returns the label of its first element. */
  listIn(values: readonly number[], dtype: Stored, memory: "wm" | "dm"): string {
    const dims: Four = [1, 1, 1, values.length];
    const source = this.input(values, dtype, dims);
    const target = this.space(dtype, dims, { memory });
    this.issue("dma.ld", "dma0", [target, source]);
    return `${target.name}.base`;
  }

  /** Takes a tensor out of DM to DDR, as nhwc or with its layout changed to nchw. */
  take(t: Machine, to: Layout = "nhwc"): Machine {
    const target = this.space(t.dtype, t.dims, { memory: "ddr", layout: to, zeroPoint: t.zeroPoint });
    this.issue(to === "nchw" ? "dma.trans" : "dma.st", "dma0", [target, t]);
    return target;
  }

  get text(): string {
    return [
      ...this.data,
      ".text",
      ".globl _start",
      "_start:",
      ...this.code.map((line) => ` ${line}`),
      " li a0, 0",
      " li a7, 93",
      " ecall",
      "",
    ].join("\n");
  }

  /** Assembles the text and runs it to its end in cycle mode; the accounting must add up to the run. */
  run(config: MachineConfig): (t: Machine) => number[] {
    const { text } = this;
    const host = {
      resolve: (_: string, name: string) => name,
      readText: (file: string) => (file === "operator.nnasm" ? text : undefined),
      readBytes: (file: string) => this.files.get(file),
    };
    const { program, diagnostics } = assemble({ entry: "operator.nnasm", host, config, isa: BASE_ISA });
    if (!program) throw new Error(`${diagnostics.map(formatDiagnostic).join("\n")}\n${text}`);
    const simulator = new Simulator({ program, config });
    const stop = simulator.run({ untilCycle: 1_000_000_000 });
    if (stop.reason !== "exit" || stop.exitCode !== 0) throw new Error(`${JSON.stringify(stop)}\n${text}`);
    checkedProfile(simulator);
    return (t) => {
      const address = program.tensors.find(({ name }) => name === t.name)!.base;
      const bytes = Uint8Array.from(simulator.readMemory(address, product(t.dims) * BYTES[t.dtype])!);
      const list = { int8: Int8Array, uint8: Uint8Array, int16: Int16Array, int32: Int32Array }[t.dtype];
      return Array.from(new list(bytes.buffer));
    };
  }
}

/** A view of a tensor: other dimensions, strides or offset; `offset` counts from the view's own beginning. */
export function view(t: Machine, changes: Partial<Omit<Machine, "name" | "declared" | "memory">>): Machine {
  const offset = t.offset + (changes.offset ?? 0);
  return { ...t, ...changes, offset, declared: t.declared ?? t };
}
