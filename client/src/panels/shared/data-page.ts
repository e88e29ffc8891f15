/** The page's side of a panel of one piece of data. In a webview only. */
import type { FromDataPage, SourceLink, ToDataPage } from "./data-messages.ts";

interface VsCodeApi {
  postMessage(message: FromDataPage): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

// The function may be called once only.
const host = acquireVsCodeApi();

/** Asks for the data and takes it, also later pieces. @returns what ends it */
export function listen<Data>(take: (data: Data) => void): () => void {
  // VS Code gives a webview messages of its own extension only.
  const hear = ({ data }: MessageEvent<ToDataPage<Data>>): void => {
    if (data.type === "data") take(data.data);
  };
  window.addEventListener("message", hear);
  host.postMessage({ type: "ready" });
  return () => window.removeEventListener("message", hear);
}

export const openSources = (places: readonly SourceLink[]): void => host.postMessage({ type: "open", places });

/** What the user chose; survives the page while the panel exists. */
export const keptState = <T extends object>(standard: T): T => ({ ...standard, ...(host.getState() as Partial<T>) });

export const keepState = (state: object): void => host.setState(state);
