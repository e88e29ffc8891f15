/** What a DMA channel is asked to do, as it is fixed when the transfer is issued. */
import type { Tensor } from "../../machine/index.ts";

export const DMA_KINDS = ["ld", "st", "copy", "ldw", "fill", "trans", "pad", "gather", "ldz", "stz"] as const;
export type DmaKind = (typeof DMA_KINDS)[number];

export interface DmaWork {
  readonly kind: DmaKind;
  readonly out: Tensor;
  /** Undefined for fills. */
  readonly input: Tensor | undefined;
  /** Rows that a gather takes; undefined for all others. */
  readonly index: Tensor | undefined;
  /** What fills write, and pads around the source, as a stored value. */
  readonly value: number;
  /** Rows above and elements left of the source in a padded destination. */
  readonly padTop: number;
  readonly padLeft: number;
  /** The tensor on the DDR side, or undefined for transfers on chip; and the direction. */
  readonly external: Tensor | undefined;
  readonly write: boolean;
}

/** How a transfer spends its time: fixed at its start, when the data that decide it are latched. */
export interface DmaPlan {
  /** Cycles between the setup and the first request, for reading indices. */
  readonly leadCycles: number;
  /** Bursts on the DDR bus, 0 for transfers on chip. */
  readonly bursts: number;
  /** Bursts that must have arrived before the others can be asked for: a stream's header tells its length. */
  readonly headerBursts: number;
  /** Cycles that the on-chip side needs for the whole transfer. */
  readonly localCycles: number;
}
