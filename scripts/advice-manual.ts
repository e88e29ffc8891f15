/** The tables of docs/advice.md that are measured and listed, between their markers; the words around them are written by hand. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { LAYER_METRICS, RULES, RUN_METRICS, type Rule } from "@nnasm/sim-core/advice";
import { ABOUT_ADVICE, runShow } from "../test/advice/shows.ts";

const FILE = "docs/advice.md";
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

const number = (value: number): string => value.toLocaleString("en-US");

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const thresholdsOf = ({ thresholds }: Rule): string =>
  Object.values(thresholds)
    .map(({ text, value, unit }) => `${text}: ${value} ${unit}`)
    .join("; ");

function rulesTable(): string[] {
  return [
    "| rule | what it finds, and why that costs | threshold |",
    "| --- | --- | --- |",
    ...RULES.map((rule) => `| \`${rule.id}\` | ${capitalised(rule.title)}. ${rule.why} | ${thresholdsOf(rule)} |`),
  ];
}

function showsTable(): string[] {
  const rows = RULES.map((rule) => {
    const { bad, good, saved, estimated } = runShow(rule);
    const link = `[\`${rule.id}\`](../test-fixtures/advice/${rule.id}/bad.nnasm)`;
    const cycles = [bad.profile.cycles, good.profile.cycles].map(number);
    // What isn't about cycles saves none.
    if (ABOUT_ADVICE.includes(rule.id)) return `| ${link} | ${cycles.join(" | ")} | - | - | - |`;
    const cells = [...cycles, number(saved), number(estimated)];
    return `| ${link} | ${cells.join(" | ")} | ${(estimated / saved).toFixed(2)} |`;
  });
  return [
    "| rule | bad, cycles | repaired | saved | estimated | estimated / saved |",
    "| --- | ---: | ---: | ---: | ---: | ---: |",
    ...rows,
  ];
}

function metricsList(): string[] {
  return [
    `- ${LAYER_METRICS.map((name) => `\`${name}\``).join(", ")}`,
    `- ${RUN_METRICS.map((name) => `\`${name}\``).join(", ")}`,
  ];
}

/** @throws Error when a marker is missing */
function replaced(text: string, name: string, lines: readonly string[]): string {
  const [begin, end] = [`<!-- generated: ${name} -->`, `<!-- end: ${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${FILE} has no place for ${name}: ${begin} ... ${end}`);
  return `${text.slice(0, from + begin.length)}\n${lines.join("\n")}\n${text.slice(to)}`;
}

/** The page as it should be, by its path. */
export function adviceManual(): ReadonlyMap<string, string> {
  let text = readFileSync(path.join(root, FILE), "utf8");
  text = replaced(text, "rules", rulesTable());
  text = replaced(text, "shows", showsTable());
  text = replaced(text, "metrics", metricsList());
  return new Map([[FILE, text]]);
}
