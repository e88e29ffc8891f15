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

const isList = (shape: Shape): shape is readonly [Shape] => Array.isArray(shape);
