/** Files on disk, for servers that run in Node. The only place of the server beside main.ts that knows Node. */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { FileHost, FolderEntry } from "../workspace/host.ts";
import { canonicalUri, type Uri } from "../workspace/uri.ts";

/** Looking for sources ends here: a whole disk opened by mistake must not keep the server busy. */
const MAX_FOLDERS = 20_000;
const SKIPPED = new Set(["node_modules", "dist", "out", "build"]);

function pathOf(uri: Uri): string | undefined {
  if (!uri.startsWith("file:")) return undefined;
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}

function stamp(uri: Uri): string | undefined {
  try {
    const path = pathOf(uri);
    const stat = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false, bigint: true });
    return stat?.isFile() ? `${stat.mtimeNs} ${stat.size}` : undefined;
  } catch {
    // A folder on the way may not be entered: for us the file isn't there.
    return undefined;
  }
}

function read(uri: Uri): Uint8Array | undefined {
  try {
    const path = pathOf(uri);
    return path === undefined ? undefined : readFileSync(path);
  } catch {
    // Whatever the reason, the assembler names the file and the line that asks for it.
    return undefined;
  }
}

function list(folder: Uri): FolderEntry[] {
  try {
    const path = pathOf(folder);
    const entries = path === undefined ? [] : readdirSync(path, { withFileTypes: true });
    return entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
  } catch {
    return [];
  }
}

async function findSources(folder: Uri): Promise<Uri[]> {
  const top = pathOf(folder);
  const queue = top === undefined ? [] : [top];
  const found: Uri[] = [];
  for (let index = 0; index < queue.length && index < MAX_FOLDERS; index++) {
    const current = queue[index]!;
    const entries = await readdir(current, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (entry.isDirectory() && !SKIPPED.has(entry.name) && !entry.name.startsWith("."))
        queue.push(join(current, entry.name));
      else if (entry.isFile() && entry.name.endsWith(".nnasm"))
        found.push(canonicalUri(pathToFileURL(join(current, entry.name)).href));
    }
  }
  return found;
}

/** The manual of diagnostics that lies nearest above the started script: beside the bundles, or in the checkout. */
function findManual(): string | undefined {
  const script = process.argv[1];
  if (script === undefined || !existsSync(script)) return undefined;
  for (let folder = dirname(realpathSync(script)); ; folder = dirname(folder)) {
    const manual = join(folder, "docs", "diagnostics");
    if (existsSync(join(manual, "README.md"))) return manual;
    if (folder === dirname(folder)) return undefined;
  }
}

const manualPages = new Map<string, Uri | undefined>();
let manual: string | undefined | null = null;

function manualPage(id: string): Uri | undefined {
  if (!manualPages.has(id)) {
    if (manual === null) manual = findManual();
    const page = manual === undefined ? undefined : join(manual, `${id}.md`);
    manualPages.set(id, page !== undefined && existsSync(page) ? canonicalUri(pathToFileURL(page).href) : undefined);
  }
  return manualPages.get(id);
}

export const nodeHost: FileHost = { stamp, read, list, findSources, manualPage };
