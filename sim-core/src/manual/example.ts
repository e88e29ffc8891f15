/** Examples of diagnostics. They are data; a test assembles each of them, so that the manual shows what really happens. */

/** A program of one or more files. */
export interface SourceExample {
  readonly kind: "source";
  /** Text of `main.nnasm` that has this diagnostic and no other. */
  readonly wrong: string;
  /** The text mended: it has no diagnostics. Absent where nothing can be shown. */
  readonly right?: string;
  /** Files beside it: sources by their text, others by their size in bytes. */
  readonly files?: Readonly<Record<string, string | number>>;
  /** Text of the `nnp.json` beside it. */
  readonly config?: string;
  /** Assembled into an object (`build -c`), as a file of a program that is linked later. */
  readonly alone?: true;
  /** Other diagnostics must come first; the page shows only this one. */
  readonly amongOthers?: true;
}

/** A configuration file. */
export interface ConfigExample {
  readonly kind: "config";
  readonly wrong: string;
  readonly right: string;
}

/** Commands of a terminal, for what is wrong with no text. */
export interface CommandExample {
  readonly kind: "command";
  readonly wrong: string;
  readonly right: string;
}

/** Said instead of an example where none can be written. */
export interface NoExample {
  readonly kind: "none";
  readonly why: string;
}

/** Sources that are assembled alone and linked. */
export interface LinkExample {
  readonly kind: "link";
  /** Texts by file name. */
  readonly wrong: Readonly<Record<string, string>>;
  readonly right: Readonly<Record<string, string>>;
  /** Text of the `nnp.json` beside them. */
  readonly config?: string;
}

/** A program that is run, before its exit. */
export interface RunExample {
  readonly kind: "run";
  readonly wrong: string;
  readonly right: string;
}

/** A program that assembles, and has a finding of just this lint. */
export interface LintExample {
  readonly kind: "lint";
  /** Text of `main.nnasm`. */
  readonly wrong: string;
  /** The text mended: no lint says anything. */
  readonly right: string;
  /** Other lints have something to say of the wrong text, too; the page shows only this one. */
  readonly amongOthers?: true;
  /** Text of the `nnp.json` beside it. */
  readonly config?: string;
}

export type Example =
  | LinkExample
  | LintExample
  | SourceExample
  | RunExample
  | ConfigExample
  | CommandExample
  | NoExample;

/** Takes off the blanks that all lines begin with, and the empty lines around the text. */
function dedent(text: string): string {
  const lines = text.replace(/^\n|\n *$/g, "").split("\n");
  const margin = Math.min(...lines.filter((line) => line.trim()).map((line) => /^ */.exec(line)![0].length));
  return `${lines.map((line) => line.slice(margin)).join("\n")}\n`;
}

/** A source with its mended form, both with the margin of the code around them. */
export function source(
  wrong: string,
  right?: string,
  more: Omit<SourceExample, "kind" | "wrong" | "right"> = {},
): SourceExample {
  return { kind: "source", wrong: dedent(wrong), ...(right === undefined ? {} : { right: dedent(right) }), ...more };
}

/** A program for a lint, with its mended form. */
export function linted(
  wrong: string,
  right: string,
  more: Pick<LintExample, "config" | "amongOthers"> = {},
): LintExample {
  return { kind: "lint", wrong: dedent(wrong), right: dedent(right), ...more };
}

/** Files that don't link, and what is different in those that do. */
export function objects(wrong: LinkExample["wrong"], changed: LinkExample["right"], config?: string): LinkExample {
  const texts = (files: LinkExample["wrong"]) =>
    Object.fromEntries(Object.entries(files).map(([name, text]) => [name, dedent(text)]));
  const right = { ...texts(wrong), ...texts(changed) };
  return { kind: "link", wrong: texts(wrong), right, ...(config === undefined ? {} : { config: dedent(config) }) };
}

export function config(wrong: string, right: string): ConfigExample {
  return { kind: "config", wrong: dedent(wrong), right: dedent(right) };
}

export function commands(wrong: string, right: string): CommandExample {
  return { kind: "command", wrong: dedent(wrong), right: dedent(right) };
}

/** Programs that exit with 0 unless they end before. */
export function program(wrong: string, right: string): RunExample {
  const exit = "        li      a0, 0\n        li      a7, 93\n        ecall\n";
  const text = (part: string): string => `${part.replace(/^\n/, "")}\n${exit}`;
  return { kind: "run", wrong: text(wrong), right: text(right) };
}
