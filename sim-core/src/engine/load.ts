/** Puts a program into the machine's memories. */
import { type MachineConfig, regionOf } from "../config/index.ts";
import type { UserExtension } from "../isa/index.ts";
import { hex, type Memories } from "../machine/index.ts";
import type { Program, UserSetFact } from "../program/index.ts";

/** Why a program cannot run on a machine; the message says what to do. */
export class LoadError extends Error {}

/** Eight digits, as messages show the hash of a set. */
const setText = ({ name, hash }: UserSetFact): string => `"${name}" (${hash.toString(16).padStart(8, "0")})`;

function checkUserSet(needed: UserSetFact | undefined, present: UserExtension | undefined): void {
  if (!needed || needed.hash === present?.hash) return;
  const uses = `the program uses the user instructions ${setText(needed)}`;
  if (!present) {
    throw new LoadError(`${uses}, this machine has none: name their file under "instructions" in nnp.json`);
  }
  throw new LoadError(`${uses}, this machine has ${setText(present)}: assemble it again with these instructions`);
}

/**
 * Loads all segments.
 * @param user the workspace's own instructions that the machine has
 * @throws LoadError when a segment doesn't fit its memory, or the program was built for another array or other user instructions
 */
export function loadProgram(
  program: Program,
  config: MachineConfig,
  memories: Memories,
  user: UserExtension | undefined,
): void {
  checkUserSet(program.facts.user, user);
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
