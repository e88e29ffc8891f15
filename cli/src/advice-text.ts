/** Advice for the terminal. */
import type { Finding } from "@nnasm/sim-core/advice";
import { boundNumbers, type LayerBound } from "@nnasm/sim-core/profile";
import type { Colors } from "./io.ts";
import { count } from "./text.ts";

const CONFIDENCE: Readonly<Record<Finding["confidence"], string>> = {
  exact: "by the machine's formulas",
  high: "by replaying the run with the edit",
  medium: "without what the edit itself costs",
  low: "at most",
};

const place = ({ places: [first] }: Finding): string =>
  first === undefined
    ? ""
    : first.file === undefined
      ? `0x${first.address.toString(16)}: `
      : `${first.file}:${first.line}: `;

/** One finding: what it saves, where, the numbers, and the edit. */
function findingText(finding: Finding, number: number, colors: Colors): string {
  const { rule, title, message, savedCycles, ofCycles, layer, measured, threshold, edit, confidence } = finding;
  const share = ofCycles === 0 ? "" : ` of ${count(ofCycles)} (${((savedCycles / ofCycles) * 100).toFixed(1)} %)`;
  const whole = layer ? ` in layer ${layer.name}, ${layer.bound}` : "";
  const saves =
    savedCycles === 0
      ? "not about cycles"
      : `saves ${count(savedCycles)} cycles${share}${whole}, ${CONFIDENCE[confidence]}`;
  const numbers = measured.map(({ name, value, unit }) => `${name} ${count(value)}${unit === "" ? "" : ` ${unit}`}`);
  if (threshold) {
    const { text, actual, value, unit } = threshold;
    numbers.push(`${text}: ${count(actual)} ${unit} (threshold ${count(value)} ${unit})`);
  }
  return [
    `${number}. ${place(finding)}${colors.bold(title)} [${rule}]`,
    `   ${saves}`,
    `   ${message}`,
    ...(numbers.length === 0 ? [] : [colors.dim(`   ${numbers.join("; ")}`)]),
    `   edit: ${edit}`,
  ].join("\n");
}

/** @param bound what bounds the run, when that is to be told */
export function adviceText(findings: readonly Finding[], colors: Colors, bound?: LayerBound): string {
  if (findings.length === 0) return "No advice: no rule finds anything that would save 1 % of the run.\n";
  const head = colors.bold("Advice, the largest saving first; savings may overlap and don't add up");
  const runs = bound === undefined ? [] : [`The run is ${bound.text}: ${boundNumbers(bound)}.`];
  return `${[head, ...runs, ...findings.map((finding, index) => findingText(finding, index + 1, colors))].join("\n\n")}\n`;
}
