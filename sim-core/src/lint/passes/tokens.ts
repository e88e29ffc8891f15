/** Tokens and waits that stand for nothing. */
import { Constants, type FlowInstruction, instructionsOf } from "../../flow/index.ts";
import { issuedUnit, UNITS, type Unit } from "../../isa/index.ts";
import type { LintContext, LintFix } from "../context.ts";
import { fixOf } from "../edits.ts";
import type { LintPass } from "../lint.ts";

export const TOKENS: LintPass = {
  ids: ["idle-unit", "empty-wait"],
  run(context) {
    const { graph, isWhole } = context;
    const issued = new Set<Unit>();
    for (const { instruction, operands } of graph.instructions) {
      const unit = issuedUnit(instruction, operands);
      if (unit !== undefined) issued.add(unit);
    }
    const constants = new Constants();
    for (const block of graph.blocks) {
      if (!graph.reached.has(block.index)) continue;
      constants.forget();
      for (const at of instructionsOf(graph, block)) {
        if (at.instruction.row.family === "sync") check(context, at, constants, isWhole ? issued : undefined);
        constants.step(at);
      }
    }
  },
};

/** @param issued units to which the program issues; undefined where that isn't known */
function check(
  context: LintContext,
  at: FlowInstruction,
  constants: Constants,
  issued: ReadonlySet<Unit> | undefined,
): void {
  const { row, mnemonic } = at.instruction;
  const units = unitsOf(at);
  const tokens = row.operands.flatMap(({ type, name }, position) =>
    type === "x" && name !== "rd" ? [constants.get(at.operands[position]!)] : [],
  );
  const isFence = row.operands.some(({ type }) => type === "set");
  if (isFence ? units.length === 0 : tokens.length > 0 && tokens.every((token) => token === 0)) {
    const message = isFence ? "a fence over no unit waits for nothing" : `\`${mnemonic}\` gets no token, only 0`;
    const hint = isFence ? "name the units to wait for" : "give it the token of an operation: nn.token";
    context.report("empty-wait", at, {
      message,
      hint,
      ...(mnemonic === "nn.poll" ? {} : { fix: () => context.removal(at) }),
    });
  }
  if (!issued || units.length === 0 || units.some((unit) => issued.has(unit))) return;
  const names = units.join(", ");
  context.report("idle-unit", at, {
    message: `the program issues nothing to ${names}`,
    hint: issued.size === 0 ? "it issues no operation at all" : `it issues to ${[...issued].join(", ")}`,
    ...(issued.size === 1 ? { fix: () => naming(context, at, [...issued][0]!) } : {}),
  });
}

/** The only unit that has work, in place of the one that is named. */
function naming(context: LintContext, at: FlowInstruction, unit: Unit): LintFix | undefined {
  const source = context.sourceOf(at);
  const index = at.instruction.row.operands.findIndex((operand) => "values" in operand && operand.values === "unit");
  const operand = source?.statement.operands[index];
  if (!source || !operand || source.statement.operands.length !== at.operands.length) return undefined;
  return fixOf(`Change to \`${unit}\``, { file: source.file, range: source.rangeOf(operand), text: unit });
}

/** The units that an instruction names. */
function unitsOf({ instruction: { row }, operands }: FlowInstruction): Unit[] {
  return row.operands.flatMap((operand, position) => {
    if ((operand.type !== "enum" && operand.type !== "set") || operand.values !== "unit") return [];
    const value = operands[position]!;
    return UNITS.filter((_, number) => (operand.type === "set" ? (value >>> number) & 1 : value === number));
  });
}
