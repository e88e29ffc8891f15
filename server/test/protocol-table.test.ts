/** docs/lsp.md: every request that a client may send, with the test that shows it or the reason why it isn't answered. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import * as protocol from "vscode-languageserver-protocol";
import { ErrorCodes, ResponseError } from "vscode-languageserver-protocol";
import { Session } from "./session.ts";

const here = path.dirname(fileURLToPath(import.meta.url));

/** Why requests are not answered. */
const REASONS: Readonly<Record<string, string>> = {
  "inlayHint/resolve": "a hint is its text; what is behind it is in the hover of the same place",
  "textDocument/colorPresentation": "see textDocument/documentColor",
  "textDocument/documentColor": "no value of the language is a colour",
  "textDocument/inlineCompletion": "made for whole lines that a model guesses; completion offers what assembles",
  "textDocument/moniker":
    "ties a symbol to an index of other projects' code, which nothing makes; objects are tied by global names, which implementation follows",
  "textDocument/willSaveWaitUntil": "editors format on saving through textDocument/formatting, where the user wants it",
  "workspace/willCreateFiles":
    "an empty source is a valid one; a project's files come from the command that makes a project",
  "workspace/willDeleteFiles":
    "taking includes of a deleted file out would hide what is missing; each of them is told as an error at once",
};

/** The functions that answer requests, each of which has a test of its own beside it; or where such a test would be none. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  "callHierarchy/incomingCalls": "incomingCalls",
  "callHierarchy/outgoingCalls": "outgoingCalls",
  "codeAction/resolve": "extractMacro",
  "codeLens/resolve": "lensText",
  "completionItem/resolve": "documentationOf",
  "textDocument/codeAction": "actionsAt",
  "textDocument/codeLens": "lensesOf",
  "textDocument/completion": "completionsAt",
  "textDocument/declaration": "definitionAt",
  "textDocument/definition": "definitionAt",
  "textDocument/documentHighlight": "highlightsAt",
  "textDocument/documentLink": "links",
  "textDocument/documentSymbol": "outline",
  "textDocument/foldingRange": "folds",
  "textDocument/formatting": "formatFile",
  "textDocument/hover": "hoverAt",
  "textDocument/implementation": "implementationsAt",
  "textDocument/inlayHint": "inlayHints",
  "textDocument/inlineValue": "inlineValues",
  "textDocument/linkedEditingRange": "linkedRangesAt",
  "textDocument/onTypeFormatting": "formatLines",
  "textDocument/prepareCallHierarchy": "functionAt",
  "textDocument/prepareRename": "prepareRename",
  "textDocument/prepareTypeHierarchy": "typeAt",
  "textDocument/rangeFormatting": "formatLines",
  "textDocument/rangesFormatting": "formatLines",
  "textDocument/references": "referencesAt",
  "textDocument/rename": "renameEdits",
  "textDocument/selectionRange": "selectionsAt",
  "textDocument/semanticTokens/full": "semanticTokens",
  "textDocument/semanticTokens/full/delta": "tokenEdits",
  "textDocument/semanticTokens/range": "semanticTokens",
  "textDocument/signatureHelp": "signatureAt",
  "textDocument/typeDefinition": "typeDefinitionAt",
  "typeHierarchy/subtypes": "subtypesOf",
  "typeHierarchy/supertypes": "supertypesOf",
  "workspace/executeCommand": "inlineMacro",
  "workspace/symbol": "searchSymbols",
  "workspace/textDocumentContent": "expandedText",
  "workspace/willRenameFiles": "moveEdits",
  "workspaceSymbol/resolve": "searchSymbols",
};
/** Requests without such a function. */
const APART: Readonly<Record<string, string>> = {
  "documentLink/resolve": "the size of a file, which only the host knows",
  "textDocument/diagnostic": "what assembler and lints say; every diagnostic has a page whose example is tested",
  "workspace/diagnostic": "what assembler and lints say; every diagnostic has a page whose example is tested",
};

/** The file in which a function of src/analysis is tested. */
function testOf(name: string): string | undefined {
  const folder = path.join(here, "../src/analysis");
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .sort()
    .find((file) => new RegExp(`(?<!import.*)\\b${name}\\(`).test(readFileSync(path.join(folder, file), "utf8")));
}

/** Notifications of clients, and what they do. */
const NOTIFICATIONS: Readonly<Record<string, string>> = {
  initialized: "the search for sources begins, watchers are registered, settings are asked for",
  exit: "the process ends",
  "$/setTrace": "what was looked at is told from then on",
  "textDocument/didOpen": "the text counts instead of the file's",
  "textDocument/didChange": "incremental",
  "textDocument/didClose": "the file's text counts again",
  "textDocument/didSave": "not needed: the text is known from its changes",
  "textDocument/willSave": "not needed",
  "window/workDoneProgress/cancel": "long requests end by `$/cancelRequest`; the search for sources is short",
  "workspace/didChangeConfiguration": "settings are asked for again",
  "workspace/didChangeWatchedFiles": "files that are not open",
  "workspace/didChangeWorkspaceFolders": "several folders",
  "workspace/didCreateFiles": "like changes of watched files, for clients that watch none",
  "workspace/didDeleteFiles": "the same",
  "workspace/didRenameFiles": "the same",
  "notebookDocument/didOpen": "not used: programs of the language are files, there are no notebooks of them",
  "notebookDocument/didChange": "not used",
  "notebookDocument/didClose": "not used",
  "notebookDocument/didSave": "not used",
};

interface Message {
  readonly method: string;
  readonly isRequest: boolean;
}

