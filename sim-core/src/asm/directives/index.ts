/** Every directive by its name. */
import { COMPATIBILITY_DIRECTIVES } from "./compatibility.ts";
import { DATA_DIRECTIVES } from "./data.ts";
import type { DirectiveTable } from "./directive.ts";
import { INSTRUCTION_DIRECTIVES } from "./instructions.ts";
import { NEURAL_DIRECTIVES } from "./neural.ts";
import { SECTION_DIRECTIVES } from "./sections.ts";
import { SOURCE_DIRECTIVES } from "./source.ts";
import { SYMBOL_DIRECTIVES } from "./symbols.ts";
import { WARNING_DIRECTIVES } from "./warnings.ts";

export const DIRECTIVES: DirectiveTable = {
  ...DATA_DIRECTIVES,
  ...SECTION_DIRECTIVES,
  ...SYMBOL_DIRECTIVES,
  ...INSTRUCTION_DIRECTIVES,
  ...NEURAL_DIRECTIVES,
  ...SOURCE_DIRECTIVES,
  ...WARNING_DIRECTIVES,
  ...COMPATIBILITY_DIRECTIVES,
};
