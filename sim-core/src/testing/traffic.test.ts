import { expect, it } from "vitest";
import { DM_BASE } from "../config/index.ts";
import { DTYPE } from "../machine/index.ts";
import { BYTES, COUNT, NO_PATTERN, PATTERN, ROWS, SEGMENT, STRIDE } from "../units/dm/traffic.ts";
import { tensor } from "./tensors.ts";
import { widestBeat } from "./traffic.ts";

it("the widest of more beats than a call takes arguments is found", () => {
  const beats = 200_000;
  const lane = new Int32Array(SEGMENT);
  for (const [field, value] of [
    [ROWS, 1],
    [COUNT, beats],
    [STRIDE, 4],
    [BYTES, 3],
    [PATTERN, NO_PATTERN],
  ] as const)
    lane[field] = value;
  const traffic = { beats, lanes: [lane], readLanes: 1, patterns: [] };
  expect(widestBeat(traffic, tensor(DM_BASE, [1, 1, 1, 4 * beats], DTYPE.int8))).toBe(3);
});
