/** What the adapter tells of a run's profile: the `nnasm/profile` event and answer. */
import { advise, type Finding } from "@nnasm/sim-core/advice";
import type { Simulator } from "@nnasm/sim-core/engine";
import { buildProfile, type Profile } from "@nnasm/sim-core/profile";

export interface ProfileBody {
  readonly profile: Profile;
  readonly findings: readonly FindingBody[];
}

/** A finding of advice as clients show it. */
export interface FindingBody extends Pick<Finding, "title" | "message" | "edit" | "savedCycles" | "confidence"> {
  /** The line to edit first. */
  readonly place?: { readonly file: string; readonly line: number };
}

/**
 * Of everything since reset. Operations aren't recorded in a session, so that only rules that need the profile alone speak.
 * @throws ProfileError in functional mode
 */
export function profileBody(simulator: Simulator): ProfileBody {
  const { config, program } = simulator;
  const profile = buildProfile(simulator);
  return { profile, findings: advise({ profile, config, program }).map(findingBody) };
}

function findingBody({ title, message, edit, savedCycles, confidence, places }: Finding): FindingBody {
  const [{ file, line } = {}] = places;
  const place = file === undefined || line === undefined ? {} : { place: { file, line } };
  return { title, message, edit, savedCycles, confidence, ...place };
}
