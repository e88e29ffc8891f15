/** What an edit costs while somebody types: one line of a large file changes, and the program is analysed again. */
import {
  type AssembleOptions,
  assemble,
  type ParsedFile,
  parseFile,
  Reassembler,
  reparseFile,
} from "@nnasm/sim-core/asm";
import { PRESETS } from "@nnasm/sim-core/config";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import { integerLoop } from "./calibration.ts";
import { measure } from "./measure.ts";
import { generateSource } from "./source.ts";

export interface EditResult {
  readonly lines: number;
  /** From the new text to its tree, of which all other lines are shared with the old one. */
  readonly parseMilliseconds: number;
  /** From the tree to all diagnostics, without the program, for which editors don't ask: everything is assembled. */
  readonly assembleMilliseconds: number;
  /** From the new text to all diagnostics when only an instruction has changed, which is assembled alone. */
  readonly reviseMilliseconds: number;
  /** The calibration's integer loop in the same rounds. */
  readonly loopMilliseconds: number;
}

const LINES = 10_000;
/** The generated code is larger than the default program memory. */
const CONFIG = { ...PRESETS.default, pm: { bytes: 1024 * 1024 } };

export function benchEdit(seconds: number): EditResult {
  const lines = generateSource(LINES, 2).split("\n");
  const text = lines.join("\n");
  const line = lines.findIndex((each, index) => index >= LINES / 2 && each.includes(" addi "));
  lines[line] = "        addi    a0, a0, 1";
  const edited = lines.join("\n");
  const kept = parseFile("main.nnasm", text);
  // A tree is made when somebody asks for it, and a server has asked.
  if (kept.lines.length < LINES) throw new Error("the source is shorter than it should be");
  let tree: ParsedFile = kept;
  const optionsOf = (now: string, parse: () => ParsedFile): AssembleOptions => {
    const host = { resolve: (_: string, name: string) => name, readText: () => now, readBytes: () => undefined };
    return { entry: "main.nnasm", host, config: CONFIG, isa: BASE_ISA, parse };
  };
  const check = ({ diagnostics }: ReturnType<typeof assemble>): void => {
    const error = diagnostics.find(({ severity }) => severity === "error");
    if (error) throw new Error(error.message);
  };
  const assembleTree = (): void => check(assemble(optionsOf(edited, () => tree)));

  const reassembler = new Reassembler();
  let present = kept;
  let rounds = -1;
  const revise = (): void => {
    rounds++;
    const now = rounds % 2 === 0 ? text : edited;
    present = reparseFile(present, now);
    check(reassembler.assemble(optionsOf(now, () => present)));
    if (reassembler.revisions !== rounds) throw new Error("the edit was no revision");
  };
  revise();
  const timings = measure(
    {
      parse: () => {
        tree = reparseFile(kept, edited);
        return void tree.lines;
      },
      assemble: () => void assembleTree(),
      revise: () => void revise(),
      loop: integerLoop,
    },
    seconds,
  );
  return {
    lines: LINES,
    parseMilliseconds: timings.parse.bestSeconds * 1000,
    assembleMilliseconds: timings.assemble.bestSeconds * 1000,
    reviseMilliseconds: timings.revise.bestSeconds * 1000,
    loopMilliseconds: timings.loop.bestSeconds * 1000,
  };
}
