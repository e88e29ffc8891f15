/** What the server needs of the world outside the editor. Node implements it in host/node.ts; a browser worker will from a filled cache. */
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
}
