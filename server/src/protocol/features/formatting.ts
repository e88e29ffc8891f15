/** Formatting of a document, of ranges, and of a line that was just ended. */
import type { Range, TextEdit } from "vscode-languageserver";
import { type FormatOptions, formatLines } from "../../analysis/format.ts";
import type { Feature } from "../feature.ts";

export const formatting: Feature = {
  capabilities: {
    documentFormattingProvider: true,
    documentRangeFormattingProvider: { rangesSupport: true },
    documentOnTypeFormattingProvider: { firstTriggerCharacter: "\n" },
  },
  register({ connection, workspace }) {
    const format = (uri: string, first: number, last: number, options: FormatOptions): TextEdit[] => {
      const tree = workspace.tree(uri);
      return tree ? formatLines(tree, first, last, options).map(({ range, text }) => ({ range, newText: text })) : [];
    };
    // A range that ends in front of a line's first character doesn't touch that line.
    const lastLine = ({ start, end }: Range) =>
      end.character === 0 && end.line > start.line ? end.line - 1 : end.line;

    connection.onDocumentFormatting(({ textDocument: { uri }, options }) =>
      format(uri, 0, Number.MAX_SAFE_INTEGER, options),
    );
    connection.onDocumentRangeFormatting(({ textDocument: { uri }, range, options }) =>
      format(uri, range.start.line, lastLine(range), options),
    );
    connection.onDocumentRangesFormatting(({ textDocument: { uri }, ranges, options }) =>
      ranges.flatMap((range) => format(uri, range.start.line, lastLine(range), options)),
    );
    connection.onDocumentOnTypeFormatting(({ textDocument: { uri }, position, options }) =>
      format(uri, position.line - 1, position.line - 1, options),
    );
  },
};
