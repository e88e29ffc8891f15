import { applyEdits, modify, type ParseError, parse, printParseErrorCode } from "jsonc-parser";

/** What the status bar tells about a configuration file's text. */
export interface ConfigSummary {
  /** The preset it starts from; `default` when it names none. */
  readonly preset: string;
  /** The file changes something beside the preset. */
  readonly customised: boolean;
  /** Why the text can't be read, if so. */
  readonly problem?: string;
}

const NOT_MACHINE = new Set(["$schema", "entry", "preset"]);

/** Reads an nnp.json as far as the status bar needs it; its contents are checked elsewhere, by the schema. */
export function summarize(text: string): ConfigSummary {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error !== undefined || typeof value !== "object" || value === null || Array.isArray(value)) {
    const problem = error === undefined ? "not a JSON object" : printParseErrorCode(error.error);
    return { preset: "default", customised: false, problem };
  }
  const preset = "preset" in value && typeof value.preset === "string" ? value.preset : "default";
  return { preset, customised: Object.keys(value).some((key) => !NOT_MACHINE.has(key)) };
}

/** The same text with another preset; comments, order and indentation stay. */
export function withPreset(text: string, preset: string): string {
  const formattingOptions = { insertSpaces: true, tabSize: 2, eol: text.includes("\r\n") ? "\r\n" : "\n" };
  const source = text.trim() === "" ? "{}\n" : text;
  return applyEdits(source, modify(source, ["preset"], preset, { formattingOptions }));
}
