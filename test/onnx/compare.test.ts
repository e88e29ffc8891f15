import { describe, expect, it } from "vitest";
import { compare } from "./compare.ts";
import type { OnnxTensor } from "./dataset.ts";

const floats = (...data: number[]): OnnxTensor => ({ name: "y", type: "float", shape: [data.length], data });
const integers = (...data: number[]): OnnxTensor => ({ name: "y", type: "int32", shape: [data.length], data });
const SCHEME = { dtype: "int8", scale: 0.5, zeroPoint: 10 } as const;
const real = { kind: "real", scheme: SCHEME, slack: 0 } as const;

describe("comparison of results", () => {
  it("takes a real result that is half an LSB away and no more", () => {
    expect(compare([14], real, floats(2), [2.25])).toMatchObject({ errors: [], found: 0.5 });
    expect(compare([15], real, floats(2), [2.24]).errors).toEqual([
      "element 0: 2.5 instead of 2.24, at most 0.25000762939453125 away",
    ]);
    expect(compare([15], { ...real, slack: 0.02 }, floats(2), [2.24]).errors).toEqual([]);
  });

  it("expects saturation where the output's type ends", () => {
    expect(compare([127], real, floats(60), [99]).errors).toEqual([]);
    expect(compare([126], real, floats(60), [99]).errors).toHaveLength(1);
  });

  it("takes nothing for a number that ONNX Runtime doesn't have", () => {
    expect(compare([14], real, floats(2), [Number.NaN]).errors).toHaveLength(1);
  });

  it("counts integers that are an LSB away", () => {
    expect(compare([1, 2, 3], { kind: "lsb" }, integers(1, 3, 3))).toMatchObject({ differing: 1, errors: [] });
    expect(compare([1, 2, 3], { kind: "lsb" }, integers(1, 4, 3)).errors).toEqual(["element 1: 2 instead of 4"]);
    expect(compare([1, 2], { kind: "exact" }, integers(1, 3)).errors).toHaveLength(1);
  });

  it("compares bit patterns, and numbers of elements", () => {
    expect(compare([0x3f800000], { kind: "bits" }, floats(1)).errors).toEqual([]);
    expect(compare([0x3f800001], { kind: "bits" }, floats(1)).errors).toHaveLength(1);
    expect(compare([1], { kind: "exact" }, integers(1, 2)).errors).toEqual(["1 elements instead of 2"]);
  });
});
