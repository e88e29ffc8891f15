/** What the server needs of the world outside the editor. host/node.ts has a disk; host/client.ts asks the client. */
import type { Uri } from "./uri.ts";

export interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
}

export interface FileHost {
  /**
   * A text that is different whenever the file's contents may be, for example from its time and size; undefined when
   * there is no such file. Asked for often: it must be cheap.
   */
  stamp(uri: Uri): string | undefined;
  /** The file's contents, or undefined when it can't be read. */
  read(uri: Uri): Uint8Array | undefined;
  /** What a folder holds; empty when it can't be read. */
  list(folder: Uri): readonly FolderEntry[];
  /** All `.nnasm` files in a folder and below it. Never fails: what can't be read is left out. */
  findSources(folder: Uri): Promise<readonly Uri[]>;
  /** Where the manual's page of a diagnostic lies; undefined when there is none. Asked for often: it must be cheap. */
  manualPage?(id: string): Uri | undefined;
  /** Told that a file has changed, for hosts that keep contents. */
  fileChanged?(uri: Uri): void;
  /** Calls back when a file that was asked for has come, for hosts that fetch in the background. */
  onArrival?(listener: (uri: Uri) => void): void;
  /** Settled when everything that was asked for has come; true when there was something to wait for. */
  settled?(): Promise<boolean>;
}
