/** For tests: the tensors of random programs, and random operations and accesses on them with the bytes that they touch. */
import type { Access, Range } from "./ordering.ts";
import { type RandomNumbers, randomNumbers } from "./random-numbers.ts";

/** A tensor in a descriptor register. */
interface View {
  readonly td: string;
  readonly range: Range;
}

const MAPS = 6;
const FAR_MAPS = 4;
const MAP_BYTES = 256;
const HALF_BYTES = 128;
const views = (area: string, first: number, count: number, offset: number, bytes: number): View[] =>
  Array.from({ length: count }, (_, i) => ({
    td: `td${first + i}`,
    range: { area, from: i * MAP_BYTES + offset, to: i * MAP_BYTES + offset + bytes },
  }));
/** Feature maps 1x4x4x16 in DM and in DDR, and halves of two rows. */
const FULL = views("maps", 0, MAPS, 0, MAP_BYTES);
const HALVES = [...views("maps", 6, MAPS, 0, HALF_BYTES), ...views("maps", 29, 3, HALF_BYTES, HALF_BYTES)];
const FAR = views("far", 12, FAR_MAPS, 0, MAP_BYTES);

const view = (td: number, area: string, bytes: number, from = 0): View => ({
  td: `td${td}`,
  range: { area, from, to: from + bytes },
});
/** Weights as they lie in DDR, and blocked in WM: 1x1 and 3x3. */
const RAW = view(16, "raw", 256);
const RAW3 = view(17, "raw3", 2304);
const WEIGHTS = view(18, "weights", 256);
const WEIGHTS3 = view(19, "weights3", 2304);
const SUMS = view(20, "sums", 1024);
const WAVES = [view(21, "waves", 64), view(22, "waves", 64, 64)];
const FAR_WAVE = view(23, "farWave", 64);
const POOLED = view(24, "pooled", 16);
const PIXELS = view(25, "pixels", 16);
const TILE = view(26, "tile", 512);
const INDEX = view(27, "index", 8);
const PLANES = view(28, "planes", 256);
const LOOKUP: Range = { area: "lookup", from: 0, to: 256 };

/** Lines of random words. */
function words(bytes: number, seed: number): string {
  const random = randomNumbers(seed);
  const lines = Array.from({ length: bytes / 32 }, () => {
    const line = Array.from({ length: 8 }, () => random.below(2 ** 32));
    return ` .word ${line.join(", ")}`;
  });
  return lines.join("\n");
}

const declare = (name: string, count: number, area: string, height: number, offset: number): string =>
  Array.from({ length: count }, (_, i) => {
    const place = `at=${area} + ${i * MAP_BYTES + offset}, table=table.base`;
    return ` .tensor ${name}${i}, int8, 1, ${height}, 4, 16, ${place}`;
  }).join("\n");

const load = (first: number, names: readonly string[]): string =>
  names.map((name, i) => ` td.ld td${first + i}, ${name}`).join("\n");
