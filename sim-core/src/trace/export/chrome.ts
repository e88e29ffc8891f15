/** The Trace Event Format of Chrome and Perfetto, as JSON. One cycle is written as one microsecond; the metadata say so. */
import type { Trace } from "../file/index.ts";
import { droppedSum } from "../file/index.ts";
import { TraceNames } from "./names.ts";

const PROCESS = 1;
/** Cycles that one value of the bandwidth counter stands for, at least. */
const BANDWIDTH_CYCLES = 256;
const MOST_VALUES = 20_000;

/** @returns pieces of the file */
export function* chromeTrace(trace: Trace): Generator<string> {
  const { header, end } = trace;
  const metadata = {
    timeUnit: "1 cycle is written as 1 us",
    cycles: end.cycle,
    droppedEvents: droppedSum(end.dropped),
    producer: header.producer,
  };
  yield `{"displayTimeUnit":"ns","metadata":${JSON.stringify(metadata)},"traceEvents":[`;
  let separator = "\n";
  for (const event of events(trace)) {
    yield `${separator}${JSON.stringify(event)}`;
    separator = ",\n";
  }
  yield "\n]}\n";
}

function* events(trace: Trace): Generator<object> {
  const { header, operations, events: happened, bursts, end } = trace;
  const names = new TraceNames(header);
  const layerTrack = header.units.length;
  for (const [tid, name] of [...header.units, "layers"].entries()) {
    yield { name: "thread_name", ph: "M", pid: PROCESS, tid, args: { name: name.toUpperCase() } };
    yield { name: "thread_sort_index", ph: "M", pid: PROCESS, tid, args: { sort_index: tid } };
  }
  const { layers, waits, marks, traps } = happened;
  for (let i = 0; i < layers.cycle.length; i++) {
    const until = i + 1 < layers.cycle.length ? layers.cycle.at(i + 1) : end.cycle;
    const id = layers.layer.at(i);
    if (id === 0 || until === layers.cycle.at(i)) continue;
    const ts = layers.cycle.at(i);
    yield { name: names.layer(id), ph: "X", pid: PROCESS, tid: layerTrack, ts, dur: until - ts };
  }
  for (let i = 0; i < operations.count; i++) {
    const ts = operations.start.at(i);
    if (ts < 0) continue;
    const tid = operations.unit.at(i);
    const until = operations.end.at(i) < 0 ? end.cycle : operations.end.at(i);
    // Cycles by the unit that had the bank; left out where there is none.
    const lost = operations.lostOf(i).map(({ unit, cycles }) => [header.units[unit], cycles]);
    const args = {
      source: names.placeText(operations.pc.at(i)),
      shape: [...operations.shape.values.subarray(4 * i, 4 * i + 4)].join("x"),
      layer: names.layer(operations.layer.at(i)),
      issueCycle: operations.issue.at(i),
      token: operations.token.at(i),
      ...(lost.length > 0 && { bankConflicts: Object.fromEntries(lost) }),
    };
    yield {
      name: operations.mnemonics[operations.mnemonic.at(i)],
      ph: "X",
      pid: PROCESS,
      tid,
      ts,
      dur: until - ts,
      args,
    };
    for (const token of operations.dependenciesOf(i)) {
      const before = operations.withToken(token);
      if (before < 0 || operations.end.at(before) < 0) continue;
      // Arrows go from within the earlier operation, since a flow must begin in a slice.
      const id = `${token}-${operations.token.at(i)}`;
      const flow = { name: "after", cat: "dependency", id, pid: PROCESS };
      const from = Math.max(operations.start.at(before), operations.end.at(before) - 1);
      yield { ...flow, ph: "s", tid: operations.unit.at(before), ts: from };
      yield { ...flow, ph: "f", bp: "e", tid, ts };
    }
  }
  for (let i = 0; i < waits.end.length; i++) {
    const ts = waits.start.at(i);
    const args = { source: names.placeText(waits.pc.at(i)) };
    yield {
      name: header.causes[waits.cause.at(i)],
      ph: "X",
      pid: PROCESS,
      tid: 0,
      ts,
      dur: waits.end.at(i) - ts,
      args,
    };
  }
  for (let i = 0; i < marks.cycle.length; i++) {
    const args = { value: marks.value.at(i) };
    yield { name: `mark ${marks.id.at(i)}`, ph: "i", s: "g", pid: PROCESS, tid: 0, ts: marks.cycle.at(i), args };
  }
  for (let i = 0; i < traps.cycle.length; i++) {
    const args = { cause: traps.cause.at(i), value: traps.value.at(i), source: names.placeText(traps.pc.at(i)) };
    yield { name: "trap", ph: "i", s: "t", pid: PROCESS, tid: 0, ts: traps.cycle.at(i), args };
  }
  // Bytes per cycle over the DDR bus.
  const step = Math.max(BANDWIDTH_CYCLES, Math.ceil(end.cycle / MOST_VALUES));
  const cycles = bursts.cycle.values;
  for (let i = 0, from = 0; i < cycles.length; ) {
    from = Math.floor(cycles[i]! / step) * step;
    const counts = [0, 0];
    for (; i < cycles.length && cycles[i]! < from + step; i++) counts[bursts.write.at(i)]!++;
    const perCycle = header.config.ddr.burstBytes / step;
    const args = { read: counts[0]! * perCycle, write: counts[1]! * perCycle };
    yield { name: "DDR bytes/cycle", ph: "C", pid: PROCESS, ts: from, args };
    if (i === cycles.length || cycles[i]! >= from + 2 * step) {
      yield { name: "DDR bytes/cycle", ph: "C", pid: PROCESS, ts: from + step, args: { read: 0, write: 0 } };
    }
  }
}
