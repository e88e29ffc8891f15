/** Files that NumPy itself has written. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { readNpy } from "../../src/runtime/tensor/npy.ts";

/** @param expression a Python expression of a NumPy array */
function saved(expression: string): Uint8Array {
  const script = `import numpy, sys\nnumpy.lib.format.write_array(sys.stdout.buffer, ${expression})`;
  const { stdout, stderr } = spawnSync("python3", ["-c", script]);
  if (stdout.length === 0) throw new Error(String(stderr));
  return stdout;
}

const hasNumpy = spawnSync("python3", ["-c", "import numpy"]).status === 0;

test.runIf(hasNumpy)("numbers of every kind, in C order", () => {
  for (const type of ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "float32", "float64", ">i2"]) {
    const file = readNpy("a.npy", saved(`numpy.arange(24).reshape(2, 3, 4).astype('${type}')`));
    expect(file.shape).toEqual([2, 3, 4]);
    expect([...Array.from(file.values)]).toEqual(Array.from({ length: 24 }, (_, at) => at));
    expect(file.isReal).toBe(type.startsWith("float"));
  }
  expect(Array.from(readNpy("a.npy", saved("numpy.array([-1.5, 2.25])")).values)).toEqual([-1.5, 2.25]);
  expect(readNpy("a.npy", saved("numpy.int8(7) * numpy.ones((), 'int8')")).shape).toEqual([]);
});

test.runIf(hasNumpy)("what can't be used says why", () => {
  const refused = (expression: string) => () => readNpy("a.npy", saved(expression));
  expect(refused("numpy.asfortranarray(numpy.zeros((3, 4)))")).toThrow(/Fortran order.*ascontiguousarray/);
  expect(refused("numpy.zeros(3, dtype=complex)")).toThrow(/no plain numbers/);
  expect(refused("numpy.zeros(3, dtype=[('a', 'i4')])")).toThrow(/no plain numbers/);
  const whole = saved("numpy.zeros(9, 'int16')");
  expect(() => readNpy("a.npy", whole.subarray(0, -1))).toThrow("holds 17 bytes of data, its header says 18");
});

test("bytes that are no .npy file are refused", () => {
  expect(() => readNpy("a.npy", new Uint8Array(100))).toThrow("a.npy is no .npy file");
  expect(() => readNpy("a.npy", new Uint8Array())).toThrow("a.npy is no .npy file");
});
