/** The user's settings, section `nnasm` of the editor's configuration. */
import { type LintLevels, levelsFrom } from "@nnasm/sim-core/lint";
import { type Connection, DidChangeConfigurationNotification } from "vscode-languageserver";
import type { ClientFeatures } from "./client.ts";

export interface Settings {
  readonly inlayHints: {
    /** Values of constants and expressions. */
    readonly values: boolean;
    /** Types and shapes of tensors. */
    readonly tensors: boolean;
  };
  /** Levels of lints, laid over those of nnp.json. */
  readonly lint: LintLevels;
}

export const DEFAULT_SETTINGS: Settings = { inlayHints: { values: true, tensors: true }, lint: {} };

/** What the editor sent, with defaults for everything that is missing or of a wrong type. */
export function readSettings(raw: unknown): Settings {
  const hints = (raw as { inlayHints?: Partial<Record<string, unknown>> } | null | undefined)?.inlayHints;
  const flag = (name: keyof Settings["inlayHints"]): boolean => {
    const value = hints?.[name];
    return typeof value === "boolean" ? value : DEFAULT_SETTINGS.inlayHints[name];
  };
  return { inlayHints: { values: flag("values"), tensors: flag("tensors") }, lint: levelsFrom((raw as { lint?: unknown } | null | undefined)?.lint) };
}

/** Keeps settings up to date: asks the client now and after every change. Clients that can't be asked keep the defaults. */
export async function followSettings(
  connection: Connection,
  client: ClientFeatures,
  apply: (settings: Settings) => void,
): Promise<void> {
  if (!client.configuration) return;
  const ask = async () => apply(readSettings(await connection.workspace.getConfiguration("nnasm")));
  connection.onDidChangeConfiguration(() => void ask().catch(() => undefined));
  if (client.configurationChanges) {
    await connection.client.register(DidChangeConfigurationNotification.type, { section: "nnasm" });
  }
  await ask();
}
