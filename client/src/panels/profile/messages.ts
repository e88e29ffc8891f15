/** What the panel's two halves, extension and webview, send each other: plain data. */

/** A use or loss of MAC slots. */
export interface CauseView {
  readonly id: string;
  readonly label: string;
  /** One sentence that says what the cause means. */
  readonly description: string;
}

/** One layer of the network, or the whole program. */
export interface LayerView {
  readonly id: string;
  readonly name: string;
  readonly cycles: number;
  /** Share of the program's cycles, 0..1. */
  readonly share: number;
  /** Useful MAC slots by all MAC slots, 0..1; undefined when the layer had none. */
  readonly utilisation: number | undefined;
  readonly ddrBytes: number;
  /** MAC slots by cause, in the order of ProfileView.causes, as shares that add up to 1 (or all 0 when there were none). */
  readonly slots: readonly number[];
}

export interface LineView {
  /** As the program names it; resolved to a file by the extension when it is opened. */
  readonly file: string;
  /** Counted from one. */
  readonly line: number;
  readonly cycles: number;
  readonly share: number;
  readonly instructions: number;
  /** MAC slots that were not useful, as a share of all of the program's slots. */
  readonly lostSlots: number;
}

export interface ProfileView {
  readonly title: string;
  /** For example `1,234,567 cycles · 2.47 ms at 500 MHz`. */
  readonly summary: readonly string[];
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
  return typeof file === "string" && typeof line === "number" && line >= 1 ? { type: "open", file, line } : undefined;
}
