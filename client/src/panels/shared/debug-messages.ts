/** What panels over a debug session send each other: the page asks the debugger through the extension. */

/** The session that a panel looks into. */
export type SessionState = "none" | "running" | "stopped";

export type ToPage =
  /** How the session stands; sent again whenever what is shown may be out of date. */
  | { readonly type: "session"; readonly state: SessionState; readonly id: string }
  /** What to show: an expression. */
  | { readonly type: "show"; readonly expression: string }
  | { readonly type: "answer"; readonly id: number; readonly body: unknown }
  | { readonly type: "refused"; readonly id: number; readonly message: string };

export type FromPage =
  | { readonly type: "ready" }
  | { readonly type: "ask"; readonly id: number; readonly request: string; readonly arguments: object }
  /** Answered with a path, or undefined. */
  | { readonly type: "file"; readonly id: number }
  | { readonly type: "open"; readonly file: string; readonly line: number };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Checks what came out of a page, the less trusted half.
 * @param requests the ones that the page may ask for
 */
export function parseFromPage(message: unknown, requests: ReadonlySet<string>): FromPage | undefined {
  if (!isObject(message)) return undefined;
  const { type, id, request, arguments: given, file, line } = message;
  if (type === "ready") return { type };
  if (type === "open") {
    const isPlace = typeof file === "string" && typeof line === "number" && Number.isInteger(line) && line >= 1;
    return isPlace ? { type, file, line } : undefined;
  }
  if (typeof id !== "number" || !Number.isSafeInteger(id)) return undefined;
  if (type === "file") return { type, id };
  if (type !== "ask" || typeof request !== "string" || !requests.has(request) || !isObject(given)) return undefined;
  return { type, id, request, arguments: given };
}
