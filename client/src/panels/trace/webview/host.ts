import type { Method, Requests, ToExtension, ToWebview } from "../messages.ts";

/** What the user chose in the editor; survives the page while the editor is there. */
export interface EditorState {
  readonly from?: number;
  readonly to?: number;
  readonly inTime?: boolean;
  readonly pipeline?: boolean;
  readonly table?: boolean;
  readonly memory?: boolean;
}

interface VsCodeApi {
  postMessage(message: ToExtension): void;
  getState(): EditorState | undefined;
  setState(state: EditorState): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

// The function may be called once only.
const host = acquireVsCodeApi();
const open = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
let last = 0;

export const send = (message: ToExtension): void => host.postMessage(message);

/** @throws Error with what the extension says when it can't be answered */
export function ask<M extends Method>(method: M, argument: Requests[M][0]): Promise<Requests[M][1]> {
  const id = ++last;
  return new Promise<unknown>((resolve, reject) => {
    open.set(id, { resolve, reject });
    send({ type: "ask", id, method, argument });
  }) as Promise<Requests[M][1]>;
}

export const editorState = (): EditorState => host.getState() ?? {};

export const keepState = (change: EditorState): void => host.setState({ ...editorState(), ...change });

/** Hands out what the extension sends, but for answers, which go to those who asked. @returns what ends it */
export function listen(take: (message: ToWebview) => void): () => void {
  // VS Code gives a webview messages of its own extension only.
  const heard = ({ data }: MessageEvent<ToWebview>): void => {
    if (data.type !== "answer" && data.type !== "refused") {
      take(data);
      return;
    }
    const waiting = open.get(data.id);
    open.delete(data.id);
    if (data.type === "answer") waiting?.resolve(data.result);
    else waiting?.reject(new Error(data.message));
  };
  window.addEventListener("message", heard);
  return () => window.removeEventListener("message", heard);
}