const named = (name: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${name}${i}`);

/** Declares the tensors and loads their descriptors. */
export const PROLOGUE = `
 .section .ddr.data, "aw"
 .balign 64
far:
${words(1024, 1)}
raw_bytes:
${words(256, 2)}
raw3_bytes:
${words(2304, 3)}
far_wave_bytes:
${words(64, 4)}
 .section .dm.data, "aw"
 .balign 64
maps:
${words(MAPS * MAP_BYTES, 5)}
 .balign 64
waves:
${words(128, 6)}
lookup:
${words(256, 7)}
index_values: .half 3, 0, 2, 1
 .section .text
${declare("m", MAPS, "maps", 4, 0)}
${declare("top", MAPS, "maps", 2, 0)}
${declare("low", 3, "maps", 2, HALF_BYTES)}
${declare("d", FAR_MAPS, "far", 4, 0)}
 .tensor raw, int8, 16, 1, 1, 16, at=raw_bytes
 .tensor raw3, int8, 16, 3, 3, 16, at=raw3_bytes
 .tensor weights, int8, 16, 1, 1, 16, layout=blocked, in=wm, table=table.base
 .tensor weights3, int8, 16, 3, 3, 16, layout=blocked, in=wm, table=table.base
 .tensor table, int32, 1, 1, 1, 64, in=wm
 .tensor sums, int32, 1, 4, 4, 16, in=dm
 .tensor v0, int16, 1, 1, 16, 2, at=waves
 .tensor v1, int16, 1, 1, 16, 2, at=waves + 64
 .tensor far_wave, int16, 1, 1, 16, 2, at=far_wave_bytes
 .tensor pooled, int8, 1, 1, 1, 16, in=dm, table=table.base
 .tensor pixels, int8, 1, 4, 4, 1, in=dm
 .tensor tile, uint8, 1, 1, 1, 512, in=ddr
 .tensor index, int16, 1, 1, 1, 4, at=index_values
 .tensor planes, int8, 1, 4, 4, 16, layout=nchw, in=ddr
_start:
 la s0, maps
 la s1, far
 li a0, table.base
 li a1, 0x40000000
 li a2, 33
 li a3, 16
1: sw a3, 0(a0)
 sw a1, 4(a0)
 sw a2, 8(a0)
 addi a0, a0, 16
 addi a3, a3, -1
 bnez a3, 1b
 la a0, lookup
 vu.set table, a0
 li a0, 1
 nu.set pool, a0
 nu.window 3, 3, 1, 1
 nu.pad 1, 1, 1, 1
${load(0, [...named("m", MAPS), ...named("top", MAPS), ...named("d", FAR_MAPS)])}
${load(29, named("low", 3))}
${load(16, ["raw", "raw3", "weights", "weights3", "sums", "v0", "v1", "far_wave", "pooled", "pixels", "tile", "index", "planes"])}
 dma.ldw td18, td16, ch0
 dma.ldw td19, td17, ch0
 dma.stz td26, td0, ch0
 nn.fence dma0
`;

export interface RandomOperation extends Access {
  /** The unit's last instruction is its last issue. */
  readonly lines: readonly string[];
}

/** Maps of one shape. */
function same(random: RandomNumbers): () => View {
  const pool = random.below(3) > 0 ? FULL : HALVES;
  return () => random.pick(pool);
}

const operation = (unit: string, text: string, out: View, ...inputs: View[]): RandomOperation => ({
  unit,
  reads: inputs.map(({ range }) => range),
  writes: [out.range],
  lines: [text],
});

const issue = (unit: string, mnemonic: string, out: View, ...inputs: View[]): RandomOperation =>
  operation(unit, `${mnemonic} ${[out, ...inputs].map(({ td }) => td).join(", ")}`, out, ...inputs);

function neural(random: RandomNumbers): RandomOperation {
  const map = same(random);
  switch (random.below(8)) {
    case 0:
      return issue("nu", "nu.pwconv", map(), map(), WEIGHTS);
    case 1:
      return issue("nu", "nu.conv", map(), map(), WEIGHTS3);
    case 2:
      return issue("nu", "nu.pwconv", SUMS, random.pick(FULL), WEIGHTS);
    case 3:
      return issue("nu", random.pick(["nu.maxpool", "nu.avgpool"]), map(), map());
    case 4:
      return issue("nu", "nu.gmaxpool", POOLED, map());
    case 5: {
      // One conversation with the accumulators: nothing of the unit may come between.
      const [out, input] = [map(), map()];
      const lines = [
        `nu.accz ${out.td}`,
        `nu.accconv ${out.td}, ${input.td}, ${WEIGHTS3.td}`,
        `nu.accst ${out.td}, ${WEIGHTS.td}`,
      ];
      return { unit: "nu", reads: [input.range, WEIGHTS3.range], writes: [out.range], lines };
    }
    default:
      return issue("nu", random.pick(["nu.add", "nu.sub", "nu.mul"]), map(), map(), map());
  }
}

function vector(random: RandomNumbers): RandomOperation {
  const map = same(random);
  switch (random.below(6)) {
    case 0: {
      const lookup = issue("vu", "vu.lookup", map(), map());
      return { ...lookup, reads: [...lookup.reads, LOOKUP] };
    }
    case 1:
      return issue("vu", random.pick(["vu.sum", "vu.rmax", "vu.mean"]), PIXELS, random.pick(FULL));
    case 2:
      return issue("vu", "vu.nearest", random.pick([...FULL, ...HALVES]), random.pick([...FULL, ...HALVES]));
    case 3:
      return issue("vu", random.pick(["vu.copy", "vu.relu", "vu.neg", "vu.softmax", "vu.transpose"]), map(), map());
    default:
      return issue("vu", random.pick(["vu.add", "vu.sub", "vu.mul", "vu.min", "vu.gt", "vu.sel"]), map(), map(), map());
  }
}

function extension(random: RandomNumbers): RandomOperation {
  if (random.below(2) === 0) {
    const [out, input] = [random.pick(WAVES), random.pick(WAVES)];
    return operation("xu", `xu.run fft, ${out.td}, ${input.td}`, out, input);
  }
  const [out, input] = [random.pick([...FULL, ...HALVES]), random.pick([...FULL, ...HALVES])];
  return operation("xu", `xu.run resize, ${out.td}, ${input.td}`, out, input);
}

function transfer(random: RandomNumbers): RandomOperation {
  const channel = random.below(2);
  const move = (mnemonic: string, out: View, ...inputs: View[]): RandomOperation => {
    const operands = [out, ...inputs].map(({ td }) => td).join(", ");
    return operation(`dma${channel}`, `dma.${mnemonic} ${operands}, ch${channel}`, out, ...inputs);
  };
  const [map, far] = [random.pick(FULL), random.pick(FAR)];
  switch (random.below(11)) {
    case 0: {
      const out = random.pick([...FULL, ...HALVES, ...FAR]);
      return operation(`dma${channel}`, `dma.fill ${out.td}, t1, ch${channel}`, out);
    }
    case 1:
      return move("copy", random.pick(FULL), map);
    case 2:
      return move("gather", map, far, INDEX);
    case 3:
      return move("stz", TILE, map);
    case 4:
      return move("ldz", map, TILE);
    case 5:
      return random.below(2) === 0 ? move("trans", PLANES, map) : move("trans", map, PLANES);
    case 6:
      return random.below(3) > 0 ? move("ldw", WEIGHTS, RAW) : move("ldw", WEIGHTS3, RAW3);
    case 7:
      return random.below(2) === 0
        ? move("ld", random.pick(WAVES), FAR_WAVE)
        : move("st", FAR_WAVE, random.pick(WAVES));
    case 8:
      return move("st", far, map);
    default:
      return move("ld", map, far);
  }
}

export function randomOperation(random: RandomNumbers): RandomOperation {
  return random.pick([neural, vector, extension, transfer, transfer])(random);
}

/** A load or store of the CU in the maps. */
export function randomAccess(random: RandomNumbers): { access: Access; line: string } {
  const [area, base, maps] = random.pick([
    ["maps", "s0", MAPS],
    ["maps", "s0", MAPS],
    ["far", "s1", FAR_MAPS],
  ] as const);
  const bytes = random.pick([1, 2, 4]);
  const from = random.below((maps * MAP_BYTES) / bytes) * bytes;
  const range = { area, from, to: from + bytes };
  const size = { 1: "b", 2: "h", 4: "w" }[bytes]!;
  const register = random.pick(["t1", "t2", "t3", "t4"]);
  const isLoad = random.below(2) === 0;
  const unsigned = isLoad && bytes < 4 && random.below(2) === 0 ? "u" : "";
  return {
    access: { unit: "cu", reads: isLoad ? [range] : [], writes: isLoad ? [] : [range] },
    line: `${isLoad ? "l" : "s"}${size}${unsigned} ${register}, ${from}(${base})`,
  };
}
