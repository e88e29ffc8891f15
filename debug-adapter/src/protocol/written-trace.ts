/** A trace of a stretch of the run, written into a file. */
import { traceStretch } from "../runtime/index.ts";
import { RequestError } from "./requests.ts";
import type { SessionState } from "./state.ts";

/**
 * @param file absolute, or from the adapter's own folder
 * @returns the cycle at which it ends
 * @throws RequestError, EvaluationError by the promise
 */
export async function writeTrace(
  state: SessionState,
  fromCycle: number,
  toCycle: number,
  file: string,
): Promise<number> {
  const { debugger: run, files, scheduler } = state;
  const { file: program, configFile, assembly } = run.loaded;
  if ([program, configFile, ...(assembly?.dependencies ?? [])].includes(file)) {
    throw new RequestError(`${file}: the program is made of it, name another file`);
  }
  const name = program.split(/[\\/]/).at(-1)!;
  const writer = files.create?.(file) ?? { problem: "no files can be written here" };
  if ("problem" in writer) throw new RequestError(`${file}: ${writer.problem}`);
  try {
    return await traceStretch(run, scheduler, { fromCycle, toCycle, name }, (bytes) => writer.write(bytes));
  } finally {
    writer.close();
  }
}
