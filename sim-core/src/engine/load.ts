/** Puts a program into the machine's memories. */
import { type MachineConfig, regionOf } from "../config/index.ts";
import { hex, type Memories } from "../machine/index.ts";
import type { Program } from "../program/index.ts";

/** Why a program cannot run on a machine; the message says what to do. */
export class LoadError extends Error {}

/**
 * Loads all segments.
 * @throws LoadError when a segment doesn't fit its memory or the program was built for another array
 */
export function loadProgram(program: Program, config: MachineConfig, memories: Memories): void {
  const { cip, cop } = program.facts;
  if ((cip !== undefined && cip !== config.nu.cip) || (cop !== undefined && cop !== config.nu.cop)) {
    throw new LoadError(
      `the program holds weights blocked for a MAC array of ${cip} x ${cop}, this machine has ` +
        `${config.nu.cip} x ${config.nu.cop}: assemble it again for this configuration`,
    );
  }
  for (const { address, bytes, memoryBytes } of program.segments) {
    const region = regionOf(config, address);
    if (!region) throw new LoadError(`no memory at ${hex(address)}, where a segment of the program begins`);
    const over = address + memoryBytes - (region.base + region.bytes);
    if (over > 0) {
      const name = region.name.toUpperCase();
      throw new LoadError(
        `a segment at ${hex(address)} needs ${memoryBytes} bytes, ${over} more than ${name} has: ` +
          `make it smaller, or raise ${region.name}.bytes in nnp.json`,
      );
    }
    memories.write(address, bytes);
  }
  if (!program.segments.some(({ executable }) => executable)) {
    throw new LoadError("the program has no code: put instructions into .text");
  }
}
