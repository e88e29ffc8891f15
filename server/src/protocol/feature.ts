/** The shape of a language feature: what it announces and how it answers. */
import type { Connection, ServerCapabilities } from "vscode-languageserver";
import type { Lints } from "../workspace/lints.ts";
import type { Workspace } from "../workspace/workspace.ts";
import type { ClientFeatures } from "./client.ts";
import type { DiagnosticsPublisher } from "./diagnostics.ts";
import type { Settings } from "./settings.ts";

export interface Context {
  /** What is wrong in the programs, as it is told or asked for. */
  readonly publisher: DiagnosticsPublisher;
  readonly connection: Connection;
  readonly workspace: Workspace;
  /** What the lints say of the programs. */
  readonly lints: Lints;
  /** Known from `initialize` on; before that, a client that can do nothing. */
  readonly client: () => ClientFeatures;
  readonly settings: () => Settings;
  /** Takes note that files were created, changed or deleted, and tells what is wrong now. */
  readonly filesChanged: (uris: readonly string[]) => void;
}

export interface Feature {
  readonly capabilities: ServerCapabilities;
  /** Registers the feature's handlers: they convert, call an analysis function and convert its answer. */
  readonly register: (context: Context) => void;
}
