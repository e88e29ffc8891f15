/** The bits of an instruction word, field by field. */
import { type FieldName, FORMATS, fieldOf, type Instruction, operandText, type Segment } from "@nnasm/sim-core/isa";

/** A run of bits of a word with one owner. */
export interface BitRun {
  readonly hi: number;
  readonly lo: number;
  /** Field and operand: `funct7`, `rs2 = w`, `imm[4:1|11]`. */
  readonly name: string;
  /** The run's bits, the highest first: constant ones, those of the word, or dots. */
  readonly bits: string;
  /** What the operand is in the word, for example `td2`; empty for constants. */
  readonly meaning: string;
}

/** Register fields keep their field's name beside the operand's, since that is what the RISC-V manuals show. */
const REGISTER_FIELDS: ReadonlySet<string> = new Set(["rd", "rs1", "rs2", "rs3"]);

function part(segment: Segment, width: number, scale: number): string {
  const shift = Math.log2(scale);
  const whole = segment.hi - segment.lo + 1 === width;
  if (whole && shift === 0) return "";
  const lo = segment.at + shift;
  const hi = lo + segment.hi - segment.lo;
  return hi === lo ? `[${hi}]` : `[${hi}:${lo}]`;
}

const bitsOf = (word: number, { hi, lo }: Segment): string =>
  (word >>> lo)
    .toString(2)
    .padStart(32, "0")
    .slice(-(hi - lo + 1));

/**
 * The runs of an instruction's bits from bit 31 down.
 * @param word a word that encodes it, or undefined to show operands as dots
 * @param address of the word, for what depends on it
 * @param symbolize text of a code address
 */
export function bitRuns(
  instruction: Instruction,
  word: number | undefined,
  address = 0,
  symbolize?: (address: number) => string,
): BitRun[] {
  const { row, match } = instruction;
  const runs: BitRun[] = [];
  for (const name of Object.keys(FORMATS[row.format]) as FieldName[]) {
    const field = fieldOf(row.format, name);
    if (!field) continue;
    const operand = row.operands.find((candidate) => candidate.field === name);
    const scale = operand && "scale" in operand ? operand.scale : 1;
    for (const segment of field.segments) {
      const base = operand ? operand.name + part(segment, field.width, scale) : name;
      runs.push({
        hi: segment.hi,
        lo: segment.lo,
        name: operand && REGISTER_FIELDS.has(name) && operand.name !== name ? `${name} = ${base}` : base,
        bits: operand
          ? word === undefined
            ? "·".repeat(segment.hi - segment.lo + 1)
            : bitsOf(word, segment)
          : bitsOf(match, segment),
        meaning:
          operand && word !== undefined
            ? operandText(instruction, operand, word, address, symbolize ? { symbolize } : {})
            : "",
      });
    }
  }
  return runs.sort((a, b) => b.hi - a.hi);
}

/** The runs as a table; with a word the third row says what the bits mean. */
export function bitTable(runs: readonly BitRun[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const range = ({ hi, lo }: BitRun) => (hi === lo ? String(hi) : `${hi}:${lo}`);
  const rows = [
    row(runs.map(range)),
    row(runs.map(() => ":-:")),
    row(runs.map((run) => run.name.replaceAll("|", "\\|"))),
    row(runs.map((run) => `\`${run.bits}\``)),
  ];
  if (runs.some((run) => run.meaning !== "")) rows.push(row(runs.map((run) => run.meaning.replaceAll("|", "\\|"))));
  return rows.join("\n");
}
