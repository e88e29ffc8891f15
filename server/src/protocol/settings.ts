/** The user's settings, section `nnasm` of the editor's configuration. */
import { type LintLevels, levelsFrom } from "@nnasm/sim-core/lint";
import { type Connection, DidChangeConfigurationNotification } from "vscode-languageserver";
import type { CycleHints } from "../analysis/inlay.ts";
import type { ClientFeatures } from "./client.ts";

export interface Settings {
  readonly inlayHints: {
    /** Values of constants and expressions. */
    readonly values: boolean;
    /** Types and shapes of tensors. */
    readonly tensors: boolean;
    /** Cycles behind instructions. */
    readonly cycles: CycleHints;
    /** Cycles of blocks behind their last instructions. */
    readonly blockCycles: boolean;
  };
  readonly codeLens: {
    /** Cycles of functions, loops and layers. */
    readonly cycles: boolean;
    /** How often labels are used. */
    readonly references: boolean;
    /** Run, debug and profile above where the program starts. */
    readonly run: boolean;
  };
  /** Levels of lints, laid over those of nnp.json. */
  readonly lint: LintLevels;
}

export const DEFAULT_SETTINGS: Settings = {
  inlayHints: { values: true, tensors: true, cycles: "stalls", blockCycles: false },
  codeLens: { cycles: true, references: true, run: true },
  lint: {},
};

type Section = Partial<Record<string, unknown>>;

const flag = (section: Section | undefined, name: string, standard: boolean): boolean => {
  const value = section?.[name];
  return typeof value === "boolean" ? value : standard;
};

const CYCLE_HINTS: readonly unknown[] = ["off", "stalls", "all"] satisfies CycleHints[];

/** What the editor sent, with defaults for everything that is missing or of a wrong type. */
function readSettings(raw: unknown): Settings {
  const { inlayHints, codeLens, lint } = (raw ?? {}) as { inlayHints?: Section; codeLens?: Section; lint?: unknown };
  const hints = DEFAULT_SETTINGS.inlayHints;
  const lenses = DEFAULT_SETTINGS.codeLens;
  const { cycles } = inlayHints ?? {};
  return {
    inlayHints: {
      values: flag(inlayHints, "values", hints.values),
      tensors: flag(inlayHints, "tensors", hints.tensors),
      cycles: CYCLE_HINTS.includes(cycles) ? (cycles as CycleHints) : hints.cycles,
      blockCycles: flag(inlayHints, "blockCycles", hints.blockCycles),
    },
    codeLens: {
      cycles: flag(codeLens, "cycles", lenses.cycles),
      references: flag(codeLens, "references", lenses.references),
      run: flag(codeLens, "run", lenses.run),
    },
    lint: levelsFrom(lint),
  };
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
