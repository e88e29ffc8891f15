import type { ToExtension } from "../messages.ts";

/** What the user chose in the panel; survives the page while the panel exists. */
export interface PanelState {
  readonly layerSort?: Sort;
  readonly lineSort?: Sort;
}

export interface Sort {
  readonly column: string;
  readonly descending: boolean;
}

interface VsCodeApi {
  postMessage(message: ToExtension): void;
  getState(): PanelState | undefined;
  setState(state: PanelState): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

// The function may be called once only.
const host = acquireVsCodeApi();

/** Asks the extension for the data. */
export const ready = (): void => host.postMessage({ type: "ready" });

export const openSource = (file: string, line: number): void => host.postMessage({ type: "open", file, line });

export const panelState = (): PanelState => host.getState() ?? {};

export const keepPanelState = (change: PanelState): void => host.setState({ ...panelState(), ...change });
