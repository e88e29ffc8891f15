/** What the panel's two halves, extension and webview, send each other: plain data, ready to show. */

/** A use or loss of MAC slots. */
export interface CauseView {
  readonly id: string;
  readonly label: string;
  /** What the cause means. */
  readonly description: string;
}

/** One layer of the network, or the whole program. */
export interface LayerView {
  readonly id: string;
  readonly name: string;
  readonly cycles: number;
  /** Share of the program's cycles, 0..1. */
  readonly share: number;
  /** Useful MAC slots by all MAC slots, 0..1. */
  readonly utilisation: number;
  readonly ddrBytes: number;
  /** MAC slots by cause, in the order of ProfileView.causes, as shares that add up to 1 (or all 0 when there were none). */
  readonly slots: readonly number[];
}

export interface LineView {
  readonly id: string;
  /** For example `net.nnasm:12`, or an address for code without line information. */
  readonly label: string;
  /** Where the line stands; the line counts from one. */
  readonly place: { readonly file: string; readonly line: number } | undefined;
  /** Cycles of the control unit, and their share of the program's. */
  readonly cycles: number;
  readonly share: number;
  readonly retired: number;
  /** Cycles of the operations that the line issued to the neural unit. */
  readonly nuCycles: number;
  /** Useful MAC slots by all MAC slots of the line's operations and the idle time before them; undefined when it has none. */
  readonly utilisation: number | undefined;
  readonly ddrBytes: number;
}

export interface ProfileView {
  readonly title: string;
  /** Facts about the whole run, for example `1,234,567 cycles (2.47 ms at 500 MHz)`. */
  readonly summary: readonly string[];
  /** The causes that happened in this run. */
  readonly causes: readonly CauseView[];
  readonly total: LayerView;
  readonly layers: readonly LayerView[];
  readonly lines: readonly LineView[];
}

export type ToWebview = { readonly type: "profile"; readonly profile: ProfileView } | { readonly type: "empty" };

export type ToExtension =
  | { readonly type: "ready" }
  | { readonly type: "open"; readonly file: string; readonly line: number };

/** Checks what came out of the webview, the less trusted half. */
export function parseToExtension(message: unknown): ToExtension | undefined {
  if (typeof message !== "object" || message === null || !("type" in message)) return undefined;
  if (message.type === "ready") return { type: "ready" };
  if (message.type !== "open" || !("file" in message) || !("line" in message)) return undefined;
  const { file, line } = message;
  return typeof file === "string" && Number.isInteger(line) && typeof line === "number" && line >= 1
    ? { type: "open", file, line }
    : undefined;
}
