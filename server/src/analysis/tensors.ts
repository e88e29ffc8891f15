/** Tensors: their names and their shapes. */
import type { Assembly } from "@nnasm/sim-core/asm";
import type { ProgramTensor } from "@nnasm/sim-core/program";

/** A tensor's type and shape: `int8 1x28x28x1`. */
export function shapeText({ dtype, dims }: Pick<ProgramTensor, "dtype" | "dims">): string {
  return `${dtype} ${dims.join("x")}`;
}

/** The tensor that a symbol is, or whose field it is (`input.bytes`). */
export function tensorOf({ symbols }: Assembly, name: string): string | undefined {
  const kind = symbols.get(name)?.kind;
  if (kind === "tensor") return name;
  const owner = name.slice(0, Math.max(0, name.lastIndexOf(".")));
  return kind === "field" && symbols.get(owner)?.kind === "tensor" ? owner : undefined;
}

/** A name and, where it is a tensor's, those of its fields. */
export function withFields({ symbols }: Assembly, name: string): string[] {
  if (symbols.get(name)?.kind !== "tensor") return [name];
  const names = [name];
  for (const { name: field, kind } of symbols.values()) {
    if (kind === "field" && field.startsWith(`${name}.`) && !field.includes(".", name.length + 1)) names.push(field);
  }
  return names;
}
