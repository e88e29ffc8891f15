/** An example of every diagnostic of the assembler: an id without one does not compile. */
import type { DiagnosticId } from "../../asm/index.ts";
import type { Example } from "../example.ts";
import { DIRECTIVE_EXAMPLES } from "./directives.ts";
import { FILE_EXAMPLES } from "./files.ts";
import { INSTRUCTION_EXAMPLES } from "./instructions.ts";
import { OBJECT_EXAMPLES } from "./objects.ts";
import { PLACING_EXAMPLES } from "./placing.ts";
import { SYMBOL_EXAMPLES } from "./symbols.ts";
import { SYNTAX_EXAMPLES } from "./syntax.ts";

export const ASSEMBLER_EXAMPLES: Readonly<Record<DiagnosticId, Example>> = {
  ...SYNTAX_EXAMPLES,
  ...INSTRUCTION_EXAMPLES,
  ...SYMBOL_EXAMPLES,
  ...FILE_EXAMPLES,
  ...DIRECTIVE_EXAMPLES,
  ...PLACING_EXAMPLES,
  ...OBJECT_EXAMPLES,
};
