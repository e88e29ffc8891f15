/** The bare int8 matrix product that convolutions of the simulator are compared with. */
import { readFileSync } from "node:fs";
import wabt from "wabt";

export interface GemmShape {
  /** Rows of a and of the result: a multiple of 4. */
  readonly m: number;
  /** Columns of b and of the result: a multiple of 8. */
  readonly n: number;
  /** A multiple of 16. */
  readonly k: number;
}

export interface Gemm {
  /** Loads b, k x n row by row, and brings it into the kernel's order: done once, as weights are. */
  setWeights(b: Int8Array): void;
  /** Multiplies a, m x k row by row. The result is the kernel's memory: valid until the next call. */
  multiply(a: Int8Array): Int32Array;
}

interface Kernel {
  readonly memory: WebAssembly.Memory;
  widen(source: number, target: number, count: number): void;
  multiply(a: number, b: number, c: number, m: number, n: number, k: number): void;
}

const WASM_PAGE_BYTES = 65536;

async function instantiate(): Promise<Kernel> {
  const { parseWat } = await wabt();
  const text = readFileSync(new URL("gemm.wat", import.meta.url), "utf8");
  const module = parseWat("gemm.wat", text, { simd: true });
  const { buffer } = module.toBinary({});
  module.destroy();
  const { instance } = await WebAssembly.instantiate(new Uint8Array(buffer), {});
  return instance.exports as unknown as Kernel;
}

export async function createGemm({ m, n, k }: GemmShape): Promise<Gemm> {
  if (m % 4 !== 0 || n % 8 !== 0 || k % 16 !== 0) throw new RangeError(`no kernel for ${m} x ${n} x ${k}`);
  const kernel = await instantiate();
  const aBytes = 0;
  const aWords = aBytes + m * k;
  const bWords = aWords + 2 * m * k;
  const c = bWords + 2 * k * n;
  const end = c + 4 * m * n;
  kernel.memory.grow(Math.ceil(end / WASM_PAGE_BYTES));
  const { buffer } = kernel.memory;
  const input = new Int8Array(buffer, aBytes, m * k);
  const packed = new Int16Array(buffer, bWords, k * n);
  const result = new Int32Array(buffer, c, m * n);
  return {
    setWeights: (b) => {
      let at = 0;
      for (let column = 0; column < n; column += 8) {
        for (let row = 0; row < k; row += 2) {
          for (let i = 0; i < 8; i++) {
            packed[at++] = b[row * n + column + i]!;
            packed[at++] = b[(row + 1) * n + column + i]!;
          }
        }
      }
    },
    multiply: (a) => {
      input.set(a);
      kernel.widen(aBytes, aWords, m * k);
      kernel.multiply(aWords, bWords, c, m, n, k);
      return result;
    },
  };
}

/** The same product in plain JavaScript: what the kernel is checked with. */
export function plainMultiply(a: Int8Array, b: Int8Array, { m, n, k }: GemmShape): Int32Array {
  const c = new Int32Array(m * n);
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < n; column++) {
      let sum = 0;
      for (let i = 0; i < k; i++) sum += a[row * k + i]! * b[i * n + column]!;
      c[row * n + column] = sum;
    }
  }
  return c;
}
