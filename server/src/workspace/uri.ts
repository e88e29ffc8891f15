/**
 * URIs in one spelling. Clients write the same file in different ways (`file:///c%3A/a`, `file:///C:/a`); as map keys
 * all of them must be equal. The spelling is that of VS Code.
 */

export type Uri = string;

interface Parts {
  /** `file`, `vscode-vfs`, ... in lower case. */
  readonly scheme: string;
  readonly authority: string;
  /** Decoded, with slashes, and with a leading one. */
  readonly path: string;
}

/** The text of a part of a URI, whatever somebody has written there. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone percent sign stands for itself.
    return text;
  }
}

// Half of a character outside the basic plane, which an edit may leave, has no code: another one stands for it.
const encode = (text: string): string =>
  encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\ufffd")).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );

function split(uri: Uri): Parts {
  const match = /^([A-Za-z][\w+.-]*):(?:\/\/([^/]*))?(\/?[^?#]*)/.exec(uri);
  if (!match) return { scheme: "file", authority: "", path: normalize(decode(uri)) };
  const [, scheme = "", authority = "", path = ""] = match;
  return { scheme: scheme.toLowerCase(), authority, path: normalize(decode(path)) };
}

/** Resolves `.` and `..`; drive letters become lower case. */
function normalize(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  if (/^[A-Z]:$/.test(parts[0] ?? "")) parts[0] = parts[0]!.toLowerCase();
  return `/${parts.join("/")}`;
}

function join({ scheme, authority, path }: Parts): Uri {
  return `${scheme}://${authority}${path.split("/").map(encode).join("/")}`;
}

const canonical = new Map<string, Uri>();

/** The one spelling of a URI. Queries and fragments, which name no files, are dropped. */
export function canonicalUri(uri: string): Uri {
  let result = canonical.get(uri);
  if (result === undefined) {
    result = join(split(uri));
    if (canonical.size > 10_000) canonical.clear();
    canonical.set(uri, result);
  }
  return result;
}

/** The file that a path, as written in the file `from`, means. Paths are relative to the folder of `from`, or absolute. */
export function resolveUri(from: Uri, path: string): Uri {
  const base = split(from);
  const windows = /^\/[a-z]:/.test(base.path);
  const written = windows ? path.replaceAll("\\", "/") : path;
  const absolute = written.startsWith("/") || (windows && /^[A-Za-z]:\//.test(written));
  const folder = base.path.slice(0, base.path.lastIndexOf("/"));
  return join({ ...base, path: normalize(absolute ? written : `${folder}/${written}`) });
}

/** The folder that a file or folder lies in, or undefined for the root. */
export function parentUri(uri: Uri): Uri | undefined {
  const parts = split(uri);
  if (parts.path === "/") return undefined;
  return join({ ...parts, path: parts.path.slice(0, parts.path.lastIndexOf("/")) || "/" });
}

/** A file in a folder. */
export function childUri(folder: Uri, name: string): Uri {
  const parts = split(folder);
  return join({ ...parts, path: normalize(`${parts.path}/${name}`) });
}

/** Whether `uri` is `folder` or lies in it, at any depth. */
export function isInside(folder: Uri, uri: Uri): boolean {
  return uri === folder || uri.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

/** Name of a file without its folder. */
export function fileNameOf(uri: Uri): string {
  return split(uri).path.split("/").at(-1) ?? "";
}

/** The path to write in the file `from` to mean the file `to`, with forward slashes. */
export function relativePath(from: Uri, to: Uri): string {
  const a = split(from).path.split("/").slice(1, -1);
  const b = split(to).path.split("/").slice(1);
  let same = 0;
  while (same < a.length && same < b.length - 1 && a[same] === b[same]) same++;
  return [...a.slice(same).map(() => ".."), ...b.slice(same)].join("/");
}
