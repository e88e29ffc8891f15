import * as vscode from "vscode";
import { nameAt, registersIn } from "./registers.ts";

/**
 * Values in the editor while a program is stopped. VS Code's own guesses are made for languages with scopes: they would evaluate
 * words of comments, and mnemonics.
 */
export function registerValueProviders(): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.languages.registerEvaluatableExpressionProvider("nnasm", {
      provideEvaluatableExpression(document, position) {
        const found = nameAt(document.lineAt(position).text, position.character);
        if (found === undefined) return undefined;
        return new vscode.EvaluatableExpression(range(position.line, found.start, found.end), found.name);
      },
    }),
    vscode.languages.registerInlineValuesProvider("nnasm", {
      // Only the stopped line: registers are used again and again, so elsewhere their values would mislead.
      provideInlineValues(document, _viewPort, context) {
        const { line } = context.stoppedLocation.start;
        return registersIn(document.lineAt(line).text).map(
          ({ name, start, end }) => new vscode.InlineValueEvaluatableExpression(range(line, start, end), name),
        );
      },
    }),
  );
}

const range = (line: number, start: number, end: number): vscode.Range => new vscode.Range(line, start, line, end);
