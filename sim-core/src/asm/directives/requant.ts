/** `.requant` and `.bias`: entries of per-channel tables, 16 bytes each: bias, M, s, zero (docs/machine.md). */
import type { Expression, Operand } from "../syntax/tree.ts";
import { isExpression } from "../syntax/tree.ts";
import type { Unit } from "../unit.ts";
import { realNumber } from "./data.ts";
import type { Directive } from "./directive.ts";

const MIN_MULTIPLIER = 2 ** 30;
const MAX_MULTIPLIER = 2 ** 31 - 1;
const MIN_SHIFT = 1;
const MAX_SHIFT = 62;

/**
 * Multiplier and shift of a real factor: factor = M / 2^s with M in 2^30 .. 2^31 - 1, rounded to the nearest.
 * Powers of two are exact in floating point, so every host computes the same.
 * @returns undefined when no shift in 1..62 does it
 */
export function requantisation(factor: number): { multiplier: number; shift: number } | undefined {
  if (!(factor > 0) || !Number.isFinite(factor)) return undefined;
  let scaled = factor;
  let shift = 0;
  while (scaled < MIN_MULTIPLIER && shift <= MAX_SHIFT) {
    scaled *= 2;
    shift++;
  }
  while (scaled > MAX_MULTIPLIER) {
    scaled /= 2;
    shift--;
  }
  let multiplier = Math.round(scaled);
  if (multiplier > MAX_MULTIPLIER) {
    multiplier = MIN_MULTIPLIER;
    shift--;
  }
  return multiplier >= MIN_MULTIPLIER && shift >= MIN_SHIFT && shift <= MAX_SHIFT ? { multiplier, shift } : undefined;
}

const bias = (unit: Unit, node: Operand | undefined) => unit.bounded(node, "the bias", -(2 ** 31), 2 ** 31 - 1);

function entry(unit: Unit, values: readonly [bias: number, multiplier: number, shift: number]): void {
  const section = unit.sections.current;
  for (const value of values) section.word(value);
  section.word(0);
}

/** The factor as M and s: two operands, or one real number. */
function factor(unit: Unit, nodes: readonly Operand[]): { multiplier: number; shift: number } | undefined {
  const [first, second] = nodes;
  if (second) {
    const multiplier = unit.bounded(first, "the multiplier", MIN_MULTIPLIER, MAX_MULTIPLIER);
    const shift = unit.bounded(second, "the shift", MIN_SHIFT, MAX_SHIFT);
    return multiplier === undefined || shift === undefined ? undefined : { multiplier, shift };
  }
  const real = first && realNumber(first);
  const found = real === undefined ? undefined : requantisation(real);
  if (!found && first) {
    const bounds = { min: "2^-32", max: "2^30" };
    const value = real === undefined ? "given" : String(real);
    unit.report("directive-range", { what: "the factor", value, ...bounds }, unit.place, first);
  }
  return found;
}

export const REQUANT: Directive = {
  group: "neural",
  syntax: ".requant bias, factor  or  .requant bias, multiplier, shift",
  summary:
    "place an entry of a requantisation table: result = (sum + bias) * multiplier / 2^shift, or times a real factor",
  run(unit, statement, directive) {
    const { operands } = statement;
    if (operands.length < 2 || operands.length > 3 || !operands.every(isExpression)) {
      unit.wrongOperands(directive, statement);
      return;
    }
    const value = bias(unit, operands[0]);
    const scale = factor(unit, operands.slice(1));
    if (value === undefined || !scale) return;
    const section = unit.sections.current;
    const offset = section.size;
    entry(unit, [value, scale.multiplier, scale.shift]);
    unit.placed(statement, section, offset, false);
  },
};

export const BIAS: Directive = {
  group: "neural",
  syntax: ".bias value [, value ...]",
  summary: "place entries of a requantisation table that only add: the factor is 1",
  run(unit, statement, directive) {
    if (statement.operands.length === 0) unit.wrongOperands(directive, statement);
    const section = unit.sections.current;
    const offset = section.size;
    for (const operand of statement.operands as readonly Expression[]) {
      const value = bias(unit, operand);
      if (value !== undefined) entry(unit, [value, MIN_MULTIPLIER, 30]);
    }
    unit.placed(statement, section, offset, false);
  },
};
