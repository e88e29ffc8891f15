/** textDocument/hover. */
import { hoverAt } from "../../analysis/hover/hover.ts";
import { toMarkup } from "../convert.ts";
import type { Feature } from "../feature.ts";
import { configHover } from "./config.ts";

export const hover: Feature = {
  capabilities: { hoverProvider: true },
  register({ connection, workspace, client }) {
    connection.onHover(({ textDocument, position }) => {
      const config = workspace.configText(textDocument.uri);
      if (config !== undefined) return configHover(config, position, client());
      const snapshot = workspace.snapshot(textDocument.uri);
      const result = snapshot && hoverAt(snapshot, position);
      return result ? { contents: toMarkup(result.markdown, client()), range: result.range } : null;
    });
  },
};
