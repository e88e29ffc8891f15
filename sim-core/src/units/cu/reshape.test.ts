import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EXIT, machineOf, runToEnd } from "../../testing/index.ts";

const dimension = fc.integer({ min: 1, max: 6 });
const shape = fc.tuple(dimension, dimension, dimension, dimension);

/** Runs td.reshape of a dense int16 tensor; gives the new descriptor's words or the fault's message. */
function reshaped(from: readonly number[], to: readonly number[], layout: string, more = ""): number[] | string {
  const machine = machineOf(`
 .tensor a, int16, ${from.join(", ")}, layout=${layout}, at=0x10000100, zp=3
 .text
 td.ld td0, a
 li t0, ${to[0]}
 li t1, ${to[3]}
 td.nc td1, t0, t1
 li t0, ${to[1]}
 li t1, ${to[2]}
 td.hw td1, t0, t1
 ${more}
 td.reshape td1, td0
 ${EXIT}`);
  if (runToEnd(machine).reason !== "exit") return machine.cu.fault!.message;
  return [...machine.state.descriptors.subarray(16, 32)];
}

describe("td.reshape", () => {
  it("keeps base, type and zero point, and counts elements in the order of the layout", () => {
    const layouts = fc.constantFrom("nhwc", "nchw");
    fc.assert(
      fc.property(shape, shape, fc.integer({ min: 0, max: 4 }), layouts, (a, b, open, layout) => {
        // The wanted shape is a's elements dealt out anew: b's dimensions as far as they divide what is left.
        const count = a.reduce((x, y) => x * y, 1);
        let left = count;
        const to = b.map((size, axis) => {
          const taken = axis === 3 ? left : left % size === 0 ? size : 1;
          left /= taken;
          return taken;
        });
        const given = to.map((size, axis) => (axis === open ? 0 : size));
        const [n, h, w, c] = to as [number, number, number, number];
        const strides = layout === "nhwc" ? [h * w * c, w * c, c, 1] : [c * h * w, w, 1, h * w];
        const type = 2 | (layout === "nchw" ? 0x100 : 0);
        const bytes = strides.map((stride) => stride * 2);
        expect(reshaped(a, given, layout).slice(0, 11)).toEqual([0x10000100, n, h, w, c, ...bytes, type, 3]);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    [[1, 4, 4, 4], [1, 5, 4, 4], "", "the shape 1x5x4x4 doesn't hold the 64 elements of 1x4x4x4"],
    [[1, 4, 4, 4], [0, 5, 4, 4], "", "the shape 0x5x4x4 doesn't hold"],
    [[1, 4, 4, 4], [0, 0, 4, 4], "", "the shape 0x0x4x4 doesn't hold"],
    [[1, 4, 4, 4], [1, 1, 1, 64], "li t0, 100\n td.set td0, sh, t0", "td.reshape takes a dense tensor"],
    [[1, 1, 1, 64], [1, 1, 2, 32], "td.type td0, int4, nhwc\n td.pack td0", "elements below a byte keep"],
    [[1, 1, 1, 64], [1, 1, 2, 32], "td.type td0, int16, blocked", "doesn't take the blocked layout"],
  ])("%j to %j, %s: %s", (from, to, more, message) => {
    expect(reshaped(from, to, "nhwc", more)).toContain(message);
  });
});
