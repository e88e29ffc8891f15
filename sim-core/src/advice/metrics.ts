/** Names of the metrics that rules of users can speak of, without their values: the configuration's schema checks them. */
import { CU_CAUSES, MAC_BUCKETS } from "../units/accounting.ts";

const WORK = ["operations", "busyCycles", "macs", "transfers", "ddrReadBytes", "ddrWriteBytes", "slotsTotal"] as const;
const BUCKETS = MAC_BUCKETS.map((bucket) => `slots.${bucket}`);

export const LAYER_METRICS: readonly string[] = ["cycles", "cuCycles", ...WORK, ...BUCKETS].map(
  (name) => `layer.${name}`,
);

export const RUN_METRICS: readonly string[] = [
  ...["cycles", "retired", ...WORK, ...BUCKETS, ...CU_CAUSES.map((cause) => `cu.${cause}`)].map(
    (name) => `run.${name}`,
  ),
  "array.cip",
  "array.cop",
  "array.cores",
];

export const METRICS: ReadonlySet<string> = new Set([...LAYER_METRICS, ...RUN_METRICS]);
