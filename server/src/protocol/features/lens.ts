/** textDocument/codeLens: places at once, what they say when they are seen. */
import type { CodeLens, Command } from "vscode-languageserver";
import { type Lens, type LensKind, lensesOf, lensText, usesOf } from "../../analysis/lens.ts";
import type { Snapshot } from "../../analysis/snapshot.ts";
import { toLocation } from "../convert.ts";
import type { Context, Feature } from "../feature.ts";

/** Commands of clients, by what a lens is about. */
const COMMANDS: Readonly<Record<LensKind, string | undefined>> = {
  cycles: undefined,
  references: "nnasm.showReferences",
  run: "nnasm.run",
  debug: "nnasm.debug",
  profile: "nnasm.profile",
};

/** What a lens carries until it is resolved. */
interface Data extends Pick<Lens, "kind" | "address" | "name"> {
  readonly uri: string;
}

function isData(data: unknown): data is Data {
  const { kind, address, name, uri } = (data ?? {}) as Partial<Record<string, unknown>>;
  return (
    typeof kind === "string" &&
    Object.hasOwn(COMMANDS, kind) &&
    typeof address === "number" &&
    typeof name === "string" &&
    typeof uri === "string"
  );
}

/** A client that doesn't say that it has a command gets words alone: the empty command does nothing. */
function commandOf(
  { kind, name, uri }: Data,
  title: string,
  lens: CodeLens,
  snapshot: Snapshot,
  context: Context,
): Command {
  const command = COMMANDS[kind];
  if (command === undefined || !context.client().commands.has(command)) return { title, command: "" };
  if (kind !== "references") return { title, command, arguments: [uri] };
  const locations = usesOf(snapshot, name).map((use) => toLocation(use, context.workspace));
  return { title, command, arguments: [uri, lens.range.start, locations] };
}

export const codeLens: Feature = {
  capabilities: { codeLensProvider: { resolveProvider: true } },
  register(context) {
    const { connection, workspace, client, settings, publisher } = context;
    connection.onCodeLens(async ({ textDocument: { uri } }, token): Promise<CodeLens[]> => {
      const options = settings().codeLens;
      if (options.cycles) await publisher.timed(uri, token);
      const isWanted = options.cycles || options.references || options.run;
      const snapshot = isWanted ? workspace.snapshot(uri) : undefined;
      if (!snapshot) return [];
      // Above the program's start stands what can be done with it, and only that.
      const { commands } = client();
      const able = ({ kind }: Lens) => kind === "cycles" || kind === "references" || commands.has(COMMANDS[kind]!);
      const lenses = lensesOf(snapshot, options).filter(able);
      return lenses.map(({ range, kind, address, name }) => ({
        range,
        data: { kind, address, name, uri } satisfies Data,
      }));
    });
    connection.onCodeLensResolve((lens): CodeLens => {
      const data: unknown = lens.data;
      const snapshot = isData(data) ? workspace.snapshot(data.uri) : undefined;
      const title = isData(data) && snapshot ? lensText(snapshot, data) : undefined;
      if (!isData(data) || !snapshot) return { ...lens, command: { title: "", command: "" } };
      return { ...lens, command: commandOf(data, title ?? "", lens, snapshot, context) };
    });
  },
};
