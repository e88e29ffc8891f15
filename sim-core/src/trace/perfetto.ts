/** Chrome/Perfetto JSON of a trace. One cycle is written as one microsecond; the metadata say so. */
import { UNITS } from "../isa/index.ts";
import { LineIndex, type Program } from "../program/index.ts";
import type { TraceEvent, TraceRecorder } from "./recorder.ts";

interface ChromeEvent {
  readonly name: string;
  readonly ph: "X" | "M" | "i";
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly s?: "g";
  readonly args?: Readonly<Record<string, unknown>>;
}

const PROCESS = 1;
const CU_TRACK = 0;
/** Track of the layers, behind those of the units. */
const LAYER_TRACK = UNITS.length;

/**
 * The trace as one JSON object in the Trace Event Format.
 * @param endCycle last cycle of the run: the last layer ends there
 */
export function toPerfetto(trace: TraceRecorder, program: Program, endCycle: number): object {
  const lines = new LineIndex(program);
  const names = new Map(program.layers.map(({ id, name }) => [id, name]));
  const layerName = (id: number) => names.get(id) ?? `layer ${id}`;
  const place = (pc: number) => {
    const found = lines.placeOf(pc);
    return found ? `${found.file}:${found.line}` : `0x${pc.toString(16)}`;
  };
  const events: ChromeEvent[] = [...UNITS, "layers"].map((name, tid) => ({
    name: "thread_name",
    ph: "M",
    pid: PROCESS,
    tid,
    args: { name: name.toUpperCase() },
  }));
  const layerMarks = trace.events.filter((event) => event.kind === "layer");
  layerMarks.forEach(({ layer, cycle }, index) => {
    const end = layerMarks[index + 1]?.cycle ?? endCycle;
    if (layer === 0) return;
    events.push({ name: layerName(layer), ph: "X", pid: PROCESS, tid: LAYER_TRACK, ts: cycle, dur: end - cycle });
  });
  const convert = (event: TraceEvent): ChromeEvent | undefined => {
    switch (event.kind) {
      case "operation": {
        const { mnemonic, unit, startCycle, endCycle: end, issueCycle, shape, layer, token, dependencies } = event;
        const names = { source: place(event.pc), shape, layer: layerName(layer) };
        // Cycles by the unit that had the bank; left out where there is none.
        const bankConflicts = Object.fromEntries(event.lost.map(({ unit: winner, cycles }) => [winner, cycles]));
        const lost = event.lost.length > 0 ? { bankConflicts } : {};
        const args = { ...names, issueCycle, token, dependencies, ...lost };
        const tid = UNITS.indexOf(unit);
        return { name: mnemonic, ph: "X", pid: PROCESS, tid, ts: startCycle, dur: end - startCycle, args };
      }
      case "wait": {
        const { startCycle, endCycle: end, cause, pc } = event;
        const args = { source: place(pc) };
        return { name: cause, ph: "X", pid: PROCESS, tid: CU_TRACK, ts: startCycle, dur: end - startCycle, args };
      }
      case "mark": {
        const { id, value, cycle } = event;
        return { name: `mark ${id}`, ph: "i", s: "g", pid: PROCESS, tid: CU_TRACK, ts: cycle, args: { value } };
      }
      case "layer":
        return undefined;
    }
  };
  for (const event of trace.events) {
    const converted = convert(event);
    if (converted) events.push(converted);
  }
  return {
    displayTimeUnit: "ns",
    metadata: { timeUnit: "1 cycle is written as 1 us", droppedEvents: trace.dropped, cycles: endCycle },
    traceEvents: events,
  };
}
