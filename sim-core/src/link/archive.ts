/** Static libraries: archives of objects in the format of ar, as GNU's and BSD's tools write them. */
import { decodeUtf8 } from "../elf/index.ts";

export interface ArchiveMember {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export type ArchiveResult =
  | { readonly members: readonly ArchiveMember[]; readonly error?: undefined }
  | { readonly members?: undefined; readonly error: string };

const MAGIC = "!<arch>\n";
const THIN = "!<thin>\n";
const HEADER_BYTES = 60;

const textOf = (bytes: Uint8Array, from: number, to: number): string => decodeUtf8(bytes.subarray(from, to));

/** Whether a file says that it is an archive. */
export function isArchive(bytes: Uint8Array): boolean {
  const magic = textOf(bytes, 0, MAGIC.length);
  return magic === MAGIC || magic === THIN;
}

/** The members that may be objects; tables of names and symbols are left out. */
export function readArchive(bytes: Uint8Array): ArchiveResult {
  if (textOf(bytes, 0, MAGIC.length) === THIN) {
    return { error: "a thin archive holds only names of files; make it with ar rcs instead of ar rcsT" };
  }
  const members: ArchiveMember[] = [];
  let longNames: Uint8Array = new Uint8Array(0);
  for (let at = MAGIC.length; at < bytes.length; ) {
    if (at + HEADER_BYTES > bytes.length) return { error: `the archive ends within a header at byte ${at}` };
    const field = textOf(bytes, at, at + 16).trimEnd();
    const size = Number(textOf(bytes, at + 48, at + 58).trim());
    const start = at + HEADER_BYTES;
    if (textOf(bytes, at + 58, at + 60) !== "`\n" || !Number.isInteger(size) || size < 0) {
      return { error: `the archive has a broken header at byte ${at}` };
    }
    if (start + size > bytes.length) return { error: `the archive ends within the member at byte ${at}` };
    let contents = bytes.subarray(start, start + size);
    if (field === "//") longNames = contents;
    else if (field !== "/" && field !== "/SYM64/" && !field.startsWith("__.SYMDEF")) {
      let name = field.endsWith("/") ? field.slice(0, -1) : field;
      if (/^\/\d+$/.test(field)) name = longName(longNames, Number(field.slice(1)));
      else if (/^#1\/\d+$/.test(field)) {
        // BSD puts long names in front of the contents.
        const length = Math.min(Number(field.slice(3)), contents.length);
        name = textOf(contents, 0, length).replace(/\0+$/, "");
        contents = contents.subarray(length);
      }
      if (!name.startsWith("__.SYMDEF")) members.push({ name, bytes: contents });
    }
    // Members begin at even places.
    at = start + size + (size % 2);
  }
  return { members };
}

function longName(table: Uint8Array, offset: number): string {
  const rest = textOf(table, Math.min(offset, table.length), table.length);
  const end = rest.search(/\/?\n/);
  return end < 0 ? rest : rest.slice(0, end);
}
