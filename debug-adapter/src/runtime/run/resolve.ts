/** Where breakpoints stand in a program. */
import { DDR_BASE } from "@nnasm/sim-core/config";
import { hex32 } from "../inspect/format.ts";
import type { Machine } from "../inspect/machine.ts";
import type { BreakpointPlace, Resolution } from "./breakpoints.ts";

export const resolverOf =
  (machine: Machine) =>
  (place: BreakpointPlace): Resolution => {
    switch (place.kind) {
      case "line": {
        const { sources } = machine;
        if (!sources.hasFile(place.file)) return { problem: "no code of the program comes from this file" };
        const { file, line, column } = place;
        const found =
          column === undefined ? sources.resolveLine(file, line) : sources.resolveStatement(file, line, column);
        const addresses = found?.addresses.map((address) => bodyOf(machine, address));
        return found && addresses
          ? { ...found, addresses, file }
          : { problem: "there is no code at or behind this line" };
      }
      case "function": {
        const address = machine.symbols.codeAddress(machine.program, place.name);
        if (address !== undefined) return at(machine, bodyOf(machine, address));
        const isKnown = machine.symbols.symbol(place.name) !== undefined;
        return { problem: isKnown ? `${place.name} is no label of code` : `there is no label ${place.name}` };
      }
      case "instruction":
        return instruction(machine, place.address);
    }
  };

/** The first instruction of a C function makes its frame: its arguments are where the debug information says behind that. */
const bodyOf = ({ c }: Machine, address: number): number => c?.program.bodyOf(address) ?? address;

function instruction(machine: Machine, address: number): Resolution {
  if (address % 4 !== 0) return { problem: `${hex32(address)} is no multiple of 4` };
  const { memories } = machine.simulator;
  const isCode = address >= DDR_BASE ? memories.inDdr(address, 4) : address >= 0 && address + 4 <= memories.pmBytes;
  return isCode ? at(machine, address) : { problem: `there is no code memory at ${hex32(address)}` };
}

function at(machine: Machine, address: number): Resolution {
  const place = machine.sources.placeOf(address);
  return { addresses: [address], ...(place ? { file: place.file, line: place.line } : {}) };
}
