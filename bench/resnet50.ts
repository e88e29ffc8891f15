/**
 * A network of ResNet-50's size on the simulated machine in cycle mode: every layer streams its maps and weights over DDR,
 * cut into rows that fit the data memory and output channels that fit the weight memory. Weights are random.
 */
import { DDR_BASE, DM_BASE, type MachineConfig, PRESETS, WM_BASE } from "@nnasm/sim-core/config";
import { Simulator } from "@nnasm/sim-core/engine";
import { assembleText, runToExit } from "./program.ts";
import { randomInt8 } from "./random.ts";

export interface NetworkResult {
  readonly macs: number;
  readonly operations: number;
  readonly seconds: number;
  readonly cycles: number;
  readonly macsPerSecond: number;
}

/** A feature map in DDR: height = width, channels. */
interface FeatureMap {
  readonly address: number;
  readonly size: number;
  readonly channels: number;
}

interface Layer {
  readonly kind: "conv" | "maxpool" | "add" | "gavgpool";
  readonly input: FeatureMap;
  /** Second input of an addition. */
  readonly other?: FeatureMap;
  readonly out: FeatureMap;
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
  readonly weights: number;
  readonly table: number;
}

/** The code is unrolled, which takes more program memory than the default machine has. */
const CONFIG: MachineConfig = { ...PRESETS.default, pm: { bytes: 2 ** 20 } };
const TABLE_ENTRY_BYTES = 16;
/** The descriptors' prototypes and the stack lie below. */
const MAPS = DM_BASE + 32768;
const MAP_BYTES = CONFIG.dm.bytes - 32768;
const WEIGHT_BYTES = CONFIG.wm.bytes;
const { cop } = CONFIG.nu;

/** Places layers and their data in DDR. */
class Network {
  readonly layers: Layer[] = [];
  private next = DDR_BASE;

  private allocate(bytes: number): number {
    const address = this.next;
    this.next += Math.ceil(bytes / 64) * 64;
    return address;
  }

  map(size: number, channels: number): FeatureMap {
    return { address: this.allocate(size * size * channels), size, channels };
  }

  private add(
    kind: Layer["kind"],
    input: FeatureMap,
    channels: number,
    [kernel, stride, pad]: readonly [number, number, number],
    other?: FeatureMap,
  ): FeatureMap {
    const size = Math.floor((input.size + 2 * pad - kernel) / stride) + 1;
    const out = this.map(size, channels);
    const weights = kind === "conv" ? this.allocate(channels * kernel * kernel * input.channels) : 0;
    const table = kind === "conv" || kind === "add" ? this.allocate(channels * TABLE_ENTRY_BYTES) : 0;
    this.layers.push({ kind, input, out, kernel, stride, pad, weights, table, ...(other ? { other } : {}) });
    return out;
  }

  conv(input: FeatureMap, channels: number, kernel: number, stride: number): FeatureMap {
    return this.add("conv", input, channels, [kernel, stride, kernel >> 1]);
  }

  maxPool(input: FeatureMap): FeatureMap {
    return this.add("maxpool", input, input.channels, [3, 2, 1]);
  }

  average(input: FeatureMap): FeatureMap {
    return this.add("gavgpool", input, input.channels, [input.size, 1, 0]);
  }

  sum(a: FeatureMap, b: FeatureMap): FeatureMap {
    return this.add("add", a, a.channels, [1, 1, 0], b);
  }
}

/** ResNet-50 (v1.5: the stride lies in the 3x3 convolutions), 224 x 224 x 3 to 1000 classes. */
function resnet50(): Network {
  const network = new Network();
  let map = network.maxPool(network.conv(network.map(224, 3), 64, 7, 2));
  for (const [blocks, channels, firstStride] of [
    [3, 64, 1] as const,
    [4, 128, 2] as const,
    [6, 256, 2] as const,
    [3, 512, 2] as const,
  ]) {
    for (let block = 0; block < blocks; block++) {
      const stride = block === 0 ? firstStride : 1;
      const narrow = network.conv(network.conv(map, channels, 1, 1), channels, 3, stride);
      const wide = network.conv(narrow, 4 * channels, 1, 1);
      map = network.sum(wide, block === 0 ? network.conv(map, 4 * channels, 1, stride) : map);
    }
  }
  network.conv(network.average(map), 1000, 1, 1);
  return network;
}

const macsOf = ({ kind, input, out, kernel }: Layer): number =>
  kind === "conv" ? out.size ** 2 * out.channels * kernel ** 2 * input.channels : 0;

