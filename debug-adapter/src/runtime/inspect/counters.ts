/** Counters of the run. */
import { countText, percentText } from "./format.ts";
import type { Machine } from "./machine.ts";
import type { Scope } from "./node.ts";
import { layerText } from "./units.ts";

/** Share of the MAC slots since reset that did real work, 0..1. */
export function macUtilisation({ simulator, config }: Machine): number {
  const { cycle } = simulator.state;
  if (cycle === 0) return 0;
  let useful = 0;
  for (const { slots } of simulator.units.nu.accounts.values()) useful += slots.useful;
  return useful / (cycle * config.nu.cip * config.nu.cop);
}

export function counterScope(machine: Machine): Scope {
  const { simulator } = machine;
  const { state, units } = simulator;
  return {
    name: "Counters",
    named: () => {
      const waiting = units.cuWaitSince < 0 ? 0 : state.cycle - units.cuWaitSince;
      return [
        { name: "cycle", value: countText(state.cycle), expression: "cycles()" },
        { name: "retired", value: countText(state.retired), expression: "retired()" },
        { name: "layer", value: layerText(machine, state.layer), expression: "layer()" },
        { name: "MAC utilisation", value: percentText(macUtilisation(machine)), expression: "macutil()" },
        { name: "NU busy cycles", value: countText(units.nu.busyCycles) },
        { name: "multiply-accumulates", value: countText(units.nu.macs) },
        { name: "DDR bytes read", value: countText(units.ddr.readBytes) },
        { name: "DDR bytes written", value: countText(units.ddr.writeBytes) },
        { name: "CU cycles waiting for tokens", value: countText(units.cuWaitCycles + waiting) },
        { name: "profiled region", value: state.profiling ? "on" : "off" },
      ];
    },
  };
}
