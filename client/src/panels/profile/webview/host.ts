import type { ExportForm, ToExtension } from "../messages.ts";
import type { Sorting } from "../model.ts";

/** What the user chose in the panel; survives the page while the panel exists. */
export interface PanelState {
  readonly tab?: string;
  readonly level?: string;
  readonly metrics?: readonly string[];
  readonly sorting?: Sorting;
  readonly asTime?: boolean;
  readonly memory?: string;
  readonly layer?: string;
  readonly open?: readonly string[];
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

export const exportAs = (form: ExportForm): void => host.postMessage({ type: "export", form });

export const showHeat = (): void => host.postMessage({ type: "heat" });

export const traceMemory = (): void => host.postMessage({ type: "memory" });

export const panelState = (): PanelState => host.getState() ?? {};

export const keepPanelState = (change: PanelState): void => host.setState({ ...panelState(), ...change });
