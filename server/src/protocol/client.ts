/** What the client can do, as far as answers depend on it. */
import { DiagnosticTag, type InitializeParams } from "vscode-languageserver";

export interface ClientFeatures {
  readonly markdown: boolean;
  readonly snippets: boolean;
  /** Related places in diagnostics. */
  readonly related: boolean;
  /** Links from diagnostics' ids. */
  readonly codeDescription: boolean;
  /** Marks of diagnostics: code that does nothing is faded. */
  readonly tags: boolean;
  /** Watching files on the server's behalf. */
  readonly watchesFiles: boolean;
  readonly workspaceFolders: boolean;
  readonly hierarchicalSymbols: boolean;
  readonly inlayHintRefresh: boolean;
  readonly definitionLinks: boolean;
  /** The editor colours words by a grammar, and semantic tokens only add to it. */
  readonly hasGrammar: boolean;
  /** Can be asked for settings. */
  readonly configuration: boolean;
  readonly configurationChanges: boolean;
  readonly tokensRefresh: boolean;
  /** Knows VS Code's command that asks for another completion; others would report an unknown command. */
  readonly suggestsAgain: boolean;
}

export const NO_FEATURES: ClientFeatures = {
  markdown: false,
  snippets: false,
  related: false,
  codeDescription: false,
  tags: false,
  watchesFiles: false,
  workspaceFolders: false,
  hierarchicalSymbols: false,
  inlayHintRefresh: false,
  definitionLinks: false,
  hasGrammar: false,
  configuration: false,
  configurationChanges: false,
  tokensRefresh: false,
  suggestsAgain: false,
};

export function clientFeatures({ capabilities, clientInfo }: InitializeParams): ClientFeatures {
  const { textDocument, workspace } = capabilities;
  return {
    markdown: textDocument?.hover?.contentFormat?.includes("markdown") ?? false,
    snippets: textDocument?.completion?.completionItem?.snippetSupport ?? false,
    related: textDocument?.publishDiagnostics?.relatedInformation ?? false,
    codeDescription: textDocument?.publishDiagnostics?.codeDescriptionSupport ?? false,
    tags: textDocument?.publishDiagnostics?.tagSupport?.valueSet.includes(DiagnosticTag.Unnecessary) ?? false,
    watchesFiles: workspace?.didChangeWatchedFiles?.dynamicRegistration ?? false,
    workspaceFolders: workspace?.workspaceFolders ?? false,
    hierarchicalSymbols: textDocument?.documentSymbol?.hierarchicalDocumentSymbolSupport ?? false,
    inlayHintRefresh: workspace?.inlayHint?.refreshSupport ?? false,
    definitionLinks: textDocument?.definition?.linkSupport ?? false,
    hasGrammar: textDocument?.semanticTokens?.augmentsSyntaxTokens ?? false,
    configuration: workspace?.configuration ?? false,
    configurationChanges: workspace?.didChangeConfiguration?.dynamicRegistration ?? false,
    tokensRefresh: workspace?.semanticTokens?.refreshSupport ?? false,
    suggestsAgain: /^(Visual Studio Code|Code - OSS|VSCodium|Cursor|code-server)/i.test(clientInfo?.name ?? ""),
  };
}
