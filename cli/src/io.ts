/** Where a command writes: results to stdout, everything about the work itself to stderr. */
import { readFileSync } from "node:fs";
import pc from "picocolors";

export type Colors = ReturnType<typeof pc.createColors>;

export interface Output {
  write(data: string | Uint8Array): void;
  readonly colors: Colors;
  /** Whether a person watches: progress is shown only then. */
  readonly isTerminal: boolean;
}

export interface Io {
  readonly out: Output;
  readonly err: Output;
  /** All of standard input. */
  readonly readInput: () => Uint8Array;
  /** Folder that relative paths start from. */
  readonly cwd: string;
}

/** Colours stand on a terminal only, and not where NO_COLOR is set (https://no-color.org). */
export function wantsColors(stream: { isTTY?: boolean }, env: Readonly<Record<string, string | undefined>>): boolean {
  return stream.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
}

function output(stream: NodeJS.WriteStream, colors: boolean): Output {
  return {
    write: (data) => void stream.write(data),
    colors: pc.createColors(colors),
    isTerminal: stream.isTTY === true,
  };
}

export function processIo(): Io {
  const { stdout, stderr, env } = process;
  return {
    out: output(stdout, wantsColors(stdout, env)),
    err: output(stderr, wantsColors(stderr, env)),
    readInput: () => readFileSync(process.stdin.fd),
    cwd: process.cwd(),
  };
}
