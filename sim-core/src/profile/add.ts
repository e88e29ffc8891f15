/** Adding up what units count. */
import { CU_CAUSES, type CuDdrAccount, type DmaAccount, MAC_BUCKETS, type NuAccount, noSlots } from "../units/index.ts";
import type { CuCycles, MacSlotCounts, UnitWork } from "./model.ts";

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };
export type Work = Mutable<Omit<UnitWork, "slots">> & { slots: MacSlotCounts };

export const noWork = (): Work => ({
  operations: 0,
  busyCycles: 0,
  macs: 0,
  weightBytes: 0,
  dataBytes: 0,
  slots: noSlots(),
  transfers: 0,
  ddrReadBytes: 0,
  ddrWriteBytes: 0,
});

export const noCuCycles = (): CuCycles => Object.fromEntries(CU_CAUSES.map((cause) => [cause, 0])) as CuCycles;

export function addNu(work: Work, account: NuAccount): void {
  work.operations += account.operations;
  work.busyCycles += account.busyCycles;
  work.macs += account.macs;
  work.weightBytes += account.weightBytes;
  work.dataBytes += account.dataBytes;
  for (const bucket of MAC_BUCKETS) work.slots[bucket] += account.slots[bucket];
}

export function addDma(work: Work, account: DmaAccount): void {
  work.transfers += account.operations;
  work.ddrReadBytes += account.ddrReadBytes;
  work.ddrWriteBytes += account.ddrWriteBytes;
}

export function addCuDdr(work: Work, account: CuDdrAccount): void {
  work.ddrReadBytes += account.readBytes;
  work.ddrWriteBytes += account.writeBytes;
}

export function addWork(work: Work, other: UnitWork): void {
  work.operations += other.operations;
  work.busyCycles += other.busyCycles;
  work.macs += other.macs;
  work.weightBytes += other.weightBytes;
  work.dataBytes += other.dataBytes;
  for (const bucket of MAC_BUCKETS) work.slots[bucket] += other.slots[bucket];
  work.transfers += other.transfers;
  work.ddrReadBytes += other.ddrReadBytes;
  work.ddrWriteBytes += other.ddrWriteBytes;
}

export const sumOfSlots = (slots: MacSlotCounts): number =>
  Object.values(slots).reduce((total, count) => total + count, 0);
