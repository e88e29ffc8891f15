/** workspace/textDocumentContent: expansions, disassemblies and pages of instructions as documents. */
import type { Context, Feature } from "../feature.ts";
import { SCHEMES, virtualText } from "../virtual.ts";

/** More than anybody keeps open. */
const KEPT = 100;

export const virtualDocuments: Feature = {
  capabilities: { workspace: { textDocumentContent: { schemes: [...SCHEMES] } } },
  register(context) {
    const { connection, workspace, client, publisher } = context;
    /** What was last given of each document. */
    const given = new Map<string, string>();
    connection.workspace.textDocumentContent.on(({ uri }) => {
      const text = virtualText(workspace, uri);
      if (text === undefined) return null;
      given.delete(uri);
      given.set(uri, text);
      if (given.size > KEPT) given.delete(given.keys().next().value!);
      return { text };
    });
    publisher.onRound(() => {
      if (client().contentRefresh) refreshChanged(context, given);
    });
  },
};

function refreshChanged({ connection, workspace }: Context, given: ReadonlyMap<string, string>): void {
  for (const [uri, text] of given) {
    if (virtualText(workspace, uri) === text) continue;
    void connection.workspace.textDocumentContent.refresh(uri).catch(() => undefined);
  }
}
