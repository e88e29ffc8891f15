/** Commands of the Debug Console beside expressions: memory dumps in gdb's manner, and help. */

import { addressOf } from "./expression/evaluate.ts";
import { functionNames } from "./expression/functions.ts";
import { decodeScalar, EvaluationError, SCALAR_TYPES, type ScalarType } from "./expression/types.ts";
import type { Value } from "./expression/value.ts";
import { disassembleRange } from "./inspect/disassembly.ts";
import { FORMATS, formattedText, hex32 } from "./inspect/format.ts";
import type { Machine } from "./inspect/machine.ts";

const DUMP = /^x(?:\/(\d+)?([xduocfbi])?([bhw])?)?\s+(?=\S)/;
const PRINT = /^(?:p|print)(?:\/([a-z]\d*))?\s+(?=\S)/;
const MAX_UNITS = 4096;

export interface ConsoleReply {
  readonly text: string;
  /** Address of what is shown, for memory views. */
  readonly address?: number;
}

/**
 * Answers `help` and `x/16xw address`; undefined when the text is no command.
 * @param evaluate gives the value of an expression
 * @throws EvaluationError
 */
export function runCommand(
  machine: Machine,
  text: string,
  evaluate: (text: string) => Value,
): ConsoleReply | undefined {
  const command = text.trim();
  if (command === "help") return { text: HELP };
  const match = DUMP.exec(command);
  if (!match) return undefined;
  const [whole, count = "1", format = "x", size] = match;
  const address = addressOf(evaluate(command.slice(whole.length)));
  if (Number(count) > MAX_UNITS) throw new EvaluationError(`x shows at most ${MAX_UNITS} units at once`);
  return { text: dump(machine, address, Number(count), format, size ?? "w"), address };
}

/** `p/x a0` means the expression `a0,x`; other texts stay as they are. */
export function printedExpression(text: string): string {
  const match = PRINT.exec(text.trim());
  if (!match) return text;
  const expression = text.trim().slice(match[0].length);
  return match[1] === undefined ? expression : `${expression},${match[1]}`;
}

const TYPES: Readonly<Record<string, ScalarType>> = { b: "uint8", h: "uint16", w: "uint32" };

function dump(machine: Machine, address: number, count: number, format: string, size: string): string {
  if (format === "i") {
    return disassembleRange(machine, address, count)
      .map((instruction) => `${hex32(instruction.address)}  ${instruction.text}`)
      .join("\n");
  }
  const type = TYPES[size] ?? "uint32";
  const { bytes: width } = SCALAR_TYPES[type];
  const bytes = machine.simulator.readMemory(address, count * width);
  if (!bytes) throw new EvaluationError(`${hex32(address)} and ${count * width} bytes from there are not all memory`);
  const perLine = 16 / width;
  const lines: string[] = [];
  for (let start = 0; start < count; start += perLine) {
    const texts: string[] = [];
    for (let at = start; at < Math.min(count, start + perLine); at++) {
      texts.push(formattedText(type, decodeScalar(type, bytes.subarray(at * width, (at + 1) * width)), format));
    }
    lines.push(`${hex32(address + start * width)}  ${texts.join("  ")}`);
  }
  return lines.join("\n");
}

const HELP = [
  "Expressions: C's operators over registers (a0, x10, pc), CSRs, symbols, descriptors (td0, td0.base) and tensors.",
  "  in[0,3,4,2]       an element of a tensor; as many indices as it has axes longer than 1 are enough",
  "  in[0:2,:]         a part of one",
  "  *(int16*)address  memory; a0 = 5 and *(int8*)p = 1 assign",
  ...functionNames().map(({ name, parameters, summary }) => `  ${`${name}(${parameters})`.padEnd(17)} ${summary}`),
  `Formats behind a comma, as in a0,x: ${Object.entries(FORMATS)
    .map(([name, text]) => `${name} ${text}`)
    .join(", ")}`,
  "continue, reverse, step, back, cycle 1000 run the machine; step and back also by: cycle 10, operation, completion, layer",
  "x/16xw address shows memory: count, format (x d u o c b f, i for instructions) and size (b h w)",
].join("\n");
