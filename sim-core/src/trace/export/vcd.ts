/** Value change dump: what each unit does, as waves. One cycle is one time unit. */
import type { Trace } from "../file/index.ts";

interface Signal {
  readonly id: string;
  readonly name: string;
  readonly width: number;
}

interface Change {
  readonly cycle: number;
  readonly signal: Signal;
  readonly value: number;
}

const FIRST_ID = 33;

export function* vcd(trace: Trace): Generator<string> {
  const { header, operations, events, bursts, end } = trace;
  const signals: Signal[] = [];
  const changes: Change[] = [];
  const signal = (name: string, width: number): Signal => {
    const made = { id: String.fromCharCode(FIRST_ID + signals.length), name, width };
    signals.push(made);
    changes.push({ cycle: 0, signal: made, value: 0 });
    return made;
  };
  const change = (one: Signal, cycle: number, value: number): void => void changes.push({ cycle, signal: one, value });
  header.units.forEach((unit, number) => {
    const own = operations.byUnit(number);
    const all = [...operations.unit.values.keys()].filter((i) => operations.unit.at(i) === number);
    if (all.length === 0) return;
    const busy = signal(`${unit}_busy`, 1);
    const token = signal(`${unit}_token`, 32);
    for (const [i, index] of own.entries()) {
      const start = operations.start.at(index);
      change(busy, start, 1);
      change(token, start, operations.token.at(index));
      const ends = operations.end.at(index);
      const next = own[i + 1];
      if (ends >= 0 && (next === undefined || operations.start.at(next) > ends)) change(busy, ends, 0);
    }
    const queue = signal(`${unit}_queue`, 8);
    const steps = all.flatMap((i) => [
      { cycle: operations.issue.at(i), by: 1 },
      ...(operations.start.at(i) < 0 ? [] : [{ cycle: operations.start.at(i), by: -1 }]),
    ]);
    let depth = 0;
    for (const { cycle, by } of steps.sort((a, b) => a.cycle - b.cycle)) change(queue, cycle, (depth += by));
  });
  const layer = signal("layer", 16);
  for (let i = 0; i < events.layers.cycle.length; i++)
    change(layer, events.layers.cycle.at(i), events.layers.layer.at(i));
  const waiting = signal("cu_waiting", 1);
  for (let i = 0; i < events.waits.end.length; i++) {
    change(waiting, events.waits.start.at(i), 1);
    change(waiting, events.waits.end.at(i), 0);
  }
  const bus = signal("ddr_busy", 1);
  const burstCycles = Math.ceil(header.config.ddr.burstBytes / header.config.ddr.bytesPerCycle);
  for (let i = 0; i < bursts.count; i++) {
    const from = bursts.cycle.at(i);
    change(bus, from, 1);
    if (i + 1 === bursts.count || bursts.cycle.at(i + 1) > from + burstCycles) change(bus, from + burstCycles, 0);
  }
  const pc = trace.instructions.count > 0 ? signal("cu_pc", 32) : undefined;
  yield `$comment ${header.name}, by ${header.producer}: one cycle is one time unit $end\n$timescale 1 ns $end\n`;
  yield "$scope module machine $end\n";
  for (const { id, name, width } of signals) yield `$var wire ${width} ${id} ${name} $end\n`;
  yield "$upscope $end\n$enddefinitions $end\n";
  // Of several changes in one cycle the last one counts; the sort keeps their order.
  changes.sort((a, b) => a.cycle - b.cycle);
  let now = -1;
  for (const { cycle, signal: one, value } of pc ? withPc(changes, pc, trace) : changes) {
    if (cycle !== now) yield `#${cycle}\n`;
    now = cycle;
    yield one.width === 1 ? `${value}${one.id}\n` : `b${value.toString(2)} ${one.id}\n`;
  }
  if (end.cycle > now) yield `#${end.cycle}\n`;
}

/** Merges the path of the program in, of which there may be more than memory holds. @param changes sorted by cycle */
function* withPc(changes: readonly Change[], signal: Signal, { instructions }: Trace): Generator<Change> {
  let next = 0;
  for (const { execute: cycle, pc: value } of instructions.all()) {
    while (next < changes.length && changes[next]!.cycle <= cycle) yield changes[next++]!;
    yield { cycle, signal, value };
  }
  yield* changes.slice(next);
}
