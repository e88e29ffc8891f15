/** What a user writes to add an accelerator: one value of type Accelerator each. Tests put these two into the list. */
import { checkFeatureMap, DTYPE, MachineFault, readElements, writeElements } from "../machine/index.ts";
import type { Accelerator } from "../units/xu/accelerator.ts";

/** out = in xor in2. */
export const XOR: Accelerator = {
  name: "xor",
  number: 30,
  ident: "XOR1",
  form: "run2",
  registers: [],
  check({ out, input, second }, memories) {
    for (const t of [out, input, second!]) checkFeatureMap(t, "tensor", [DTYPE.uint8], "the accelerator", memories);
  },
  cycles: ({ out }) => out.c,
  execute({ out, input, second }, memories) {
    const other = readElements(second!, memories);
    writeElements(
      out,
      memories,
      readElements(input, memories).map((value, i) => value ^ other[i]!),
    );
  },
};

/** out = in + number + register 0; finds the value 99 late. */
export const SHIFTED: Accelerator = {
  name: "shifted",
  number: 31,
  ident: "ADD1",
  form: "runx",
  registers: [{ name: "bias", reset: -3, min: -100, max: 100, text: "added to every element" }],
  check({ input }, memories) {
    checkFeatureMap(input, "input", [DTYPE.uint8], "the accelerator", memories);
  },
  cycles: () => 0,
  execute({ out, input, scalar, registers }, memories) {
    const values = readElements(input, memories);
    if (values.includes(99)) throw new MachineFault("shape", input.base, "99 is not allowed");
    writeElements(
      out,
      memories,
      values.map((value) => value + scalar + registers[0]!),
    );
  },
};
