/** What is made of a run that has ended, and told before its session ends. */
import { countText } from "../runtime/index.ts";
import type { LaunchAttributes } from "./launch.ts";
import { sendProfile } from "./profile.ts";
import type { SessionState } from "./state.ts";
import { writeTrace } from "./written-trace.ts";

type Wanted = Pick<LaunchAttributes, "profile" | "trace" | "cwd">;

export async function afterwards(state: SessionState, { profile, trace, cwd }: Wanted): Promise<void> {
  const { debugger: run } = state;
  if (profile) await sendProfile(state);
  if (trace !== undefined && state.isAt(run)) await traceRun(state, trace, cwd);
}

/** Writes the whole run's trace; what prevents that is told, and ends nothing else. */
async function traceRun(state: SessionState, name: string, cwd: string | undefined): Promise<void> {
  const { files } = state;
  const file = files.resolve(files.resolve(files.cwd, cwd ?? "."), name);
  try {
    const cycle = await writeTrace(state, 0, state.debugger.machine.simulator.state.cycle, file);
    state.output("console", state.client.styled("dim", `${file}: a trace of ${countText(cycle)} cycles\n`));
  } catch (error) {
    state.output("stderr", `no trace in ${file}: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}
