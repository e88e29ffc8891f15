/** What a panel of one piece of data and its page send each other. */

/** A line of a source file, counted from one. */
export interface SourceLink {
  readonly file: string;
  readonly line: number;
}

export interface ToDataPage<Data> {
  readonly type: "data";
  readonly data: Data;
}

export type FromDataPage =
  | { readonly type: "ready" }
  /** Several are shown side by side. */
  | { readonly type: "open"; readonly places: readonly SourceLink[] };

function isLink(value: unknown): value is SourceLink {
  if (typeof value !== "object" || value === null || !("file" in value) || !("line" in value)) return false;
  return (
    typeof value.file === "string" && typeof value.line === "number" && Number.isInteger(value.line) && value.line >= 1
  );
}

/** Checks what came out of the page, the less trusted half. */
export function parseFromDataPage(message: unknown): FromDataPage | undefined {
  if (typeof message !== "object" || message === null || !("type" in message)) return undefined;
  if (message.type === "ready") return { type: "ready" };
  if (message.type !== "open" || !("places" in message) || !Array.isArray(message.places)) return undefined;
  const places: readonly unknown[] = message.places;
  if (places.length === 0 || places.length > 2 || !places.every(isLink)) return undefined;
  return { type: "open", places: places.map(({ file, line }) => ({ file, line })) };
}
