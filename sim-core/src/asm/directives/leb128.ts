/** `.uleb128` and `.sleb128`: numbers of as many bytes as they need. */
import type { Directive } from "./directive.ts";

export function leb128(name: string, signed: boolean): Directive {
  return {
    group: "data",
    syntax: `${name} value [, value ...]`,
    summary: `place ${signed ? "signed " : ""}numbers of 7 bits a byte; they must be known here`,
    run(unit, statement, directive) {
      if (statement.operands.length === 0) unit.wrongOperands(directive, statement);
      const section = unit.sections.current;
      const offset = section.size;
      for (const operand of statement.operands) {
        const value = unit.constant(operand, "the value");
        if (value === undefined) continue;
        if (section.nobits) {
          unit.report("section-data", { section: section.name }, unit.place, operand);
          return;
        }
        section.append(encoded(signed ? BigInt.asIntN(64, BigInt(value)) : BigInt.asUintN(64, BigInt(value)), signed));
      }
      unit.placed(statement, section, offset, false);
    },
  };
}

function encoded(value: bigint, signed: boolean): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; ) {
    const low = Number(rest & 127n);
    rest >>= 7n;
    const isLast = signed ? rest === (low & 64 ? -1n : 0n) : rest === 0n;
    bytes.push(isLast ? low : low | 128);
    if (isLast) return Uint8Array.from(bytes);
  }
}
