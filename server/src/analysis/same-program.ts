/** Whether a change leaves a program as it was: what every rewrite of code is checked by. */
import type { Assembly } from "@nnasm/sim-core/asm";
import type { Program } from "@nnasm/sim-core/program";

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function samePrograms(a: Program, b: Program): boolean {
  return (
    a.entry === b.entry &&
    a.segments.length === b.segments.length &&
    a.segments.every((segment, index) => {
      const other = b.segments[index]!;
      return (
        segment.address === other.address &&
        segment.memoryBytes === other.memoryBytes &&
        sameBytes(segment.bytes, other.bytes)
      );
    })
  );
}

/** The statements' words and what is wrong, for programs with errors, which have no bytes. */
function outcome({ placements, diagnostics }: Assembly): string {
  const code = placements.map(({ address, bytes, words }) => [address, bytes, words]);
  return JSON.stringify([code, diagnostics.map(({ id }) => id).sort()]);
}

/** Whether two assemblies make the same bytes at the same places; with errors, whether they have the same errors. */
export function sameResult(a: Assembly, b: Assembly): boolean {
  if (a.program && b.program) return samePrograms(a.program, b.program);
  return a.program === undefined && b.program === undefined && outcome(a) === outcome(b);
}
