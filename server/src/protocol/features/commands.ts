/**
 * workspace/executeCommand. Their names say that they are the server's: editors' own commands, which ask for what is
 * missing, call them.
 *
 *     nnasm.server.expandMacro       {uri, position?}   the file, or the call at the position, with macros expanded
 *     nnasm.server.disassemble       {uri}
 *     nnasm.server.instructionPage   {uri, position} or {uri, mnemonic}
 *     nnasm.server.inlineMacro       {uri, position}
 *     nnasm.server.extractMacro      {uri, range, name?, operands?}
 *
 * The first three answer `{uri, text}`, a document that workspace/textDocumentContent knows, and show it where the
 * client can be asked to; the others have the client apply their edit.
 */
import {
  type ApplyWorkspaceEditResult,
  ErrorCodes,
  type Position,
  type Range,
  ResponseError,
} from "vscode-languageserver";
import { callAt } from "../../analysis/expansion.ts";
import type { TextEdit } from "../../analysis/format.ts";
import { mnemonicAt } from "../../analysis/instruction-page.ts";
import { type ExtractOptions, extractMacro } from "../../analysis/refactor/extract-macro.ts";
import { inlineMacro } from "../../analysis/refactor/inline-macro.ts";
import { RefactoringRefused } from "../../analysis/refactor/refactoring.ts";
import type { Snapshot } from "../../analysis/snapshot.ts";
import { toWorkspaceEdit } from "../convert.ts";
import type { Context, Feature } from "../feature.ts";
import { virtualText, virtualUri } from "../virtual.ts";

interface Arguments extends ExtractOptions {
  readonly uri: string;
  readonly position?: Position;
  readonly range?: Range;
  readonly mnemonic?: string;
}

type Command = (context: Context, snapshot: Snapshot, parameters: Arguments) => unknown;

const COMMANDS: Readonly<Record<string, Command>> = {
  "nnasm.server.expandMacro": (context, snapshot, { uri, position }) => {
    const line = position && callAt(snapshot, position)?.line;
    if (position && line === undefined) throw refusal("there is no macro call here");
    return show(context, virtualUri("nnasm-expansion", uri, line === undefined ? {} : { line }));
  },
  "nnasm.server.disassemble": (context, _, { uri }) => show(context, virtualUri("nnasm-disassembly", uri)),
  "nnasm.server.instructionPage": (context, snapshot, { uri, position, mnemonic }) => {
    const name = mnemonic ?? (position && mnemonicAt(snapshot, position));
    if (name === undefined) throw refusal("there is no instruction here");
    return show(context, virtualUri("nnasm-isa", uri, { name }));
  },
  "nnasm.server.inlineMacro": (context, snapshot, { uri, position }) =>
    apply(context, uri, "Inline macro", inlineMacro(snapshot, required(position, "position"))),
  "nnasm.server.extractMacro": (context, snapshot, { uri, range, name, operands }) =>
    apply(
      context,
      uri,
      "Extract macro",
      extractMacro(snapshot, required(range, "range"), {
        ...(name ? { name } : {}),
        ...(operands ? { operands } : {}),
      }),
    ),
};

/** Refusals are the user's to read, so they travel as errors with a message. */
const refusal = (message: string) => new ResponseError(ErrorCodes.InvalidRequest, message);

function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new ResponseError(ErrorCodes.InvalidParams, `the command needs a ${name}`);
  return value;
}

async function show({ connection, workspace, client }: Context, uri: string): Promise<{ uri: string; text: string }> {
  const text = virtualText(workspace, uri);
  if (text === undefined) throw refusal("there is nothing to show");
  if (client().showsDocuments) await connection.window.showDocument({ uri, takeFocus: true });
  return { uri, text };
}

async function apply(
  { connection, client, workspace }: Context,
  uri: string,
  label: string,
  edits: readonly TextEdit[],
): Promise<ApplyWorkspaceEditResult> {
  if (!client().appliesEdits) throw refusal("the editor applies no edits on request");
  return connection.workspace.applyEdit({ label, edit: toWorkspaceEdit(edits, uri, workspace) });
}

export const commands: Feature = {
  capabilities: { executeCommandProvider: { commands: Object.keys(COMMANDS), workDoneProgress: false } },
  register(context) {
    context.connection.onExecuteCommand(async ({ command, arguments: [parameters] = [] }) => {
      const run = COMMANDS[command];
      if (!run) throw refusal(`there is no command ${command}`);
      const given = (parameters ?? {}) as Partial<Arguments>;
      const uri = required(given.uri, "uri");
      const snapshot = context.workspace.snapshot(uri);
      if (!snapshot) throw refusal(`there is no file ${uri}`);
      try {
        return await run(context, snapshot, { ...given, uri });
      } catch (error) {
        throw error instanceof RefactoringRefused ? refusal(error.message) : error;
      }
    });
  },
};
