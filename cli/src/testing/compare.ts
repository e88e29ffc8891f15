/** What a program that has exited wrote and answered, beside what its test expects. */
import { LineIndex, type Program } from "@nnasm/sim-core/program";
import type { Ending } from "../simulate.ts";
import type { ExpectedResults, ExpectedText } from "./expected-files.ts";
import type { Failed } from "./run-test.ts";

export interface Exited {
  readonly program: Program;
  readonly ending: Ending & { readonly reason: "exit" };
  /** Of the instruction that ended the program. */
  readonly pc: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** x10, which holds the exit code when a program ends with a system call. */
const A0 = 10;

export function differencesOf(expected: ExpectedResults, exited: Exited): Failed[] {
  return [
    ...exitCodeDifference(expected, exited),
    ...textDifference("stdout", expected.stdout, exited.stdout),
    ...textDifference("stderr", expected.stderr, exited.stderr),
  ];
}

/** The exit code has to be that of the file, what `.expect a0 == N` says, or 0. */
function exitCodeDifference({ exitCode }: ExpectedResults, { program, ending, pc }: Exited): Failed[] {
  const inSource = program.expectations.some(
    ({ place, at }) => place.kind === "register" && place.register === A0 && !at,
  );
  if (exitCode === undefined && inSource) return [];
  const wanted = exitCode?.value ?? 0;
  if (ending.exitCode === wanted) return [];
  const place = new LineIndex(program).placeOf(pc);
  const [file, line] = exitCode ? [exitCode.file, 1] : [place?.file, place?.line];
  const hint = exitCode ? "" : "other exit codes are expected with .expect a0 == N, or in NAME.expected/exit-code.txt";
  const message = `the program exits with ${ending.exitCode}, expected ${wanted}`;
  return [
    {
      diagnostic: lineDiagnostic("exit-code", file ?? "", line ?? 1, message, hint),
      expected: String(wanted),
      actual: String(ending.exitCode),
      cycle: ending.cycle,
    },
  ];
}

/** Line ends of files that were written on Windows are no difference. */
const withoutReturns = (text: string): string => text.replace(/\r\n/g, "\n");

function textDifference(stream: string, expected: ExpectedText | undefined, written: string): Failed[] {
  if (!expected) return [];
  const wanted = withoutReturns(expected.text);
  if (wanted === written) return [];
  const [wantedLines, lines] = [wanted.split("\n"), written.split("\n")];
  const first = wantedLines.findIndex((line, index) => line !== lines[index]);
  const at = first < 0 ? wantedLines.length : first;
  const quoted = (text: string | undefined): string => (text === undefined ? "nothing" : JSON.stringify(text));
  const message = `line ${at + 1} of ${stream} is ${quoted(lines[at])}, expected ${quoted(wantedLines[at])}`;
  const line = Math.min(at + 1, wantedLines.length);
  return [{ diagnostic: lineDiagnostic(stream, expected.file, line, message), expected: wanted, actual: written }];
}

function lineDiagnostic(id: string, file: string, line: number, message: string, hint = ""): Failed["diagnostic"] {
  const start = { line: line - 1, character: 0 };
  const end = { line: line - 1, character: Number.MAX_SAFE_INTEGER };
  return { id, severity: "error", message, hint, file, range: { start, end } };
}
