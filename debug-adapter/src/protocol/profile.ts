/** What the adapter tells of a run's profile: the `nnasm/profile` event and answer. */
import { advise, adviseByRule, type Finding } from "@nnasm/sim-core/advice";
import type { Simulator } from "@nnasm/sim-core/engine";
import { buildProfile, type Profile, ProfileError } from "@nnasm/sim-core/profile";
import { EvaluationError, type LoadedProgram, recordRun } from "../runtime/index.ts";
import type { Progress } from "./progress.ts";
import type { SessionState } from "./state.ts";

export interface ProfileBody {
  readonly profile: Profile;
  readonly findings: readonly Finding[];
  /** Why advice isn't all that there could be; absent when it is. */
  readonly note?: string;
  /** Of an event: the profile has been told, this is all advice on it. Who doesn't look at it any more needn't see it again. */
  readonly update?: true;
}

/** Where the project's own rules are. */
type Project = Pick<LoadedProgram, "advice">;

/**
 * Of everything since reset, with the advice of the rules that need the profile alone.
 * @throws ProfileError in functional mode
 */
export function profileBody(simulator: Simulator, loaded: Project): ProfileBody {
  return bodyOf(simulator, loaded, buildProfile(simulator), "these rules need no record of the run");
}

function bodyOf(
  { config, program }: Simulator,
  { advice: userRules }: Project,
  profile: Profile,
  note: string,
): ProfileBody {
  return { profile, findings: advise({ profile, config, program }, { userRules }), note };
}

/**
 * With all advice: the run is made again beside the session and recorded. Where that can't be, the note says why.
 * @throws ProfileError in functional mode
 */
export async function advisedBody(state: SessionState): Promise<ProfileBody> {
  const { debugger: run, scheduler, recording } = state;
  const { simulator } = run.machine;
  // The program may go on meanwhile.
  const profile = buildProfile(simulator);
  try {
    const findings = await recording.watch(async (watcher) => {
      const isCancelled = (): boolean => watcher.isCancelled() || !state.isAt(run);
      const recorder = await recordRun(run, scheduler, { ...watcher, isCancelled });
      const { config, program } = simulator;
      const rules = adviseByRule({ profile, config, program, recorder }, { userRules: run.loaded.advice });
      for (;;) {
        const { done, value } = rules.next();
        if (done) return value;
        await scheduler.yield();
        if (isCancelled()) throw new EvaluationError("looking for advice was cancelled");
      }
    });
    return { profile, findings };
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    return bodyOf(simulator, run.loaded, profile, error.message);
  }
}

/** Sends the profile of a run that has ended: at once, and again with all advice. What prevents that is told. */
export async function sendProfile(state: SessionState): Promise<void> {
  const { debugger: run } = state;
  try {
    state.send("nnasm/profile", profileBody(run.machine.simulator, run.loaded));
    const body: ProfileBody = { ...(await advisedBody(state)), update: true };
    if (state.isAt(run)) state.send("nnasm/profile", body);
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error;
    state.output("stderr", `${error.message}\n`);
  }
}

/** Runs that are made again: how far they are, and whether somebody has given them up. */
export class Recording {
  private readonly progress: Progress;
  private cancels = 0;

  constructor(progress: Progress) {
    this.progress = progress;
  }

  /** Of what is shown at the moment. */
  get id(): string | undefined {
    return this.progress.id;
  }

  /** Gives up all that are under way. */
  cancel(): void {
    this.cancels++;
  }

  async watch<T>(work: (watcher: { progress(share: number): void; isCancelled(): boolean }) => Promise<T>): Promise<T> {
    const { cancels } = this;
    try {
      return await work({
        progress: (share) => this.progress.tell(share),
        isCancelled: () => this.cancels !== cancels,
      });
    } finally {
      this.progress.tell(undefined);
    }
  }
}
