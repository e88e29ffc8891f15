/**
 * The quick way through lines whose instruction its own text decides (see instructions/fixed.ts). In a tree that outlives an
 * assembly, each line remembers its words: after an edit, most of a large file is read off.
 */
import type { Section } from "../object/section.ts";
import type { LineMemo, SourceLine } from "../syntax/tree.ts";
import type { Unit } from "../unit.ts";
import type { FileFrame } from "./stream.ts";

export class FixedLines {
  private readonly unit: Unit;
  /** The memo of lines that must be assembled each time. */
  private readonly none: LineMemo;

  constructor(unit: Unit) {
    this.unit = unit;
    this.none = { owner: unit.encoder.forms, words: null };
  }

  /** Places lines of a file's tree as long as each of them can be placed like this; the frame then stands behind them. */
  run(frame: FileFrame): void {
    const { unit } = this;
    const lines = frame.tree;
    if (!lines || !frame.betweenLines) return;
    const section = unit.sections.current;
    if (!takesInstructions(section)) return;
    const { log, symbols } = unit;
    let index = frame.lineIndex;
    let number = frame.lineNumber;
    for (; index < lines.length; index++) {
      const line = lines[index]!;
      const { statements } = line;
      if (statements.length > 0) {
        const words = this.wordsOf(line);
        if (words === null) break;
        const offset = section.size;
        if (typeof words === "number") section.word(words);
        else for (const word of words) section.word(word);
        const { start, end } = statements[0]!;
        if (!section.beyond(offset)) {
          log.addLine(frame.file, number, start, end, section, offset, section.size - offset, symbols.sequence);
        }
      }
      number += line.height;
    }
    frame.goTo(index, number);
  }

  private wordsOf(line: SourceLine): LineMemo["words"] {
    const { forms } = this.unit.encoder;
    const { memo } = line;
    if (memo?.owner === forms) return memo.words;
    const found = this.find(line);
    line.memo = found === null ? this.none : { owner: forms, words: found };
    return found;
  }

  private find({ statements, height }: SourceLine): LineMemo["words"] {
    const [statement] = statements;
    if (statements.length !== 1 || height !== 1 || !statement) return null;
    if (statement.form !== "instruction" || statement.labels.length > 0 || statement.problem) return null;
    const words = this.unit.encoder.fixedWords(statement);
    return words?.length === 1 ? words[0]! : (words ?? null);
  }
}

/** Whether there is nothing to say or to note about an instruction here but the instruction. */
function takesInstructions({ flags, size, origin }: Section): boolean {
  return flags.execute && size % 4 === 0 && origin !== undefined;
}
