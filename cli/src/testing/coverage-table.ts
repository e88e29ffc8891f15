/** Coverage as tables for people. */
import {
  type Coverage,
  type CoverageSummary,
  type FileCoverage,
  type FormCoverage,
  lineCount,
  type OperandCoverage,
  operandShare,
  type Share,
  summarise,
} from "@nnasm/sim-core/coverage";
import type { Colors } from "../io.ts";
import { alignColumns } from "../table.ts";

const percent = ({ covered, total }: Share): string => (total === 0 ? "-" : `${floor((covered / total) * 100)} %`);
/** Cut, not rounded: 100.0 stands only where nothing is missing. */
const floor = (value: number): string => (Math.floor(value * 10) / 10).toFixed(1);
const COLUMNS = [
  "lines",
  "branches",
  "instructions",
  "functions",
] as const satisfies readonly (keyof CoverageSummary)[];

/** A row for each file and one for all, then the instructions with the classes of operands that were never tried. */
export function coverageTable({ files, forms }: Coverage, colors: Colors, withOperands: boolean): string {
  const row = (name: string, sums: CoverageSummary, missing: string): string[] => [
    name,
    ...COLUMNS.map((column) => percent(sums[column])),
    missing,
  ];
  const rows = [
    ["file", ...COLUMNS, "not covered"],
    ...files.map((file) => row(file.file, summarise([file]), missingText(file))),
    row("all", summarise(files), ""),
  ];
  const [head = "", ...lines] = alignColumns(rows, new Set(COLUMNS.map((_, index) => index + 1)));
  const operands = operandShare(forms);
  const share = `${operands.covered} of ${operands.total} operand classes of ${forms.length} instructions (${percent(operands)})`;
  const table = `${[colors.bold(head), ...lines].join("\n")}\n${share}\n`;
  return withOperands ? `${table}\n${operandTable(forms, colors)}` : table;
}

/** Lines that never ran, as ranges over lines with code, and branches that went only one way. */
function missingText({ lines, branches }: FileCoverage): string {
  const ranges: { from: number; to: number }[] = [];
  let open: { from: number; to: number } | undefined;
  for (const line of lines) {
    if (lineCount(line) > 0) open = undefined;
    else if (open) open.to = line.line;
    else ranges.push((open = { from: line.line, to: line.line }));
  }
  const never = ranges.map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`));
  const oneWay = branches.filter(({ taken, notTaken }) => taken + notTaken > 0 && taken * notTaken === 0);
  const ways = oneWay.map(({ line, taken }) => `${line} ${taken > 0 ? "always" : "never"} taken`);
  return [...never, ...ways].join(", ");
}

function operandTable(forms: readonly FormCoverage[], colors: Colors): string {
  const rows = forms.flatMap(({ mnemonic, count, operands }) =>
    operands.map((operand, index) => [
      index === 0 ? mnemonic : "",
      index === 0 ? String(count) : "",
      operand.name,
      Object.keys(operand.counts).join(", "),
      untried(operand),
    ]),
  );
  const [head = "", ...lines] = alignColumns(
    [["instruction", "ran", "operand", "tried", "not tried"], ...rows],
    new Set([1]),
  );
  return `${[colors.bold(head), ...lines].join("\n")}\n`;
}

const untried = ({ possible, counts }: OperandCoverage): string =>
  possible.filter((name) => !(name in counts)).join(", ");
