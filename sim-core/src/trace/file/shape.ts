/** Whether what JSON holds has the shape that a reader relies on: a damaged file is told about, and fails nowhere later. */

/** A type as data: names of primitive types, a list of one shape, or an object with at least these keys. */
export type Shape = "number" | "string" | "boolean" | readonly [Shape] | { readonly [key: string]: Shape };

/** @returns where the value has another shape, such as `program.lines[3].address is no number`; undefined when it fits */
export function misshapen(value: unknown, shape: Shape, at = ""): string | undefined {
  if (typeof shape === "string") return typeof value === shape ? undefined : `${at} is no ${shape}`;
  if (isList(shape)) {
    if (!Array.isArray(value)) return `${at} is no list`;
    for (const [index, one] of value.entries()) {
      const problem = misshapen(one, shape[0], `${at}[${index}]`);
      if (problem) return problem;
    }
    return undefined;
  }
  if (typeof value !== "object" || value === null) return `${at || "it"} is no object`;
  for (const [key, inner] of Object.entries(shape)) {
    const problem = misshapen((value as Record<string, unknown>)[key], inner, at ? `${at}.${key}` : key);
    if (problem) return problem;
  }
  return undefined;
}

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

const isList = (shape: Shape): shape is readonly [Shape] => Array.isArray(shape);
