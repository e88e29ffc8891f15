/** Directives of this machine: tensors and layers. */
import { rangeAt } from "../reporter.ts";
import { stringText } from "../syntax/literals.ts";
import type { NumberNode } from "../syntax/tree.ts";
import type { Directive, DirectiveTable } from "./directive.ts";
import { EXPECT } from "./expect.ts";
import { BIAS, REQUANT } from "./requant.ts";
import { TENSOR } from "./tensor.ts";
import { WEIGHTS } from "./weights.ts";

const MAX_LAYER = 4095;

const layer: Directive = {
  group: "neural",
  syntax: '.layer "name"',
  summary: "begin a layer of the network: gives it the next number and places nn.layer with it",
  run(unit, statement, directive) {
    const [name] = statement.operands;
    const forms = unit.encoder.formsOf("nn.layer");
    if (name?.kind !== "string" || statement.operands.length !== 1 || !forms) {
      unit.wrongOperands(directive, statement);
      return;
    }
    const id = unit.layers.length + 1;
    if (id > MAX_LAYER) {
      unit.report("layer-count", {}, unit.place, statement);
      return;
    }
    unit.layers.push({ id, name: stringText(name.text), file: unit.place.file, range: rangeAt(unit.place, name) });
    const section = unit.codeSection(statement);
    const offset = section.size;
    const number: NumberNode = { kind: "number", start: name.start, end: name.end, value: id };
    unit.encoder.assemble({ ...statement, operands: [number] }, forms, section, unit.place);
    if (unit.relocatable) unit.layerMarks.push({ section, offset, id });
    unit.placed(statement, section, offset, true);
  },
};

export const NEURAL_DIRECTIVES: DirectiveTable = {
  ".tensor": TENSOR,
  ".weights": WEIGHTS,
  ".requant": REQUANT,
  ".bias": BIAS,
  ".layer": layer,
  ".expect": EXPECT,
};
