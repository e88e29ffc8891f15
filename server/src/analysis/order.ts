/** Which of two places the assembler reaches first, through includes. */
import type { Assembly } from "@nnasm/sim-core/asm";

type Chain = readonly number[];

const chains = new WeakMap<Assembly, ReadonlyMap<string, Chain>>();

/** For every file the lines of the include directives that lead to it, from the entry on. */
function chainsOf(assembly: Assembly): ReadonlyMap<string, Chain> {
  let found = chains.get(assembly);
  if (!found) {
    const map = new Map<string, Chain>();
    const entry = assembly.files[0]?.name;
    if (entry !== undefined) map.set(entry, []);
    // Edges come in the order in which the directives are reached, so an includer's chain is known before its includes.
    for (const { from, to, range } of assembly.includes) {
      const chain = map.get(from);
      if (chain && !map.has(to)) map.set(to, [...chain, range.start.line]);
    }
    found = map;
    chains.set(assembly, found);
  }
  return found;
}

/** Whether the assembler reaches line `a` before line `b`; false when it reaches one of the files not at all. */
export function isBefore(
  assembly: Assembly,
  a: { readonly file: string; readonly line: number },
  b: { readonly file: string; readonly line: number },
): boolean {
  const first = chainsOf(assembly).get(a.file);
  const second = chainsOf(assembly).get(b.file);
  if (!first || !second) return a.file === b.file && a.line < b.line;
  const left = [...first, a.line];
  const right = [...second, b.line];
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    if (left[index] !== right[index]) return left[index]! < right[index]!;
  }
  return left.length < right.length;
}
