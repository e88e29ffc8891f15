/** Whether what a file holds is a profile: it may be cut, edited, or of another version of this program. */
import { misshapen, type Shape } from "../diagnostics/index.ts";
import type { Profile } from "./model.ts";

const WORK: Shape = {
  operations: "number",
  busyCycles: "number",
  macs: "number",
  weightBytes: "number",
  dataBytes: "number",
  slots: { useful: "number" },
  transfers: "number",
  ddrReadBytes: "number",
  ddrWriteBytes: "number",
};
const CAUSES: Shape = { execute: "number" };

const PROFILE: Shape = {
  cycles: "number",
  retired: "number",
  regionCycles: "number",
  clockMHz: "number",
  bandwidths: { ddr: "number", dm: "number", wm: "number" },
  bound: {},
  array: { cip: "number", cop: "number", cores: "number" },
  totalSlots: "number",
  total: { ...WORK, cu: CAUSES },
  channels: [{ channel: "number", cycles: {} }],
  units: [{ unit: "string", busy: "number", bankConflict: "number", tokenWait: "number", idle: "number" }],
  dm: {
    banks: [{ accesses: "number", lostCycles: "number" }],
    conflicts: [{ loser: "string", winner: "string", cycles: "number" }],
    operations: [{ loser: "string", winner: "string", cycles: "number", layer: "number" }],
  },
  calls: [{ parent: "number", name: "string", calls: "number", cycles: "number", inclusiveCycles: "number" }],
  waits: [{ unit: "string", at: {}, cause: "string", byUnit: "string", by: {}, count: "number", cycles: "number" }],
  layers: [{ ...WORK, id: "number", name: "string", cycles: "number", cuCycles: "number", bound: {} }],
  lines: [{ address: "number", retired: "number", cycles: "number", cu: CAUSES }],
  instructions: [{ address: "number", text: "string", function: "string" }],
  parts: [{ instruction: "number", layer: "number", retired: "number", cycles: "number", cu: {} }],
  ddrHistory: { intervalCycles: "number", readBytes: ["number"], writeBytes: ["number"] },
};

/** @returns what is wrong with a value that should be a profile of this version, or undefined */
export function profileProblem(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return "it is no JSON object";
  const { version } = value as Partial<Profile>;
  if (version !== 1) return `its version is ${String(version)}, not 1`;
  const problem = misshapen(value, PROFILE);
  if (problem) return problem;
  const { parts, instructions } = value as Profile;
  return parts.some(({ instruction }) => !instructions[instruction]) ? "parts name no instruction" : undefined;
}
