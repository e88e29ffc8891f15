/** A trace as what is compared. */
import { CodeSymbols, LineIndex } from "../program/index.ts";
import { callPaths, type Trace } from "../trace/index.ts";
import { CU_CAUSES, type CuCause } from "../units/index.ts";
import { functionsOf } from "./from-profile.ts";
import type { MeasuredFunction, MeasuredLayer, MeasuredLine, RunMeasures } from "./measures.ts";

type Causes = Record<CuCause, number>;

const noCauses = (): Causes => Object.fromEntries(CU_CAUSES.map((cause) => [cause, 0])) as Causes;

/** @param title what the user calls the trace */
export function measuresOfTrace(trace: Trace, title: string): RunMeasures {
  const { header, end } = trace;
  const lines = linesOf(trace);
  const cu = noCauses();
  for (const line of lines) for (const cause of CU_CAUSES) cu[cause] += line.cu[cause];
  const traced = lines.reduce((sum, { cycles }) => sum + cycles, 0);
  const hasBursts = header.filter.bursts !== false;
  const { burstBytes } = header.config.ddr;
  const writes = trace.bursts.write.values.reduce((sum, write) => sum + write, 0);
  return {
    title,
    kind: "trace",
    cycles: end.cycle,
    retired: end.retired,
    clockMHz: header.config.clockMHz,
    cu,
    slots: undefined,
    ddrReadBytes: hasBursts ? (trace.bursts.count - writes) * burstBytes : undefined,
    ddrWriteBytes: hasBursts ? writes * burstBytes : undefined,
    layers: layersOf(trace),
    functions: traceFunctions(trace),
    lines,
    untraced: Math.max(0, end.cycle - traced),
  };
}

/** Name of a layer's number, as the profile tells it. */
export function layerName({ header }: Trace, id: number): string {
  if (id === 0) return "(no layer)";
  return header.program.layers.find((layer) => layer.id === id)?.name ?? `layer ${id}`;
}

/** Stretches between the markers of layers, from the beginning to the end; times in cycles. */
export function layerSpans(trace: Trace): { readonly id: number; readonly from: number; readonly to: number }[] {
  const { cycle, layer } = trace.events.layers;
  const spans = [{ id: 0, from: 0, to: cycle.length === 0 ? trace.end.cycle : cycle.at(0) }];
  for (let i = 0; i < cycle.length; i++) {
    spans.push({ id: layer.at(i), from: cycle.at(i), to: i + 1 < cycle.length ? cycle.at(i + 1) : trace.end.cycle });
  }
  return spans.filter(({ from, to }) => to > from);
}

function layersOf(trace: Trace): MeasuredLayer[] {
  const names = trace.header.causes;
  const found = new Map<number, { cuCycles: number; cu: Causes; ddrBytes: number }>();
  const at = (id: number) => {
    let layer = found.get(id);
    if (!layer) found.set(id, (layer = { cuCycles: 0, cu: noCauses(), ddrBytes: 0 }));
    return layer;
  };
  const spans = layerSpans(trace);
  for (const { id, from, to } of spans) {
    const layer = at(id);
    layer.cuCycles += to - from;
    trace.instructions.causesBetween(from, to).forEach((cycles, cause) => {
      layer.cu[names[cause] as CuCause] += cycles;
    });
  }
  const { burstBytes } = trace.header.config.ddr;
  for (const id of burstLayers(trace, spans)) at(id).ddrBytes += burstBytes;
  const hasBursts = trace.header.filter.bursts !== false;
  return [...found]
    .sort(([a], [b]) => a - b)
    .map(([id, layer]) => ({ name: layerName(trace, id), ...layer, ddrBytes: hasBursts ? layer.ddrBytes : undefined }));
}

/** For each burst the layer of the operation that it belongs to; those of the control unit belong to the layer of their time. */
function* burstLayers({ bursts, operations, header }: Trace, spans: ReturnType<typeof layerSpans>): Generator<number> {
  const next = header.units.map(() => 0);
  const queues = header.units.map((_, unit) => operations.byUnit(unit));
  let span = 0;
  for (let i = 0; i < bursts.count; i++) {
    const cycle = bursts.cycle.at(i);
    const unit = bursts.master.at(i);
    const queue = queues[unit]!;
    while (next[unit]! + 1 < queue.length && operations.start.at(queue[next[unit]! + 1]!) <= cycle) next[unit]!++;
    while (span + 1 < spans.length && spans[span]!.to <= cycle) span++;
    const operation = queue[next[unit]!];
    yield operation === undefined ? (spans[span]?.id ?? 0) : operations.layer.at(operation);
  }
}

function linesOf({ header, instructions }: Trace): MeasuredLine[] {
  const index = new LineIndex(header.program);
  const byAddress = new Map<number, { cu: Causes; retired: number }>();
  for (const { pc, waits, hold, holdCause } of instructions.all()) {
    let own = byAddress.get(pc);
    if (!own) byAddress.set(pc, (own = { cu: noCauses(), retired: 0 }));
    own.retired++;
    own.cu.execute++;
    for (const { cause, cycles } of waits) own.cu[header.causes[cause] as CuCause] += cycles;
    if (hold > 0) own.cu[header.causes[holdCause] as CuCause] += hold;
  }
  const lines = new Map<string, MeasuredLine & { cycles: number; retired: number }>();
  for (const [address, { cu, retired }] of [...byAddress].sort(([a], [b]) => a - b)) {
    const place = index.placeOf(address);
    const key = place ? `${place.file}:${place.line}` : String(address);
    const cycles = CU_CAUSES.reduce((sum, cause) => sum + cu[cause], 0);
    const line = lines.get(key);
    if (line) {
      line.cycles += cycles;
      line.retired += retired;
      for (const cause of CU_CAUSES) (line.cu as Causes)[cause] += cu[cause];
    } else lines.set(key, { place: place && { file: place.file, line: place.line }, address, retired, cycles, cu });
  }
  return [...lines.values()];
}

/** Whether a trace has the word at an address. */
export const isCodeIn =
  (code: Trace["header"]["code"]) =>
  (address: number): boolean =>
    code.some((part) => address >= part.address && address < part.address + 4 * part.words.length);

function traceFunctions(trace: Trace): MeasuredFunction[] {
  const { program } = trace.header;
  const index = new LineIndex(program);
  const names = new CodeSymbols(program.symbols, isCodeIn(trace.header.code));
  const paths = callPaths(trace);
  const own = paths.map(({ cycles }) => [...cycles.values()].reduce((sum, value) => sum + value, 0));
  const inclusive = [...own];
  for (let node = paths.length - 1; node > 0; node--) inclusive[paths[node]!.parent]! += inclusive[node]!;
  return functionsOf(
    paths.map(({ parent, target, calls }, node) => {
      const address = parent < 0 ? program.entry : target;
      const place = index.placeOf(address);
      return {
        parent,
        name: names.nameOf(address),
        place: place && { file: place.file, line: place.line },
        calls,
        cycles: own[node]!,
        inclusiveCycles: inclusive[node]!,
      };
    }),
  );
}
