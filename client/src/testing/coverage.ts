/** Coverage as VS Code shows it: beside lines, behind branches, above functions, and in the Test Coverage view. */
import { type Coverage, type FileCoverage, lineCount, summarise } from "@nnasm/sim-core/coverage";
import * as vscode from "vscode";

/** A file's sums; the details wait until somebody opens it. */
export class CoveredFile extends vscode.FileCoverage {
  private readonly file: FileCoverage;

  constructor(uri: vscode.Uri, file: FileCoverage) {
    const { lines, branches, functions } = summarise([file]);
    const count = ({ covered, total }: { covered: number; total: number }) =>
      new vscode.TestCoverageCount(covered, total);
    super(uri, count(lines), count(branches), count(functions));
    this.file = file;
  }

  details(): vscode.FileCoverageDetail[] {
    const { lines, branches, functions } = this.file;
    const at = (line: number, column = 1): vscode.Position => new vscode.Position(line - 1, column - 1);
    return [
      ...lines.map((line) => {
        const ways = branches.filter((branch) => branch.line === line.line);
        return new vscode.StatementCoverage(
          lineCount(line),
          at(line.line),
          ways.flatMap(({ column, taken, notTaken }) => [
            new vscode.BranchCoverage(taken, at(line.line, column), "taken"),
            new vscode.BranchCoverage(notTaken, at(line.line, column), "not taken"),
          ]),
        );
      }),
      ...functions.map(({ name, count, line }) => new vscode.DeclarationCoverage(name, count, at(line))),
    ];
  }
}

/** @param uriOf where a file of the coverage is */
export function addCoverage(run: vscode.TestRun, { files }: Coverage, uriOf: (file: string) => vscode.Uri): void {
  for (const file of files) run.addCoverage(new CoveredFile(uriOf(file.file), file));
}
