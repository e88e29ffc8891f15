/**
 * Files through the client, for servers without a disk: a browser's worker. What is asked for the first time is fetched
 * in the background; until it comes the file is missing, and who needs the whole picture waits for `settled`.
 */
import { RequestType } from "vscode-languageserver";
import type { FileHost, FolderEntry } from "../workspace/host.ts";
import { canonicalUri, type Uri } from "../workspace/uri.ts";

/** The contents of a file, or null when there is none. The transport carries the bytes as they are (structured clone). */
const readFileRequest = new RequestType<{ uri: string }, { bytes: Uint8Array } | null, void>("nnasm/readFile");
/** What a folder holds, or null when there is none. */
const readFolderRequest = new RequestType<{ uri: string }, { entries: FolderEntry[] } | null, void>("nnasm/readFolder");
/** The `.nnasm` files in a folder and below it. */
const findSourcesRequest = new RequestType<{ uri: string }, { uris: string[] }, void>("nnasm/findSources");

export interface Client {
  sendRequest<P, R>(type: RequestType<P, R, void>, parameters: P): Promise<R>;
}

interface Fetched<T> {
  readonly stamp: string;
  readonly value: T | undefined;
}

export class ClientFileHost implements FileHost {
  private readonly client: Client;
  private readonly files = new Map<Uri, Fetched<Uint8Array>>();
  private readonly folders = new Map<Uri, Fetched<readonly FolderEntry[]>>();
  private readonly pending = new Map<string, Promise<void>>();
  private readonly listeners: ((uri: Uri) => void)[] = [];
  private fetches = 0;

  constructor(client: Client) {
    this.client = client;
  }

  stamp(uri: Uri): string | undefined {
    const known = this.files.get(uri);
    if (!known) this.fetchFile(uri);
    return known?.value && known.stamp;
  }

  read(uri: Uri): Uint8Array | undefined {
    const known = this.files.get(uri);
    if (!known) this.fetchFile(uri);
    return known?.value;
  }

  list(folder: Uri): readonly FolderEntry[] {
    const known = this.folders.get(folder);
    if (!known) {
      void this.fetch(`folder ${folder}`, async () => {
        const found = await this.client.sendRequest(readFolderRequest, { uri: folder });
        this.folders.set(folder, { stamp: "", value: found?.entries });
      });
    }
    return known?.value ?? [];
  }

  async findSources(folder: Uri): Promise<readonly Uri[]> {
    try {
      const { uris } = await this.client.sendRequest(findSourcesRequest, { uri: folder });
      return uris.map(canonicalUri);
    } catch {
      // A client that can't say: sources are then known when they are opened or included.
      return [];
    }
  }

  fileChanged(uri: Uri): void {
    this.folders.clear();
    // Until the new contents are here the old ones stand: a missing file would be an error for a moment.
    if (this.files.has(uri)) this.fetchFile(uri);
  }

  onArrival(listener: (uri: Uri) => void): void {
    this.listeners.push(listener);
  }

  async settled(): Promise<boolean> {
    if (this.pending.size === 0) return false;
    await Promise.all(this.pending.values());
    return true;
  }

  private fetchFile(uri: Uri): void {
    void this.fetch(`file ${uri}`, async () => {
      const found = await this.client.sendRequest(readFileRequest, { uri });
      this.files.set(uri, { stamp: `fetch ${++this.fetches}`, value: found?.bytes });
      for (const each of this.listeners) each(uri);
    });
  }

  /** One request for a thing at a time. A client that fails to answer has no such file. */
  private fetch(key: string, work: () => Promise<void>): Promise<void> {
    const running = this.pending.get(key);
    if (running) return running;
    const started = work()
      .catch(() => {
        if (key.startsWith("file ")) this.files.set(key.slice(5), { stamp: "", value: undefined });
        else this.folders.set(key.slice(7), { stamp: "", value: undefined });
      })
      .finally(() => this.pending.delete(key));
    this.pending.set(key, started);
    return started;
  }
}
