/** What the client can do, as far as answers depend on it. */
import { DiagnosticTag, type InitializeParams } from "vscode-languageserver";

export interface ClientFeatures {
  readonly markdown: boolean;
  readonly snippets: boolean;
  /** A word at the end of a completion's line. */
  readonly labelDetails: boolean;
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
  readonly inlineValueRefresh: boolean;
  readonly contentRefresh: boolean;
  readonly diagnosticsRefresh: boolean;
  readonly codeLensRefresh: boolean;
  /** Asks for the diagnostics of the documents that it shows. */
  readonly pullsDiagnostics: boolean;
  /** Asks for the place of a workspace symbol when it is chosen. */
  readonly resolvesSymbolPlaces: boolean;
  /** Asks for the edits of a code action when it is chosen. */
  readonly resolvesEdits: boolean;
  /** Shows progress that the server begins. */
  readonly workDoneProgress: boolean;
  readonly showsDocuments: boolean;
  readonly appliesEdits: boolean;
  /** Knows VS Code's command that asks for another completion; others would report an unknown command. */
  readonly suggestsAgain: boolean;
  /** Commands of its own that it executes when an answer names them, as it says in `initializationOptions.commands`. */
  readonly commands: ReadonlySet<string>;
}

export const NO_FEATURES: ClientFeatures = {
  markdown: false,
  snippets: false,
  labelDetails: false,
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
  inlineValueRefresh: false,
  contentRefresh: false,
  diagnosticsRefresh: false,
  codeLensRefresh: false,
  pullsDiagnostics: false,
  resolvesSymbolPlaces: false,
  resolvesEdits: false,
  workDoneProgress: false,
  showsDocuments: false,
  appliesEdits: false,
  suggestsAgain: false,
  commands: new Set(),
};

/** Names out of what a client may have sent in any form. */
function commandsIn(options: unknown): ReadonlySet<string> {
  const commands = (options as { commands?: unknown } | null | undefined)?.commands;
  return new Set(Array.isArray(commands) ? commands.filter((each): each is string => typeof each === "string") : []);
}

export function clientFeatures(params: InitializeParams): ClientFeatures {
  const { capabilities, clientInfo } = params;
  const { textDocument, workspace, window } = capabilities;
  return {
    markdown: textDocument?.hover?.contentFormat?.includes("markdown") ?? false,
    snippets: textDocument?.completion?.completionItem?.snippetSupport ?? false,
    labelDetails: textDocument?.completion?.completionItem?.labelDetailsSupport ?? false,
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
    inlineValueRefresh: workspace?.inlineValue?.refreshSupport ?? false,
    contentRefresh: workspace?.textDocumentContent !== undefined,
    diagnosticsRefresh: workspace?.diagnostics?.refreshSupport ?? false,
    codeLensRefresh: workspace?.codeLens?.refreshSupport ?? false,
    pullsDiagnostics: textDocument?.diagnostic !== undefined,
    resolvesSymbolPlaces: workspace?.symbol?.resolveSupport?.properties.includes("location.range") ?? false,
    resolvesEdits: textDocument?.codeAction?.resolveSupport?.properties.includes("edit") ?? false,
    workDoneProgress: window?.workDoneProgress ?? false,
    showsDocuments: window?.showDocument?.support ?? false,
    appliesEdits: workspace?.applyEdit ?? false,
    suggestsAgain: /^(Visual Studio Code|Code - OSS|VSCodium|Cursor|code-server)/i.test(clientInfo?.name ?? ""),
    commands: commandsIn(params.initializationOptions),
  };
}
