/** `nnasm profile`: runs a program and says where its cycles and MAC slots went. */
import { buildProfile } from "@nnasm/sim-core/profile";
import { findingDiagnostics, reportOmissions } from "../checks.ts";
import { EXIT } from "../exit-codes.ts";
import { diskHost } from "../files.ts";
import type { Io } from "../io.ts";
import { profileText } from "../profile-text.ts";
import { report } from "../report.ts";
import { exitCodeOf } from "../simulate.ts";
import { type RunOptions, reportEnding, runProgram, stopJson } from "./run.ts";

export interface ProfileOptions extends Omit<RunOptions, "quiet"> {
  /** How many source lines to list. */
  readonly lines: number;
}

/** @returns the exit code of the command: 0 when the program ended by itself, whatever its own code */
export async function profile(io: Io, file: string | undefined, options: ProfileOptions): Promise<number> {
  // Stdout belongs to the report.
  const finished = await runProgram(io, file, options, (_stream, bytes) => io.err.write(bytes));
  const { project, program, simulator, ending } = finished;
  const result = buildProfile(simulator);
  if (options.json) {
    const value = { ok: ending.reason === "exit", file: project.file, stop: stopJson(finished), ...result };
    io.out.write(`${JSON.stringify(value, null, 2)}\n`);
  } else {
    io.out.write(profileText(result, { title: project.file, lines: options.lines, colors: io.out.colors }));
    if (ending.reason === "exit" && ending.exitCode !== 0)
      io.err.write(`exit code of the program: ${ending.exitCode}\n`);
  }
  report(io.err, findingDiagnostics(simulator.checks.findings, program), diskHost(io.cwd).readText);
  reportOmissions(io.err, simulator.checks.omissions);
  reportEnding(io, { program, ending });
  return ending.reason === "exit" ? EXIT.ok : exitCodeOf(ending);
}
