/** How many macro calls are looked into where the machine has stopped. */
import type { Machine } from "../inspect/machine.ts";
import { shownPlace } from "../inspect/stack.ts";
import { enteredBefore } from "../program/expansions.ts";
import type { StopCause } from "./stops.ts";

/** At a breakpoint of a macro's body the body is shown, and wherever something went wrong; the call otherwise. */
export function callsToOpen(machine: Machine, cause: StopCause): number {
  const { pc } = machine.simulator.state;
  const chain = machine.sources.expansions.chainAt(pc);
  const entered = enteredBefore(chain, pc);
  if (cause.kind === "fault" || cause.kind === "expectation" || cause.kind === "deadlock" || cause.kind === "pause") {
    return chain.length;
  }
  if (cause.kind !== "breakpoint") return entered;
  for (let open = entered; open <= chain.length; open++) {
    const place = shownPlace(machine, pc, chain, open);
    if (cause.breakpoints.some(({ file, line }) => file === place?.file && line === place?.line)) return open;
  }
  return entered;
}
