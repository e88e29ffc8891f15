/** The segments that a loader copies, out of placed sections. */
import type { ProgramSegment } from "../program/index.ts";
import type { OutputSection } from "./layout.ts";

/**
 * Neighbours in one memory become one segment, as linkers make them: loaders such as qemu's map whole pages, and a segment
 * without contents of its own would wipe what the one before it put into the page that they share.
 */
export function segmentsOf(sections: readonly OutputSection[]): ProgramSegment[] {
  const runs: OutputSection[][] = [];
  for (const section of sections) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (last && last.memory === section.memory && joins(last, section)) run?.push(section);
    else runs.push([section]);
  }
  return runs.map(segmentOf);
}

/** Contents don't join behind zeros: the file would have to hold the zeros. Nor do they across a page of nothing. */
const joins = (last: OutputSection, next: OutputSection): boolean =>
  last.execute === next.execute &&
  next.address - (last.address + last.bytes) < PAGE &&
  (next.nobits || (last.write === next.write && !last.nobits));

const PAGE = 4096;

function segmentOf(run: readonly OutputSection[]): ProgramSegment {
  const first = run[0]!;
  const end = (sections: readonly OutputSection[]) =>
    sections.reduce((highest, { address, bytes }) => Math.max(highest, address + bytes), first.address);
  const bytes = new Uint8Array(end(run.filter(({ nobits }) => !nobits)) - first.address);
  for (const { parts } of run) {
    for (const part of parts) if (!part.nobits) bytes.set(part.contents, part.address - first.address);
  }
  return {
    address: first.address,
    bytes,
    memoryBytes: end(run) - first.address,
    executable: first.execute,
    writable: run.some(({ write }) => write),
  };
}
