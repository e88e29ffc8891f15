/** What is compared: a run as sums of cycles, whether it comes from a profile or from a trace. All times in cycles. */
import type { CuCycles, MacSlotCounts } from "../profile/index.ts";

export interface MeasuredPlace {
  readonly file: string;
  /** Counted from one. */
  readonly line: number;
}

export interface MeasuredLayer {
  readonly name: string;
  /** Time of the control unit between the layer's markers. */
  readonly cuCycles: number;
  /** The same by cause; absent in profiles. */
  readonly cu?: CuCycles;
  /** Time of the neural unit, and its MAC slots as cycles of the whole array, which sum to it; absent in traces. */
  readonly nuCycles?: number;
  readonly slots?: MacSlotCounts;
  readonly ddrBytes: number | undefined;
}

export interface MeasuredFunction {
  readonly name: string;
  readonly place: MeasuredPlace | undefined;
  readonly calls: number;
  /** In the function itself, and with everything that it called. */
  readonly cycles: number;
  readonly inclusiveCycles: number;
}

export interface MeasuredLine {
  /** Absent for code without line information. */
  readonly place: MeasuredPlace | undefined;
  readonly address: number;
  readonly retired: number;
  readonly cycles: number;
  readonly cu: CuCycles;
}

export interface RunMeasures {
  /** What the user called it. */
  readonly title: string;
  readonly kind: "profile" | "trace" | "run";
  readonly cycles: number;
  readonly retired: number;
  readonly clockMHz: number;
  /** By cause; sums to the cycles, but for those that a trace has left out. */
  readonly cu: CuCycles;
  /** MAC slots as cycles of the whole array, which sum to the run's; absent in traces. */
  readonly slots: MacSlotCounts | undefined;
  /** Bytes over the DDR bus; undefined when the trace was not to have them. */
  readonly ddrReadBytes: number | undefined;
  readonly ddrWriteBytes: number | undefined;
  readonly layers: readonly MeasuredLayer[];
  readonly functions: readonly MeasuredFunction[];
  readonly lines: readonly MeasuredLine[];
  /** Cycles that lines and functions lack because a filter or limit of the trace has left them out. */
  readonly untraced: number;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export const sumOf = (parts: Readonly<Record<string, number>>): number => sum(Object.values(parts));
