/** A folder of real sources in memory: what the server sees of it, and what the assembler needs of it. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { SourceHost } from "@nnasm/sim-core/asm";
import { nodeHost } from "../../src/host/node.ts";
import type { FileHost } from "../../src/workspace/host.ts";
import { resolveUri } from "../../src/workspace/uri.ts";
import { Workspace } from "../../src/workspace/workspace.ts";

const FIXTURES = fileURLToPath(new URL("../../../test-fixtures/", import.meta.url));

export class Project {
  readonly folder = "file:///p";
  readonly host: FileHost;
  /** The sources, by URI. */
  readonly sources = new Map<string, string>();
  private readonly files = new Map<string, Uint8Array>();

  /** @param name a folder of test-fixtures; its subfolders are left out */
  constructor(name: string) {
    const folder = path.join(FIXTURES, name);
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (!entry.isFile() || !/\.(nnasm|bin|json|s|inc)$/.test(entry.name)) continue;
      const bytes = readFileSync(path.join(folder, entry.name));
      const uri = `${this.folder}/${entry.name}`;
      this.files.set(uri, bytes);
      if (entry.name.endsWith(".nnasm")) this.sources.set(uri, bytes.toString("utf8"));
    }
    this.host = {
      stamp: (uri) => (this.files.has(uri) ? "1" : undefined),
      read: (uri) => this.files.get(uri),
      list: () => [...this.files.keys()].map((uri) => ({ name: path.posix.basename(uri), isFolder: false })),
      findSources: async () => [...this.sources.keys()],
      ...(nodeHost.manualPage ? { manualPage: nodeHost.manualPage } : {}),
    };
  }

  /** What a program that a source belongs to is assembled with, and where it starts, read from texts that are open. */
  async program(texts: ReadonlyMap<string, string>, uri: string) {
    const workspace = new Workspace(this.host);
    await workspace.setFolders([this.folder]);
    for (const [name, text] of texts) workspace.documents.open(name, "nnasm", 1, text);
    const { config, isa } = workspace.snapshot(uri)!;
    return { entry: workspace.programOf(uri), config, isa };
  }

  sourceHost(texts: ReadonlyMap<string, string>): SourceHost {
    return {
      resolve: resolveUri,
      readText: (uri) => texts.get(uri) ?? this.text(uri),
      readBytes: (uri) => this.files.get(uri),
    };
  }

  private text(uri: string): string | undefined {
    const bytes = this.files.get(uri);
    return bytes && new TextDecoder().decode(bytes);
  }
}
