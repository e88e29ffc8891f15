/** Joins what a module exports with the instructions that it is for. The host has loaded the module; nothing here does. */
import { nearest } from "../diagnostics/index.ts";
import { type InstructionModule, type InstructionSet, withSemantics } from "../isa/index.ts";

export type Binding = { readonly isa: InstructionSet } | { readonly problems: readonly string[] };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  (typeof value === "object" || typeof value === "function") && value !== null;

/**
 * The instruction set with what its user instructions do, or everything that doesn't fit.
 * @param namespace what `import()` of the module gave
 * @param module name of the module for messages
 */
export function bindModule(isa: InstructionSet, namespace: unknown, module: string): Binding {
  const exported = isObject(namespace) ? namespace.default : undefined;
  if (!isObject(exported)) {
    return { problems: [`${module} has no default export: export an object with one entry for each instruction`] };
  }
  const rows = isa.instructions.filter(({ row }) => row.user !== undefined);
  const problems = rows.flatMap(({ mnemonic, row }) => {
    const entry = Object.hasOwn(exported, mnemonic) ? exported[mnemonic] : undefined;
    const missing = missingFunctions(entry, row.unit === "xu" ? ["cycles", "execute"] : ["execute"], ["check"]);
    return missing.map((problem) => `${module}: ${mnemonic} ${problem}`);
  });
  const names = rows.map(({ mnemonic }) => mnemonic);
  for (const name of Object.keys(exported).filter((key) => !names.includes(key))) {
    const near = nearest(name, names);
    const hint = near === undefined ? "" : `; did you mean ${near}?`;
    problems.push(`${module}: ${name} is no instruction of the instruction file${hint}`);
  }
  if (problems.length > 0) return { problems };
  return { isa: withSemantics(isa, { module, instructions: exported as InstructionModule }) };
}

function missingFunctions(entry: unknown, needed: readonly string[], optional: readonly string[]): string[] {
  if (!isObject(entry)) return [`is missing: it needs an object with ${needed.join(" and ")}`];
  const wrong = needed.filter((name) => typeof entry[name] !== "function").map((name) => `has no function ${name}`);
  const odd = optional.filter((name) => entry[name] !== undefined && typeof entry[name] !== "function");
  return [...wrong, ...odd.map((name) => `has a ${name} that is no function`)];
}
