/** What a comparison of layers says to people. */
import { LineIndex, type Program } from "@nnasm/sim-core/program";
import type { Colors } from "../io.ts";
import { count } from "../text.ts";
import type { LayerComparison } from "./compare.ts";

export function comparisonText(comparison: LayerComparison, program: Program, colors: Colors): string {
  const { compared, diverging, missing, first, folder } = comparison;
  const lines: string[] = [];
  if (first) {
    const { layer, occurrence, tensor, element, value, golden, cycle, pc, mnemonic, differing, elements } = first;
    const place = new LineIndex(program).placeOf(pc);
    const where = place ? `${place.file}:${place.line}` : `0x${pc.toString(16).padStart(8, "0")}`;
    const time = occurrence === 0 ? "" : ` (time ${occurrence + 1})`;
    lines.push(
      `nnasm: ${colors.red("error")}: layer ${layer}${time}, tensor ${tensor}: element [${element.join(", ")}] is ${value}, ${first.file} has ${golden}`,
      `  written in cycle ${count(cycle)} by ${mnemonic} (${where}); ${count(differing)} of ${count(elements)} elements differ, by ${first.largest} at most`,
    );
  }
  if (missing.length > 0) {
    const few = missing.slice(0, 3).join(", ");
    const more = missing.length > 3 ? `, and ${missing.length - 3} more` : "";
    lines.push(`nnasm: ${colors.yellow("warning")}: ${folder} has nothing to compare with for ${few}${more}`);
  }
  const verdict = compared === 0 ? "no layer was compared" : `${diverging} of ${compared} layer outputs differ`;
  lines.push(comparison.agrees ? colors.dim(`${compared} layer outputs agree with ${folder}`) : verdict);
  return `${lines.join("\n")}\n`;
}
