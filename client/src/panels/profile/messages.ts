/** What the panel's two halves, extension and webview, send each other. */
import type { Finding } from "@nnasm/sim-core/advice";
import type { Profile } from "@nnasm/sim-core/profile";

/** Advice on a run. */
export interface AdviceView {
  readonly findings: readonly Finding[];
  /** Why there could be more; absent: this is all. */
  readonly note?: string;
}

export type ToWebview =
  | {
      readonly type: "profile";
      /** Name of the program. */
      readonly program: string;
      readonly profile: Profile;
      readonly advice: AdviceView;
    }
  | { readonly type: "empty" };

const EXPORTS = ["json", "csv", "html"] as const;
export type ExportForm = (typeof EXPORTS)[number];

export type ToExtension =
  | { readonly type: "ready" }
  | { readonly type: "open"; readonly file: string; readonly line: number }
  | { readonly type: "export"; readonly form: ExportForm }
  | { readonly type: "heat" }
  /** The program is to be traced, for memory by address and cycle. */
  | { readonly type: "memory" };

/** Checks what came out of the webview, the less trusted half. */
export function parseToExtension(message: unknown): ToExtension | undefined {
  if (typeof message !== "object" || message === null || !("type" in message)) return undefined;
  if (message.type === "ready" || message.type === "heat" || message.type === "memory") return { type: message.type };
  if (message.type === "export" && "form" in message) {
    const form = EXPORTS.find((one) => one === message.form);
    return form && { type: "export", form };
  }
  if (message.type !== "open" || !("file" in message) || !("line" in message)) return undefined;
  const { file, line } = message;
  return typeof file === "string" && Number.isInteger(line) && typeof line === "number" && line >= 1
    ? { type: "open", file, line }
    : undefined;
}
