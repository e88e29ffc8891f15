/** Completion and hover in nnp.json, for editors that have no JSON schemas: VS Code shows its own, from the same schema. */
import { configHelp, configSuggestions } from "@nnasm/sim-core/config";
import {
  type CompletionItem,
  CompletionItemKind,
  type CompletionList,
  type Hover,
  type Position,
  type Range,
} from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { ClientFeatures } from "../client.ts";
import { toMarkup } from "../convert.ts";

const documentOf = (text: string): TextDocument => TextDocument.create("", "json", 0, text);

const rangeIn = (document: TextDocument, start: number, end: number): Range => ({
  start: document.positionAt(start),
  end: document.positionAt(end),
});

export function configCompletion(text: string, position: Position, client: ClientFeatures): CompletionList {
  const document = documentOf(text);
  const { items, start, end } = configSuggestions(text, document.offsetAt(position));
  const range = rangeIn(document, start, end);
  return {
    isIncomplete: false,
    items: items.map(
      ({ text: newText, isKey, description }): CompletionItem => ({
        label: newText.replaceAll('"', ""),
        kind: isKey ? CompletionItemKind.Property : CompletionItemKind.EnumMember,
        // Editors compare with what is typed, the quote in front included.
        filterText: newText,
        textEdit: { range, newText },
        ...(description === undefined ? {} : { documentation: toMarkup(description, client) }),
      }),
    ),
  };
}

export function configHover(text: string, position: Position, client: ClientFeatures): Hover | null {
  const document = documentOf(text);
  const help = configHelp(text, document.offsetAt(position));
  return help ? { contents: toMarkup(help.markdown, client), range: rangeIn(document, help.start, help.end) } : null;
}
