/** Between the client's conventions and the debugger's. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { hex32, type Line, lineFromOne, type Place } from "../runtime/index.ts";
import { RequestError } from "./requests.ts";

/** How the client counts and what it understands. */
export class ClientConventions {
  private readonly arguments_: Partial<DebugProtocol.InitializeRequestArguments>;

  constructor(arguments_: Partial<DebugProtocol.InitializeRequestArguments> = {}) {
    this.arguments_ = arguments_;
  }

  get understandsInvalidated(): boolean {
    return this.arguments_.supportsInvalidatedEvent === true;
  }

  get understandsMemory(): boolean {
    return this.arguments_.supportsMemoryEvent === true;
  }

  get understandsProgress(): boolean {
    return this.arguments_.supportsProgressReporting === true;
  }

  /** The text in a style, where the client shows one: problems in red, remarks in yellow, what matters less dimmed. */
  styled(style: keyof typeof STYLES, text: string): string {
    if (this.arguments_.supportsANSIStyling !== true) return text;
    const end = text.endsWith("\n") ? "\n" : "";
    return `\u001b[${STYLES[style]}m${end ? text.slice(0, -1) : text}\u001b[0m${end}`;
  }

  /** The debugger's line for one of the client's. */
  line(clientLine: number): Line {
    return lineFromOne(this.arguments_.linesStartAt1 === false ? clientLine + 1 : clientLine);
  }

  clientLine(line: Line): number {
    return this.arguments_.linesStartAt1 === false ? line - 1 : line;
  }

  /** The debugger's column, counted from one, for one of the client's. */
  column(clientColumn: number): number {
    return this.arguments_.columnsStartAt1 === false ? clientColumn + 1 : clientColumn;
  }

  /** @param column counted from one, 0 = unknown */
  clientColumn(column: number): number {
    const known = Math.max(1, column);
    return this.arguments_.columnsStartAt1 === false ? known - 1 : known;
  }

  /** Offset from zero that one of the client's columns in a text means. */
  offset(clientColumn: number): number {
    return Math.max(0, this.arguments_.columnsStartAt1 === false ? clientColumn : clientColumn - 1);
  }

  place({ file, line, column }: Place): { source: DebugProtocol.Source; line: number; column: number } {
    return { source: sourceOf(file), line: this.clientLine(line), column: this.clientColumn(column) };
  }
}

/** Parameters of the escape sequence "select graphic rendition". */
const STYLES = { problem: "31", remark: "33", dim: "2" } as const;

export const baseName = (file: string): string => file.split(/[\\/]/).at(-1) || file;

export const sourceOf = (file: string): DebugProtocol.Source => ({ name: baseName(file), path: file });

export const reference = (address: number): string => hex32(address);

/** The address that a memory or instruction reference stands for. @throws RequestError when it is no number */
export function addressOfReference(text: string): number {
  const address = /^\s*(0[xX][\da-fA-F]+|-?\d+)\s*$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(address)) {
    throw new RequestError(`"${text}" is no address: write it like 0x10000000`, false);
  }
  return address;
}

/** A count or an offset of a request. @throws RequestError when it is no whole number, or negative where it must not be */
export function wholeNumber(name: string, value: unknown, min = Number.NEGATIVE_INFINITY): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < min) {
    throw new RequestError(`"${name}" must be a whole number${min === 0 ? " that isn't negative" : ""}`, false);
  }
  return value;
}
