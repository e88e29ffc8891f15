/** Which exported values nobody imports: they are private to their file, or nobody needs them. */

export interface SourceText {
  readonly name: string;
  readonly text: string;
}

const EXPORTED = /^export (?:async )?(?:abstract )?(?:const|let|function\*?|class|enum) (\w+)/gm;
/** Names between the braces of an import, or of an export from elsewhere, also of modules that are imported when they are needed. */
const IMPORTED =
  /\b(?:import|export)\s+(?:type\s+)?(?:\w+\s*,\s*)?\{([^}]*)\}\s*from\b|\{([^{}]*)\}\s*=\s*\(?await import\b/g;
const MEMBER = /\.\s*(\w+)/g;

function importedIn(text: string): string[] {
  const lists = [...text.matchAll(IMPORTED)].map(([, fixed, late]) => fixed ?? late ?? "");
  const names = lists.flatMap((list) =>
    list.split(",").map(
      (one) =>
        one
          .replace(/^\s*type\s/, "")
          .trim()
          .split(/\s|:/)[0]!,
    ),
  );
  // Of a module as a whole, any member may be meant.
  const isWhole = /\bimport\s+\*|\bimport\(/.test(text);
  return isWhole ? [...names, ...[...text.matchAll(MEMBER)].map(([, name]) => name!)] : names;
}

/** @returns `file: name` of each exported value whose name no file imports; a name that two files export counts for both */
export function unusedExports(files: readonly SourceText[]): string[] {
  const imported = new Set(files.flatMap(({ text }) => importedIn(text)));
  return files.flatMap(({ name, text }) =>
    [...text.matchAll(EXPORTED)].flatMap(([, value]) => (imported.has(value!) ? [] : [`${name}: ${value}`])),
  );
}
