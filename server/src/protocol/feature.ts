/** The shape of a language feature: what it announces and how it answers. */
import type { Connection, ServerCapabilities } from "vscode-languageserver";
import type { Workspace } from "../workspace/workspace.ts";
import type { ClientFeatures } from "./client.ts";
import type { Settings } from "./settings.ts";

export interface Context {
  readonly connection: Connection;
  readonly workspace: Workspace;
  /** Known from `initialize` on; before that, a client that can do nothing. */
  readonly client: () => ClientFeatures;
  readonly settings: () => Settings;
}

export interface Feature {
  readonly capabilities: ServerCapabilities;
  /** Registers the feature's handlers: they convert, call an analysis function and convert its answer. */
  readonly register: (context: Context) => void;
}
