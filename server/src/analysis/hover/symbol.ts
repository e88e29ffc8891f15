/** Hover over symbols: labels, constants, tensors and their fields, macros. */
import type { AsmMacro, AsmSymbol } from "@nnasm/sim-core/asm";
import type { ProgramTensor } from "@nnasm/sim-core/program";
import { allRadixes, byteCount, hexWord } from "../numbers.ts";
import { memoryPlace } from "../places.ts";
import { indexOf } from "../program-index.ts";
import type { Snapshot } from "../snapshot.ts";
import { fence } from "./instruction.ts";

const KINDS: Readonly<Record<AsmSymbol["kind"], string>> = {
  label: "label",
  local: "local label",
  equ: "constant",
  tensor: "tensor",
  field: "field of a tensor",
  common: "common storage",
  external: "not defined in this program",
};

const address = (snapshot: Snapshot, value: number): string => {
  const place = memoryPlace(snapshot, value);
  return `\`${hexWord(value)}\`${place && ` (${place})`}`;
};

/** Markdown for a symbol. */
export function symbolHover(snapshot: Snapshot, symbol: AsmSymbol): string {
  const attributes = [
    symbol.kind === "label" && symbol.type ? symbol.type : KINDS[symbol.kind],
    symbol.weak ? "weak" : symbol.global ? "global" : "",
    symbol.section === undefined ? "" : `in \`${symbol.section}\``,
  ].filter((text) => text !== "");
  const parts = [`**${shownName(symbol)}**: ${attributes.join(", ")}`];
  if (symbol.tensor) parts.push(tensorText(snapshot, symbol.tensor));
  else if (symbol.value !== undefined) parts.push(valueText(snapshot, symbol));
  if (symbol.documentation) parts.push(symbol.documentation);
  return parts.join("\n\n");
}

/** Numeric labels are numbered inside of the assembler. */
function shownName({ name, kind }: AsmSymbol): string {
  return kind === "local" ? name.replace(/@.*$/s, "") : name;
}

function valueText(snapshot: Snapshot, { value = 0, section, bytes }: AsmSymbol): string {
  if (section === undefined) return `\`${allRadixes(value)}\``;
  return `at ${address(snapshot, value)}${bytes ? `, ${byteCount(bytes)}` : ""}`;
}

/** A tensor's shape, type and place. */
function tensorText(snapshot: Snapshot, tensor: ProgramTensor): string {
  const { dtype, layout, dims, strides, base, zeroPoint, scale, table } = tensor;
  const bytes = indexOf(snapshot.assembly).symbol(`${tensor.name}.bytes`)?.value;
  const rows: [string, string][] = [
    ["type", `${dtype}, ${layout}`],
    ["shape", `n ${dims[0]}, h ${dims[1]}, w ${dims[2]}, c ${dims[3]}`],
    ["strides", `n ${strides[0]}, h ${strides[1]}, w ${strides[2]}, c ${strides[3]} bytes`],
  ];
  if (bytes !== undefined) rows.push(["size", byteCount(bytes)]);
  rows.push(["elements", base === 0 ? "place set at run time" : `at ${address(snapshot, base)}`]);
  rows.push(["descriptor", `at ${address(snapshot, tensor.descriptorAddress)}`]);
  rows.push(["zero point", `${zeroPoint}${scale === 0 ? "" : `, scale ${scale}`}`]);
  if (table !== 0) rows.push(["table", `at ${address(snapshot, table)}`]);
  return ["| | |", "| - | - |", ...rows.map(([key, value]) => `| ${key} | ${value} |`)].join("\n");
}

/** Markdown for a macro. */
export function macroHover({ name, parameters, documentation }: AsmMacro): string {
  const parts = [`**${name}**: macro`, fence([`.macro ${name} ${parameters}`.trim()])];
  if (documentation) parts.push(documentation);
  return parts.join("\n\n");
}