/** All messages that the protocol's package lets a client send. */
function clientMessages(): Message[] {
  return Object.values(protocol)
    .flatMap((value): Message[] => {
      const { method, messageDirection, type } = value as {
        method?: string;
        messageDirection?: string;
        type?: { constructor: { name: string } };
      };
      if (typeof method !== "string" || messageDirection === "serverToClient" || !type) return [];
      const kind = type.constructor.name;
      return /^Protocol(Request|Notification)Type/.test(kind) ? [{ method, isRequest: kind.includes("Request") }] : [];
    })
    .sort((a, b) => (a.method < b.method ? -1 : 1));
}

interface WrittenTest {
  readonly title: string;
  readonly file: string;
  readonly text: string;
}

/** The first test that names a request, itself or by a function of its file that sends it. */
function shownBy(all: readonly WrittenTest[], method: string): WrittenTest | undefined {
  const named = all.find(({ text }) => text.includes(`"${method}"`));
  if (named) return named;
  for (const file of new Set(all.map((each) => each.file))) {
    const source = readFileSync(path.join(here, file), "utf8");
    const at = source.indexOf(`"${method}"`);
    const helper = at < 0 ? undefined : [...source.slice(0, at).matchAll(/\b(?:const|function) (\w+)\b/g)].at(-1)?.[1];
    const found = helper && all.find((each) => each.file === file && new RegExp(`\\b${helper}[(<]`).test(each.text));
    if (found) return found;
  }
  return undefined;
}

/** Files with tests about something else than one feature: they stand for a request only when no other does. */
const BESIDE: readonly string[] = ["config-file.test.ts", "late-lints.test.ts"];

/** Titles of tests, each with its file and text. */
function tests(): WrittenTest[] {
  return readdirSync(here)
    .filter((file) => file.endsWith(".test.ts") && !file.startsWith("protocol-table"))
    .sort((a, b) => Number(BESIDE.includes(a)) - Number(BESIDE.includes(b)))
    .flatMap((file) => {
      const text = readFileSync(path.join(here, file), "utf8");
      const starts = [...text.matchAll(/^ *test\(\s*"([^"]+)"/gm)];
      return starts.map((start, index) => ({
        title: start[1]!,
        file,
        text: text.slice(start.index, starts[index + 1]?.index),
      }));
    });
}

async function isAnswered(session: Session, method: string): Promise<boolean> {
  try {
    // Handlers fail on the missing parameters, which shows that they are there.
    await session.request(method, {});
    return true;
  } catch (error) {
    return !(error instanceof ResponseError && error.code === ErrorCodes.MethodNotFound);
  }
}

/** Where the function behind a request is tested, or why there is none. */
function ofFunction(method: string): string {
  const name = FUNCTIONS[method];
  const file = name && testOf(name);
  return file ? `\`${name}\` (${file})` : (APART[method] ?? "NO TEST");
}

test("every request is shown by a test or left out with a reason; the page says so", async () => {
  const session = await Session.start({ capabilities: {} });
  const messages = clientMessages();
  const requests = messages.filter(({ isRequest }) => isRequest).map(({ method }) => method);
  expect(requests.length).toBeGreaterThan(50);
  const all = tests();
  const ofLife = ["initialize", "shutdown"];
  const rows: [string, string, string, string][] = [];
  for (const method of requests) {
    if (ofLife.includes(method)) continue;
    const shown = shownBy(all, method);
    if (!(await isAnswered(session, method))) rows.push([method, "no", REASONS[method] ?? "NO REASON", ""]);
    else rows.push([method, "yes", shown ? `${shown.title} (${shown.file})` : "NO TEST", ofFunction(method)]);
  }
  await session.stop();
  expect(rows.filter((row) => row.includes("NO REASON") || row.includes("NO TEST"))).toEqual([]);

  const notifications = messages.filter(({ isRequest }) => !isRequest).map(({ method }) => method);
  const told = [...new Set([...notifications, "$/setTrace"])].sort().map((method): [string, string] => {
    return [method, NOTIFICATIONS[method] ?? "NO TEXT"];
  });
  expect(told.filter(([, text]) => text === "NO TEXT")).toEqual([]);

  const supported = rows.filter(([, answer]) => answer === "yes").length;
  const page = [
    "# The Language Server Protocol in this server",
    "",
    "Generated by server/test/protocol-table.test.ts (`npx vitest run --project code server/test/protocol-table.test.ts",
    "--update` writes it): every request of LSP 3.18 that a client may send, with a test that shows it over the protocol and one of",
    "the function that answers it, or why it isn't answered.",
    "",
    `## Requests: ${supported} of ${rows.length}`,
    "",
    "| request | answered | test over the protocol, or reason | test of the function (in server/src/analysis) |",
    "| --- | --- | --- | --- |",
    ...rows.map((row) => `| \`${row[0]}\` | ${row.slice(1).join(" | ")} |`),
    "",
    "Requests that may take long (`textDocument/references`, `workspace/symbol`, `workspace/diagnostic`) are worked off in pieces,",
    "end when they are cancelled, show progress, and give partial results. Positions count UTF-16 units, which every client can;",
    "no other encoding is offered.",
    "",
    "In programs of more than 3,000 lines cycles and then lints are computed in slices behind a short pause in typing, and only",
    "for functions that an edit concerns: errors are told at once, findings stay with their lines until new ones come,",
    "`textDocument/codeLens` and `textDocument/inlayHint` are answered when the cycles are there (editors show what they had until",
    "then), and a hover is answered at once, without the cycles in its place as long as they aren't known.",
    "",
    "In `nnp.json` there are completion and hover, for editors that show no JSON schemas, and diagnostics; nothing else.",
    "",
    "## Notifications",
    "",
    "| notification | |",
    "| --- | --- |",
    ...told.map(([method, text]) => `| \`${method}\` | ${text} |`),
    "",
  ].join("\n");
  await expect(page).toMatchFileSnapshot("../../docs/lsp.md");
});
