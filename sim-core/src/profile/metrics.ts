/** What can be asked of a part of a profile: columns of tables, and colours in the editor. */
import { CU_CAUSES, MAC_BUCKETS } from "../units/index.ts";
import { sumOfSlots } from "./add.ts";
import { BUCKET_TEXT, CU_CAUSE_TEXT, type Profile } from "./model.ts";
import type { ProfileSums } from "./tree.ts";

/** How a metric's number is shown. */
export type MetricUnit = "cycles" | "slots" | "bytes" | "count" | "ratio" | "share";

export interface Metric {
  readonly id: string;
  readonly label: string;
  readonly text: string;
  readonly group: "time" | "stalls" | "work" | "slots" | "memory";
  readonly unit: MetricUnit;
  /** Rows of a table sum to the whole. */
  readonly additive: boolean;
  /**
   * NaN where it has no meaning, as cycles per instruction of nothing.
   * @param array MAC slots of a cycle
   */
  readonly value: (sums: Readonly<ProfileSums>, array: number) => number;
}

const stalls = (sums: Readonly<ProfileSums>): number => sums.cycles - sums.cu.execute;
const idle = ({ slots }: Readonly<ProfileSums>): number => sumOfSlots(slots) - slots.useful;

const metric = (
  id: string,
  group: Metric["group"],
  unit: MetricUnit,
  label: string,
  text: string,
  value: Metric["value"],
  additive = true,
): Metric => ({ id, group, unit, label, text, value, additive });

export const METRICS: readonly Metric[] = [
  metric("cycles", "time", "cycles", "CU cycles", "cycles of the control unit", ({ cycles }) => cycles),
  metric("retired", "time", "count", "retired", "instructions that retired", ({ retired }) => retired),
  metric(
    "cpi",
    "time",
    "ratio",
    "CPI",
    "cycles of the control unit per instruction",
    ({ cycles, retired }) => cycles / (retired || Number.NaN),
    false,
  ),
  metric(
    "stalls",
    "stalls",
    "cycles",
    "CU stalls",
    "cycles of the control unit in which no instruction is in EX",
    stalls,
  ),
  ...CU_CAUSES.filter((cause) => cause !== "execute").map((cause) =>
    metric(
      `cu.${cause}`,
      "stalls",
      "cycles",
      `CU: ${CU_CAUSE_TEXT[cause].label}`,
      CU_CAUSE_TEXT[cause].text,
      ({ cu }) => cu[cause],
    ),
  ),
  metric(
    "waits",
    "stalls",
    "cycles",
    "waits",
    "cycles in which the control unit waits for other units",
    ({ cu }) => cu.tokenWait + cu.queueFull,
  ),
  metric(
    "operations",
    "work",
    "count",
    "NU operations",
    "operations issued to the neural unit",
    ({ operations }) => operations,
  ),
  metric(
    "nuCycles",
    "work",
    "cycles",
    "NU cycles",
    "cycles in which the neural unit works",
    ({ busyCycles }) => busyCycles,
  ),
  metric("macs", "work", "count", "MACs", "multiply-accumulates of real inputs and weights", ({ macs }) => macs),
  metric(
    "macUse",
    "work",
    "share",
    "MAC use",
    "useful MAC slots by all MAC slots, idle time before operations included",
    ({ slots }) => slots.useful / (sumOfSlots(slots) || Number.NaN),
    false,
  ),
  metric(
    "nuTime",
    "time",
    "cycles",
    "NU time",
    "cycles of the neural unit's operations and of the idle time before each of them",
    ({ slots }, array) => sumOfSlots(slots) / array,
  ),
  metric("slots", "slots", "slots", "MAC slots", "cycles of the neural unit by multipliers of its array", ({ slots }) =>
    sumOfSlots(slots),
  ),
  metric("idle", "slots", "slots", "MAC idle", "MAC slots without a useful multiply-accumulate", idle),
  ...MAC_BUCKETS.map((bucket) =>
    metric(
      `slots.${bucket}`,
      "slots",
      "slots",
      `MAC: ${BUCKET_TEXT[bucket].label}`,
      BUCKET_TEXT[bucket].text,
      ({ slots }) => slots[bucket],
    ),
  ),
  metric("transfers", "memory", "count", "transfers", "operations issued to the DMA", ({ transfers }) => transfers),
  metric(
    "ddr",
    "memory",
    "bytes",
    "DDR",
    "bytes over the DDR bus, whole bursts",
    ({ ddrReadBytes, ddrWriteBytes }) => ddrReadBytes + ddrWriteBytes,
  ),
  metric("ddrRead", "memory", "bytes", "DDR read", "bytes read over the DDR bus", ({ ddrReadBytes }) => ddrReadBytes),
  metric(
    "ddrWrite",
    "memory",
    "bytes",
    "DDR written",
    "bytes written over the DDR bus",
    ({ ddrWriteBytes }) => ddrWriteBytes,
  ),
  metric(
    "dm",
    "memory",
    "bytes",
    "DM by NU",
    "bytes between the neural unit and the data memory",
    ({ dataBytes }) => dataBytes,
  ),
  metric(
    "wm",
    "memory",
    "bytes",
    "WM",
    "bytes that the weight memory delivers, whole cycles of its port",
    ({ weightBytes }) => weightBytes,
  ),
  metric(
    "conflicts",
    "memory",
    "cycles",
    "bank conflicts",
    "cycles that operations, and the control unit, have lost over banks of the data memory",
    ({ lostCycles, cu }) => lostCycles + cu.bankConflict,
  ),
];

const BY_ID = new Map(METRICS.map((one) => [one.id, one]));

export const metricOf = (id: string): Metric | undefined => BY_ID.get(id);

/** MAC slots of a cycle. */
export const arrayOf = ({ array }: Pick<Profile, "array">): number => array.cip * array.cop * array.cores;