/** Writes the program of a network; counts what it issues to the neural unit. */
class Writer {
  readonly lines: string[] = [];
  operations = 0;

  private emit(...lines: string[]): void {
    this.lines.push(...lines.map((line) => `        ${line}`));
  }

  /** td = the prototype `kind` at an address; a dense tensor unless `pixelBytes` are given. */
  private descriptor(
    td: number,
    kind: "map" | "weights" | "table",
    address: number,
    [n, h, w, c]: number[],
    pixelBytes?: number,
  ): void {
    this.emit(`td.mv td${td}, td${{ map: 29, weights: 30, table: 31 }[kind]}`);
    this.emit(`li t0, ${address}`, `td.base td${td}, t0`);
    this.emit(`li t0, ${h}`, `li t1, ${w}`, `td.hw td${td}, t0, t1`);
    this.emit(`li t0, ${n}`, `li t1, ${c}`, `td.nc td${td}, t0, t1`);
    if (kind !== "weights") this.emit(`td.pack td${td}`);
    if (pixelBytes !== undefined)
      this.emit(`li t0, ${w! * pixelBytes}`, `li t1, ${pixelBytes}`, `td.strhw td${td}, t0, t1`);
  }

  private move(
    instruction: "dma.ld" | "dma.st",
    onChip: number,
    ddr: number,
    shape: number[],
    kind: "map" | "table",
    channel: number,
  ): void {
    this.descriptor(8, kind, onChip, shape);
    this.descriptor(9, kind, ddr, shape);
    this.emit(`${instruction} ${instruction === "dma.ld" ? "td8, td9" : "td9, td8"}, ch${channel}`);
  }

  private issue(text: string): void {
    this.emit(text);
    this.operations++;
  }

  layer(layer: Layer, index: number): void {
    const { kind, input, out, kernel, stride, pad } = layer;
    this.emit(`.layer "${kind}${index}"`, `nu.window ${kernel}, ${kernel}, ${stride}, ${stride}`);
    const inRow = input.size * input.channels;
    const outRow = out.size * out.channels;
    const inputs = layer.other ? 2 : 1;
    // Output rows whose maps fit the data memory together.
    let rows = out.size;
    const inRows = (count: number) => Math.min(input.size, (count - 1) * stride + kernel);
    while (inputs * inRows(rows) * inRow + rows * outRow > MAP_BYTES) rows = Math.ceil(rows / 2);
    for (let first = 0; first < out.size; first += rows) {
      const count = Math.min(rows, out.size - first);
      const top = first * stride - pad;
      const from = Math.max(0, top);
      const end = top + (count - 1) * stride + kernel;
      const loaded = Math.min(input.size, end) - from;
      const source = MAPS;
      const other = source + loaded * inRow;
      const target = other + (inputs - 1) * loaded * inRow;
      const shape = [1, loaded, input.size, input.channels];
      this.emit(`nu.pad ${from - top}, ${Math.max(0, end - input.size)}, ${pad}, ${pad}`);
      this.emit("nn.fence nu|dma0|dma1");
      this.move("dma.ld", source, input.address + from * inRow, shape, "map", 1);
      if (layer.other) this.move("dma.ld", other, layer.other.address + from * inRow, shape, "map", 1);
      this.descriptor(0, "map", source, shape);
      this.emit("nn.fence dma1");
      if (kind === "conv") this.tiles(layer, target, count, first === 0);
      else {
        this.descriptor(1, "map", target, [1, count, out.size, out.channels]);
        if (kind === "add") {
          this.move("dma.ld", WM_BASE, layer.table, [1, 1, 1, 12], "table", 0);
          this.emit("nn.fence dma0", `li t0, ${WM_BASE}`, "td.table td1, t0");
          this.descriptor(2, "map", other, shape);
        }
        this.issue(`nu.${kind} td1, td0${kind === "add" ? ", td2" : ""}`);
      }
      this.emit("nn.fence nu");
      this.move("dma.st", target, out.address + first * outRow, [1, count, out.size, out.channels], "map", 1);
    }
  }

