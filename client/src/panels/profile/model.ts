import { BUCKET_TEXT, type LineProfile, type Profile, type UnitWork, utilisation } from "@nnasm/sim-core/profile";
import type { LayerView, LineView, ProfileView } from "./messages.ts";
import { bytes, count, percent, time } from "./numbers.ts";

/** All uses of MAC slots, in the order in which bars show them. */
const BUCKETS = Object.keys(BUCKET_TEXT) as (keyof typeof BUCKET_TEXT)[];

/**
 * The profile in the body of the adapter's `nnasm/profile` event or answer.
 * @returns what is wrong with it, when it is not one
 */
export function parseProfile(body: unknown): Profile | string {
  const inner: unknown = typeof body === "object" && body !== null && "profile" in body ? body.profile : body;
  if (typeof inner !== "object" || inner === null) return "it is empty";
  const profile = inner as Partial<Profile>;
  if (profile.version !== 1) return `its version is ${String(profile.version)}, not 1`;
  if (!Array.isArray(profile.layers) || !Array.isArray(profile.lines) || profile.total === undefined) {
    return "it lacks layers, lines or totals";
  }
  // The adapter comes with this extension and fills the type of the same version.
  return profile as Profile;
}

/** @param program name of the program, for the title */
export function toProfileView(profile: Profile, program: string): ProfileView {
  const { cycles, retired, clockMHz, array, total } = profile;
  const used = BUCKETS.filter((bucket) => total.slots[bucket] > 0);
  const shareOf = (part: number): number => (cycles === 0 ? 0 : part / cycles);
  const layer = (id: string, name: string, layerCycles: number, work: UnitWork): LayerView => ({
    id,
    name,
    cycles: layerCycles,
    share: shareOf(layerCycles),
    utilisation: utilisation(work),
    ddrBytes: ddrBytes(work),
    slots: shares(used.map((bucket) => work.slots[bucket])),
  });
  return {
    title: `Profile of ${program}`,
    summary: [
      `${count(cycles)} cycles (${time(cycles, clockMHz)} at ${clockMHz} MHz)`,
      `${count(retired)} instructions`,
      `${percent(utilisation(total))} of ${macArray(array)} MACs used`,
      `${bytes(ddrBytes(total))} over DDR`,
      ...bankText(profile),
    ],
    causes: used.map((id) => ({ id, label: BUCKET_TEXT[id].label, description: BUCKET_TEXT[id].text })),
    total: layer("total", "Whole program", cycles, total),
    layers: profile.layers.map((one) => layer(String(one.id), one.name, one.cycles, one)),
    lines: profile.lines.map((line) => lineView(line, shareOf)),
  };
}

/** What banks of the data memory have cost, when they have. */
function bankText({ dm }: Profile): string[] {
  const [worst] = dm.conflicts;
  if (!worst) return [];
  const lost = sum(dm.conflicts.map(({ cycles }) => cycles));
  const [loser, winner] = [worst.loser.toUpperCase(), worst.winner.toUpperCase()];
  const pair = loser === winner ? `${loser} by its own accesses` : `${loser} to ${winner}`;
  return [`${count(lost)} cycles lost over banks, most: ${pair}`];
}

function lineView(profile: LineProfile, shareOf: (cycles: number) => number): LineView {
  const { file, line, address, cycles, retired, busyCycles } = profile;
  const place = file === undefined || line === undefined ? undefined : { file, line };
  return {
    id: String(address),
    label: place === undefined ? `0x${address.toString(16).padStart(8, "0")}` : `${baseName(place.file)}:${place.line}`,
    place,
    cycles,
    share: shareOf(cycles),
    retired,
    nuCycles: busyCycles,
    utilisation: sum(Object.values(profile.slots)) === 0 ? undefined : utilisation(profile),
    ddrBytes: ddrBytes(profile),
  };
}

const macArray = ({ cip, cop, cores }: Profile["array"]): string =>
  cores === 1 ? `${cip} × ${cop}` : `${cores} × ${cip} × ${cop}`;

const baseName = (file: string): string => file.split(/[\\/]/).at(-1) ?? file;

const ddrBytes = ({ ddrReadBytes, ddrWriteBytes }: UnitWork): number => ddrReadBytes + ddrWriteBytes;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function shares(parts: readonly number[]): number[] {
  const whole = sum(parts);
  return parts.map((part) => (whole === 0 ? 0 : part / whole));
}
