/** Which section a line belongs to, and what a section holds. */
import { type Assembly, type ParsedFile, type Statement, stringText } from "@nnasm/sim-core/asm";
import type { Snapshot } from "./snapshot.ts";

const PLAIN: ReadonlySet<string> = new Set([".text", ".data", ".bss", ".rodata"]);

/** The section that a directive switches to: a name, `pop` for back to the one before, or undefined. */
function switchOf({ form, name, operands }: Statement): { to: string; executable?: boolean } | "pop" | undefined {
  if (form !== "directive" || !name) return undefined;
  if (PLAIN.has(name.name)) return { to: name.name };
  if (name.name === ".popsection" || name.name === ".previous") return "pop";
  if (name.name !== ".section" && name.name !== ".pushsection") return undefined;
  const [first, flags] = operands;
  const to = first?.kind === "name" ? first.name : first?.kind === "string" ? stringText(first.text) : undefined;
  if (to === undefined) return undefined;
  return flags?.kind === "string" ? { to, executable: flags.text.includes("x") } : { to };
}

/** Whether instructions may stand in a section of this name when its flags are not given. */
const isCodeName = (name: string): boolean => name === ".text" || name.startsWith(".text.");

/** Whether the section in force in front of a line takes instructions; read from the text, whatever `.if` says. */
export function isCodeAt(snapshot: Snapshot, file: ParsedFile, lineNumber: number, depth = 0): boolean {
  const stack: (boolean | undefined)[] = [];
  // Undefined is what was in force where the file begins.
  let current: boolean | undefined;
  for (const [index, line] of file.lines.entries()) {
    if (file.firstLines[index]! >= lineNumber) break;
    for (const statement of line.statements) {
      const change = switchOf(statement);
      if (change === undefined) continue;
      if (change === "pop") {
        current = stack.pop();
      } else {
        stack.push(current);
        current = change.executable ?? isCodeName(change.to);
      }
    }
  }
  if (current !== undefined) return current;
  // Nothing says so in this file: it goes on where it is included.
  const edge = snapshot.assembly.includes.find(({ to, from }) => to === file.name && from !== file.name);
  const parent = edge && snapshot.assembly.files.find(({ name }) => name === edge.from);
  return edge && parent && depth < 64 ? isCodeAt(snapshot, parent, edge.range.start.line, depth + 1) : true;
}

const codeSections = new WeakMap<Assembly, ReadonlySet<string>>();

/** Names of the sections that hold instructions. */
export function sectionsWithCode(assembly: Assembly): ReadonlySet<string> {
  let names = codeSections.get(assembly);
  if (!names) {
    names = new Set([".text", ...assembly.codeSections]);
    codeSections.set(assembly, names);
  }
  return names;
}
