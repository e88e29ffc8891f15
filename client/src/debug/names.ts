/** A name in a line of source that the debugger can evaluate. */
export interface NameInLine {
  readonly name: string;
  /** Offsets in the line, counted from zero; the end is exclusive. */
  readonly start: number;
  readonly end: number;
}

const NAME = /(?<![\w.$\\])[A-Za-z_.$][\w.$]*/g;
const LITERAL_OR_COMMENT = /"(?:\\.|[^"\\])*"?|'(?:\\.|[^\\'])'?|\/\*.*?(?:\*\/|$)|(?:#|\/\/).*$/g;

/** The line with comments and literals blanked out, so that offsets stay. */
const code = (line: string): string => line.replace(LITERAL_OR_COMMENT, (text) => " ".repeat(text.length));

/** The register or symbol at an offset of a line, or undefined in comments, literals and between names. */
export function nameAt(line: string, offset: number): NameInLine | undefined {
  for (const match of code(line).matchAll(NAME)) {
    const [start, end] = [match.index, match.index + match[0].length];
    if (start <= offset && offset <= end) return { name: match[0], start, end };
  }
  return undefined;
}
