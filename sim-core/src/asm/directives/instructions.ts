/** `.insn`: instructions that the table doesn't have, by their fields. */
import { INSN_SHAPES, withOpcode } from "../instructions/insn.ts";
import type { Directive, DirectiveTable } from "./directive.ts";

const insn: Directive = {
  group: "data",
  syntax: ".insn r opcode, funct3, funct7, rd, rs1, rs2 | r4 | i | s | b | u | j ... | value",
  summary: "place an instruction given by its format and fields, or by its word",
  run(unit, statement, directive) {
    const [first, ...rest] = statement.operands;
    const section = unit.codeSection(statement);
    const offset = section.size;
    const shapes = first?.kind === "name" ? INSN_SHAPES.get(first.name) : undefined;
    if (shapes) {
      const [opcode, ...fields] = rest;
      const operands = opcode ? [withOpcode(opcode), ...fields] : [];
      unit.encoder.assemble({ ...statement, operands }, shapes, section, unit.place);
    } else if (first?.kind === "number" && rest.length <= 1) {
      // `.insn value` or `.insn length, value`; all instructions have 4 bytes.
      if (rest.length === 1 && unit.bounded(first, "the length", 4, 4) === undefined) return;
      const value = unit.bounded(rest[0] ?? first, "the instruction", 0, 0xffffffff);
      if (value !== undefined) section.word(value);
    } else {
      unit.wrongOperands(directive, statement);
      return;
    }
    unit.placed(statement, section, offset, true);
  },
};

export const INSTRUCTION_DIRECTIVES: DirectiveTable = { ".insn": insn };
