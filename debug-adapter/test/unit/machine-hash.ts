/** Everything that makes up a machine's state, as one text that differs when anything does. */
import { createHash } from "node:crypto";
import type { Simulator } from "@nnasm/sim-core/engine";
import { buildProfile } from "@nnasm/sim-core/profile";

/** What a stop keeps for itself and the machine's future doesn't depend on. */
const OWN = new Set(["config", "bytes", "copiedBytes"]);

function feed(hash: ReturnType<typeof createHash>, value: unknown): void {
  if (ArrayBuffer.isView(value)) hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  else if (typeof value !== "object" || value === null) hash.update(`${String(value)};`);
  else if (value instanceof Map) {
    for (const [key, item] of [...value].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))) {
      hash.update(`${String(key)}=`);
      feed(hash, item);
    }
  } else {
    for (const [key, item] of Object.entries(value)) {
      if (OWN.has(key)) continue;
      hash.update(`${key}:`);
      feed(hash, item);
    }
  }
}

/** Registers, all memories, queues, unit state, counters, findings, output and the profile. */
export function hashOf(simulator: Simulator): string {
  const hash = createHash("sha1");
  // First, because it brings all accounts up to the cycle.
  if (!simulator.state.functional) feed(hash, buildProfile(simulator));
  const { state, memories, units, cu, checks, end } = simulator.snapshot();
  const { output, ...registers } = state;
  feed(hash, { registers, written: simulator.state.output.pieces(), memories, units, cu, checks, end });
  return hash.digest("hex");
}
