import type { ProfileView } from "./messages.ts";

// Provisional until sim-core's Profile type is there.
export type Profile = ProfileView;

export function parseProfile(body: unknown): Profile | string {
  if (typeof body !== "object" || body === null || !("profile" in body)) return "it holds no profile";
  return body.profile as Profile;
}

export function toProfileView(profile: Profile, program: string): ProfileView {
  return { ...profile, title: `Profile of ${program}` };
}
