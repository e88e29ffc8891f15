/** The page's side of a panel over a debug session. In a webview only. */
import type { FromPage, SessionState, ToPage } from "./debug-messages.ts";

interface VsCodeApi {
  postMessage(message: FromPage): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

// The function may be called once only.
const host = acquireVsCodeApi();

interface Waiting {
  resolve(body: unknown): void;
  reject(error: Error): void;
}

const waiting = new Map<number, Waiting>();
let last = 0;

function send(make: (id: number) => FromPage): Promise<unknown> {
  const id = ++last;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    host.postMessage(make(id));
  });
}

/** Asks the debugger. @throws Error by the promise, with its words, when it refuses */
export const ask = <T>(request: string, arguments_: object = {}): Promise<T> =>
  send((id) => ({ type: "ask", id, request, arguments: arguments_ })) as Promise<T>;

/** Lets the user choose a file. @returns its path */
export const chooseFile = (): Promise<string | undefined> =>
  send((id) => ({ type: "file", id })) as Promise<string | undefined>;

export const openSource = (file: string, line: number): void => host.postMessage({ type: "open", file, line });

export interface PageListener {
  /** @param id of the session; empty = none */
  session(state: SessionState, id: string): void;
  show(expression: string): void;
}

/** Begins to hear of the session. @returns what ends it */
export function listen(listener: PageListener): () => void {
  // VS Code gives a webview messages of its own extension only.
  const take = ({ data }: MessageEvent<ToPage>): void => {
    if (data.type === "session") listener.session(data.state, data.id);
    else if (data.type === "show") listener.show(data.expression);
    else {
      const open = waiting.get(data.id);
      waiting.delete(data.id);
      if (data.type === "answer") open?.resolve(data.body);
      else open?.reject(new Error(data.message));
    }
  };
  window.addEventListener("message", take);
  host.postMessage({ type: "ready" });
  return () => window.removeEventListener("message", take);
}

/** What the user chose; survives the page while the panel exists. */
export const keptState = <T extends object>(standard: T): T => ({ ...standard, ...(host.getState() as Partial<T>) });

export const keepState = (state: object): void => host.setState(state);
