/** Records what the units and the CU do; a listener that never changes a cycle. */
import type { Unit } from "../isa/index.ts";
import { shapeText } from "../machine/index.ts";
import {
  type CuListener,
  type LostCycles,
  lostCycles,
  type Operation,
  type OperationListener,
} from "../units/index.ts";

/** One operation of a unit, from issue to completion. Times in cycles. */
export interface OperationEvent {
  readonly kind: "operation";
  readonly unit: Unit;
  readonly mnemonic: string;
  readonly token: number;
  readonly pc: number;
  readonly layer: number;
  readonly issueCycle: number;
  readonly startCycle: number;
  readonly endCycle: number;
  /** Tokens that it had to wait for. */
  readonly dependencies: readonly number[];
  /** Shape of the output, `n x h x w x c`. */
  readonly shape: string;
  /** Cycles lost over banks of the data memory, by the unit that had the bank. */
  readonly lost: readonly LostCycles[];
}

/** The CU stood still at an instruction, waiting for units. */
export interface WaitEvent {
  readonly kind: "wait";
  readonly pc: number;
  readonly startCycle: number;
  readonly endCycle: number;
  readonly cause: "tokenWait" | "queueFull";
}

export interface LayerEvent {
  readonly kind: "layer";
  readonly layer: number;
  readonly cycle: number;
}

export interface MarkEvent {
  readonly kind: "mark";
  readonly id: number;
  readonly value: number;
  readonly cycle: number;
}

export type TraceEvent = OperationEvent | WaitEvent | LayerEvent | MarkEvent;

export class TraceRecorder implements OperationListener, CuListener {
  /** In the order in which they ended. */
  readonly events: TraceEvent[] = [];
  /** Events that the limit left out; shown wherever the trace is. */
  dropped = 0;
  private readonly limit: number;

  /** @param limit largest number of events that are kept */
  constructor(limit = 1_000_000) {
    this.limit = limit;
  }

  completed(unit: Unit, operation: Operation): void {
    const { mnemonic, token, pc, layer, issueCycle, startCycle, endCycle, dependencies } = operation;
    const shape = shapeText(operation.out);
    this.add({
      kind: "operation",
      unit,
      mnemonic,
      token,
      pc,
      layer,
      issueCycle,
      startCycle,
      endCycle,
      dependencies,
      shape,
      lost: lostCycles(operation),
    });
  }

  waited(pc: number, startCycle: number, endCycle: number, cause: "tokenWait" | "queueFull"): void {
    if (endCycle > startCycle) this.add({ kind: "wait", pc, startCycle, endCycle, cause });
  }

  layer(layer: number, cycle: number): void {
    this.add({ kind: "layer", layer, cycle });
  }

  mark(id: number, value: number, cycle: number): void {
    this.add({ kind: "mark", id, value, cycle });
  }

  private add(event: TraceEvent): void {
    if (this.events.length < this.limit) this.events.push(event);
    else this.dropped++;
  }
}
