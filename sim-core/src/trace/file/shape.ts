/** What a trace file holds as JSON, as far as its readers rely on it. */
import type { Shape } from "../../diagnostics/index.ts";

/** What readers of a trace rely on in its header; the numbers themselves are the writer's. */
export const HEADER_SHAPE: Shape = {
  producer: "string",
  name: "string",
  config: {
    clockMHz: "number",
    cu: { divideCycles: "number" },
    nu: {},
    vu: {},
    xu: {},
    dma: {},
    dm: { banks: "number", bankBytes: "number" },
    ddr: { burstBytes: "number", bytesPerCycle: "number" },
  },
  units: ["string"],
  causes: ["string"],
  program: {
    entry: "number",
    files: ["string"],
    lines: [{ address: "number", file: "number", line: "number", column: "number", code: "boolean" }],
    inlined: [{ name: "string", kind: "string", parent: "number", low: "number", high: "number" }],
    symbols: [{ name: "string", address: "number", bytes: "number", kind: "string", absolute: "boolean" }],
    layers: [{ id: "number", name: "string" }],
    sections: [{ name: "string", address: "number", bytes: "number" }],
  },
  code: [{ address: "number", words: ["number"] }],
  filter: {},
};

/** The same of its end; counts of what was left out that a writer doesn't know are none. */
export const END_SHAPE: Shape = { cycle: "number", retired: "number", dropped: {} };
