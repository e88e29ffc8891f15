import * as vscode from "vscode";
import { nameAt } from "./names.ts";

/**
 * What the debugger evaluates under the pointer while a program is stopped. VS Code's own guesses are made for languages with
 * scopes: they would evaluate words of comments, and mnemonics. Values beside the lines come from the language server.
 */
export function registerValueProviders(): vscode.Disposable {
  return vscode.languages.registerEvaluatableExpressionProvider("nnasm", {
    provideEvaluatableExpression(document, position) {
      const found = nameAt(document.lineAt(position).text, position.character);
      if (found === undefined) return undefined;
      const range = new vscode.Range(position.line, found.start, position.line, found.end);
      return new vscode.EvaluatableExpression(range, found.name);
    },
  });
}
