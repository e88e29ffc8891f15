/** What travelling through time means for everything that observes the machine: it is mute, and afterwards as before. */
import type { Finding } from "@nnasm/sim-core/check";
import type { ExpectationChecker } from "@nnasm/sim-core/engine";
import type { WatchHit } from "@nnasm/sim-core/units";
import { countText } from "../inspect/format.ts";
import type { Machine } from "../inspect/machine.ts";
import type { DebuggerListener } from "../options.ts";
import type { Arrivals } from "../run/arrivals.ts";
import type { Breakpoints } from "../run/breakpoints.ts";
import type { Execution } from "../run/execution.ts";
import type { OutputBuffer } from "../run/output.ts";
import type { Watchpoints } from "../run/watchpoints.ts";
import type { Companion } from "./history.ts";
import type { Arrival, Traveller } from "./search.ts";

export interface TravellerParts {
  readonly machine: Machine;
  readonly execution: Execution;
  readonly output: OutputBuffer;
  readonly checker: ExpectationChecker;
  readonly arrivals: Arrivals;
  readonly breakpoints: Breakpoints;
  readonly watchpoints: Watchpoints;
  readonly listener: DebuggerListener;
  log(text: string): void;
  /** Everything that stops a run is set as usual. */
  plant(): void;
  arrived(arrival: Arrival): void;
}

export interface Findings {
  /** To be told of everything that the machine's checks find, also of what they find again. */
  found(finding: Finding): void;
}

export function traveller(parts: TravellerParts): Companion & Traveller & Findings {
  const { machine, execution, output, checker, arrivals, breakpoints, watchpoints, listener } = parts;
  const { simulator } = machine;
  /** Findings that have been told, by what tells them apart, with their cycles. */
  const told = new Map<string, number>();
  /** What is only counted stops nothing. */
  const noStop = (hits: readonly WatchHit[]): false => {
    arrivals.observed(hits);
    return false;
  };
  const counted = () => [...breakpoints.counted, ...watchpoints.counted];
  return {
    marks: () => ({
      hits: new Map(counted().map(({ id, conditions }) => [id, conditions.hits])),
      passed: execution.isPassed,
    }),
    restored({ hits, passed }) {
      for (const { id, conditions } of counted()) conditions.hits = hits.get(id) ?? 0;
      if (passed) execution.markPassed();
      else execution.markUnpassed();
      arrivals.begin();
    },
    isComplete: ({ hits }) => counted().every(({ id }) => hits.has(id)),
    newFuture(cycle) {
      output.forget();
      checker.wentBack(cycle);
      for (const [key, when] of told) if (when > cycle) told.delete(key);
      parts.log(`A new future starts at cycle ${countText(cycle)}: what had come behind it is forgotten.`);
    },
    editsRepeated(cycle) {
      if (!arrivals.judge) parts.log(`[cycle ${countText(cycle)}] what was changed by hand here is changed again`);
    },
    hasStops: () => execution.hasBreakpoints || execution.observer !== undefined,
    prepare({ stops, judge, search }) {
      output.flush();
      output.muted = true;
      arrivals.judge = judge;
      const isCounting = counted().length > 0;
      const { observer } = execution;
      arrivals.place = undefined;
      if (!isCounting && (search?.kind !== "stops" || !stops)) {
        execution.setBreakpoints(new Set());
        simulator.setWatch([]);
        simulator.setListener(undefined);
        execution.observer = undefined;
      }
      if (search?.kind === "places") {
        const { addresses, isThere } = search;
        execution.setBreakpoints(new Set([...addresses, ...(isCounting ? breakpoints.addresses : [])]));
        arrivals.place = (address) => addresses.has(address) && isThere();
        if (execution.observer) execution.observer = { ...execution.observer, after: noStop };
      }
      if (search?.kind === "events") {
        arrivals.judge = () => false;
        let happened = false;
        const heard = search.listener(() => {
          happened = true;
          simulator.requestStop("travel");
        });
        simulator.setListener(heard);
        execution.observer = {
          singly: isCounting && observer?.singly === true,
          after: (hits) => {
            if (isCounting) arrivals.observed(hits);
            const isThere = happened && judge();
            happened = false;
            return isThere;
          },
        };
      }
    },
    restoreStops() {
      output.muted = false;
      arrivals.judge = undefined;
      arrivals.place = undefined;
      listener.travelling(undefined);
      parts.plant();
    },
    found(finding) {
      if (arrivals.judge) return;
      const key = `${finding.id} ${finding.pc} ${finding.related.map(({ pc }) => pc)} ${finding.cycle}`;
      if (told.has(key)) return;
      told.set(key, finding.cycle);
      listener.found(finding);
    },
    progress: (share) => listener.travelling(share),
    arrived: (arrival) => parts.arrived(arrival),
    failed: (error) => listener.failed(error),
  };
}
