/** LCOV's tracefile (geninfo(1)): which functions, lines and branches have run, and how often. */
import { type Coverage, type FileCoverage, lineCount, summarise } from "./model.ts";

/** The file as pieces of text that follow each other. */
export function* lcovText({ files }: Pick<Coverage, "files">): Generator<string> {
  for (const file of files) yield* section(file);
}

function* section(file: FileCoverage): Generator<string> {
  const sums = summarise([file]);
  yield `TN:\nSF:${file.file}\n`;
  for (const { line, name } of file.functions) yield `FN:${line},${name}\n`;
  for (const { name, count } of file.functions) yield `FNDA:${count},${name}\n`;
  yield `FNF:${sums.functions.total}\nFNH:${sums.functions.covered}\n`;
  for (const [block, { line, taken, notTaken }] of file.branches.entries()) {
    const ran = taken + notTaken > 0;
    yield `BRDA:${line},${block},0,${ran ? taken : "-"}\nBRDA:${line},${block},1,${ran ? notTaken : "-"}\n`;
  }
  yield `BRF:${sums.branches.total}\nBRH:${sums.branches.covered}\n`;
  for (const line of file.lines) yield `DA:${line.line},${lineCount(line)}\n`;
  yield `LF:${sums.lines.total}\nLH:${sums.lines.covered}\nend_of_record\n`;
}