  /** One stripe of rows by tiles of output channels; the next tile's weights load meanwhile where two fit. */
  private tiles({ input, out, kernel, weights, table }: Layer, target: number, rows: number, isFirst: boolean): void {
    const filterBytes = kernel * kernel * Math.ceil(input.channels / CONFIG.nu.cip) * CONFIG.nu.cip;
    const perTile = (room: number) => Math.floor(room / (filterBytes + TABLE_ENTRY_BYTES) / cop) * cop;
    const isDouble = perTile(WEIGHT_BYTES / 2) > 0;
    const channels = Math.min(out.channels, perTile(isDouble ? WEIGHT_BYTES / 2 : WEIGHT_BYTES));
    const count = Math.ceil(out.channels / channels);
    const place = (tile: number) => WM_BASE + (isDouble && tile % 2 === 1 ? WEIGHT_BYTES / 2 : 0);
    const widthOf = (tile: number) => Math.min(channels, out.channels - tile * channels);
    const load = (tile: number) => {
      if (tile >= count || (count === 1 && !isFirst)) return;
      const width = widthOf(tile);
      const shape = [width, kernel, kernel, input.channels];
      this.move("dma.ld", place(tile), table + tile * channels * TABLE_ENTRY_BYTES, [1, 1, 1, 4 * width], "table", 0);
      this.descriptor(10, "weights", place(tile) + channels * TABLE_ENTRY_BYTES, shape);
      this.descriptor(11, "map", weights + tile * channels * kernel * kernel * input.channels, shape);
      this.emit("dma.ldw td10, td11, ch0");
    };
    load(0);
    for (let tile = 0; tile < count; tile++) {
      const width = widthOf(tile);
      this.descriptor(1, "map", target + tile * channels, [1, rows, out.size, width], out.channels);
      this.descriptor(2, "weights", place(tile) + channels * TABLE_ENTRY_BYTES, [
        width,
        kernel,
        kernel,
        input.channels,
      ]);
      this.emit(`li t0, ${place(tile)}`, "td.table td2, t0");
      this.emit("nn.fence dma0|nu");
      if (isDouble) load(tile + 1);
      this.issue("nu.conv td1, td0, td2");
      if (isDouble) continue;
      this.emit("nn.fence nu");
      load(tile + 1);
    }
  }
}

/** Requantisation that keeps the spread of the maps: sums of K random products spread by 74 x sqrt(K). */
function tableOf({ kind, input, out, kernel }: Layer): Int32Array {
  if (kind === "add") return Int32Array.of(0, 2 ** 30, 15, 0, 0, 2 ** 30, 15, 0, 0, 2 ** 30, 45, 0);
  const scale = 1 / (74 * Math.sqrt(kernel ** 2 * input.channels));
  const shift = 30 - Math.floor(Math.log2(scale));
  const entry = [0, Math.floor(scale * 2 ** shift), shift, 0];
  return Int32Array.from({ length: 4 * out.channels }, (_, i) => entry[i % 4]!);
}

/** One run of the network. */
export function benchResnet50(): NetworkResult {
  const { layers } = resnet50();
  const writer = new Writer();
  layers.forEach((layer, index) => {
    writer.layer(layer, index);
  });
  const text = [
    "        .tensor map, int8, 1, 1, 1, 1, at=0",
    "        .tensor weights, int8, 1, 1, 1, 1, layout=blocked, at=0",
    "        .tensor table, int32, 1, 1, 1, 1, at=0",
    "        .text",
    "        .globl _start",
    "_start: td.ld td29, map",
    "        td.ld td30, weights",
    "        td.ld td31, table",
    ...writer.lines,
    "        nn.fence dma1",
    "        li a0, 0",
    "        li a7, 93",
    "        ecall",
    "",
  ].join("\n");
  const program = assembleText("resnet50.nnasm", text, CONFIG);
  const simulator = new Simulator({ program, config: CONFIG });
  const noise = randomInt8(2 ** 22, 1);
  const bytes = (array: Int8Array | Int32Array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  simulator.writeMemory(layers[0]!.input.address, bytes(noise).subarray(0, 224 * 224 * 3));
  for (const layer of layers) {
    if (layer.table) simulator.writeMemory(layer.table, bytes(tableOf(layer)));
    if (!layer.weights) continue;
    const { input, out, kernel } = layer;
    simulator.writeMemory(layer.weights, bytes(noise).subarray(0, out.channels * kernel ** 2 * input.channels));
  }
  const started = performance.now();
  const { cycle } = runToExit(simulator);
  const seconds = (performance.now() - started) / 1000;
  const logits = simulator.readMemory(layers.at(-1)!.out.address, 1000)!;
  if (new Set(logits).size < 20) throw new Error("resnet50: the logits hardly differ, so that something went wrong");
  const macs = layers.reduce((total, layer) => total + macsOf(layer), 0);
  return { macs, operations: writer.operations, seconds, cycles: cycle, macsPerSecond: macs / seconds };
}
