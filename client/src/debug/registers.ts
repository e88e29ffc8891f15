/** A name in a line of source that the debugger can evaluate. */
export interface NameInLine {
  readonly name: string;
  /** Offsets in the line, counted from zero; the end is exclusive. */
  readonly start: number;
  readonly end: number;
}

// `x` registers by number and by ABI name, tensor descriptors.
const REGISTER =
  /(?<![\w.$\\])(?:zero|ra|sp|gp|tp|fp|t[0-6]|s(?:1[01]|\d)|a[0-7]|x(?:3[01]|[12]\d|\d)|td(?:3[01]|[12]\d|\d))(?![\w.$])/g;
const NAME = /(?<![\w.$\\])[A-Za-z_.$][\w.$]*/g;
const LITERAL_OR_COMMENT = /"(?:\\.|[^"\\])*"?|'(?:\\.|[^\\'])'?|\/\*.*?(?:\*\/|$)|(?:#|\/\/).*$/g;

/** The line with comments and literals blanked out, so that offsets stay. */
const code = (line: string): string => line.replace(LITERAL_OR_COMMENT, (text) => " ".repeat(text.length));

/** Registers that a line names, each once, in the order in which they are written. */
export function registersIn(line: string): NameInLine[] {
  const seen = new Set<string>();
  return matches(code(line), REGISTER).filter(({ name }) => !seen.has(name) && seen.add(name) !== undefined);
}

/** The register or symbol at an offset of a line, or undefined in comments, literals and between names. */
export function nameAt(line: string, offset: number): NameInLine | undefined {
  return matches(code(line), NAME).find(({ start, end }) => start <= offset && offset <= end);
}

function matches(text: string, pattern: RegExp): NameInLine[] {
  return [...text.matchAll(pattern)].map((match) => ({
    name: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }));
}
