/** Writes a trace file while the machine runs; changes no cycle. */
import { encodeUtf8 } from "../../elf/utf8.ts";
import type { Simulator } from "../../engine/index.ts";
import { UNITS, type Unit } from "../../isa/index.ts";
import { CAUSES, extent, type Fault } from "../../machine/index.ts";
import { codeWords } from "../../program/index.ts";
import {
  AccessCounts,
  CU_CAUSES,
  type CuListener,
  InstructionTrace,
  type Operation,
  type OperationListener,
} from "../../units/index.ts";
import { declaredTensor } from "../layer-outputs.ts";
import { ByteWriter } from "./bytes.ts";
import {
  CHUNK,
  EVENT,
  LATER_CHUNKS,
  noDropped,
  TRACE_MAGIC,
  TRACE_VERSION,
  type TraceEnd,
  type TraceFilter,
  type TraceHeader,
} from "./format.ts";
import { InstructionChunks } from "./instruction-chunks.ts";
import { AccessChunks, BankUseChunks, ConflictChunks } from "./memory-chunks.ts";
import { OperandChunks } from "./operand-chunks.ts";
import { OperationChunks } from "./operation-chunks.ts";

/** Bytes after which a chunk ends. */
const CHUNK_BYTES = 2 ** 15;
/** Where operations follow each other closely, the use of banks is written that rarely, in cycles. */
const LEAST_SAMPLE = 64;
const DEFAULT_LIMIT = 2 ** 30;

export interface TraceWriterOptions {
  /** Name of the program's file. */
  readonly name: string;
  readonly producer: string;
  readonly filter?: TraceFilter;
  /** Bytes after which nothing but the end is written, and counted instead. Default: 1 GiB. */
  readonly limitBytes?: number;
}

/** Give it to `Simulator.setListener` (alone or among others), and call `attach` before the run and `finish` behind it. */
export class TraceWriter implements OperationListener, CuListener {
  private readonly sink: (bytes: Uint8Array) => void;
  private readonly limit: number;
  private readonly filter: TraceFilter;
  private readonly units: ReadonlySet<string> | undefined;
  private readonly layers: ReadonlySet<number> | undefined;
  private readonly simulator: Simulator;
  private readonly instructions: InstructionChunks;
  private readonly trace: InstructionTrace;
  private readonly operations = new OperationChunks();
  private readonly bursts = new ByteWriter();
  private burstCycle = 0;
  private readonly events = new ByteWriter();
  private eventCycle = 0;
  /** All of these are written unless the filter leaves memory out. */
  private readonly hasMemory: boolean;
  private readonly operands: OperandChunks;
  private readonly conflicts = new ConflictChunks();
  private readonly bankUse = new BankUseChunks();
  private readonly accesses = new AccessChunks();
  private readonly counts: AccessCounts | undefined;
  /** Whether what is being counted is to be written. */
  private isCounting = false;
  /** Units whose lost cycles are to be written, by their numbers. */
  private readonly isHeard = UNITS.map(() => false);
  private readonly dropped = noDropped();
  private written = 0;
  private layerNumber: number;
  private inRegion: boolean;

  /** @param sink takes pieces of the file, in order; each is an array of its own */
  constructor(simulator: Simulator, options: TraceWriterOptions, sink: (bytes: Uint8Array) => void) {
    this.simulator = simulator;
    this.sink = sink;
    this.filter = options.filter ?? {};
    this.limit = options.limitBytes ?? DEFAULT_LIMIT;
    this.units = this.filter.units && new Set(this.filter.units);
    this.layers = this.filter.layers && new Set(this.filter.layers);
    this.layerNumber = simulator.state.layer;
    this.inRegion = simulator.state.profiling;
    this.instructions = new InstructionChunks(this.filter.cycles, (chunk) => this.chunk(CHUNK.instructions, chunk));
    this.hasMemory = this.filter.memory !== false;
    this.operands = new OperandChunks(simulator.config);
    if (this.hasMemory && this.wantsUnit("cu")) {
      this.counts = new AccessCounts(simulator.config.dm.bytes, (from, to, lines) => {
        if (!this.isCounting || !this.inWindow(from, to)) return;
        if (this.full) this.dropped.accesses++;
        else this.accesses.add(from, to, lines);
        if (this.accesses.length >= CHUNK_BYTES) this.chunk(CHUNK.accesses, this.accesses.take());
      });
    }
    this.trace = new InstructionTrace(this.instructions, this.counts);
    this.header(options);
    this.select();
  }

  /** Begins to trace what the machine does by itself. */
  attach(): void {
    if (this.filter.instructions !== false) this.simulator.cu.traceWith(this.trace);
    const { units } = this.simulator;
    this.bankUse.begin(units.dm.cycle, units.dm.accesses);
    for (const { unit, queue } of units.all) if (queue.running) this.started(unit, queue.running);
  }

  /** Ends the trace: everything that is still open, and the end. The machine traces no longer. */
  finish(): TraceEnd {
    if (this.filter.instructions !== false) this.simulator.cu.traceWith(undefined);
    const { cycle, retired } = this.simulator.state;
    this.simulator.units.dm.advance(cycle);
    if (this.hasMemory && !this.full && this.inWindow(cycle, cycle))
      this.bankUse.add(cycle, this.simulator.units.dm.accesses);
    this.counts?.flush(cycle);
    this.openWait();
    // An operation that hasn't completed is part of the trace, with an end that isn't known.
    for (const { unit, queue } of this.simulator.units.all) {
      for (const operation of [queue.halted?.operation, queue.running, ...queue.waiting]) {
        if (operation && this.wants(unit, operation)) this.record(unit, operation, -1);
      }
    }
    this.instructions.end();
    this.flush(0);
    const dropped = { ...this.dropped, instructions: this.instructions.dropped };
    const end: TraceEnd = { cycle, retired, dropped };
    this.write(CHUNK.end, encodeUtf8(JSON.stringify(end)));
    return end;
  }

  completed(unit: Unit, operation: Operation): void {
    if (!this.wants(unit, operation)) return;
    if (this.full) this.dropped.operations++;
    else this.record(unit, operation, operation.endCycle);
    this.flush(CHUNK_BYTES);
  }

  started(unit: Unit, operation: Operation): void {
    const { layers } = this;
    this.isHeard[UNITS.indexOf(unit)] =
      this.wantsUnit(unit) && (!layers || layers.has(operation.layer)) && (!this.filter.region || this.inRegion);
  }

  bankLost(cycle: number, loser: number, winner: number, bank: number): void {
    if (!this.hasMemory || !this.isHeard[loser] || !this.inWindow(cycle, cycle)) return;
    if (this.full) {
      this.dropped.conflicts++;
      return;
    }
    this.conflicts.add(cycle, loser, winner, bank);
    if (this.conflicts.length >= CHUNK_BYTES) this.chunk(CHUNK.conflicts, this.conflicts.take());
  }

  banksUsed(cycle: number, accesses: Float64Array): void {
    if (!this.hasMemory || this.bankUse.since(cycle) < LEAST_SAMPLE) return;
    if (!this.inWindow(cycle, cycle)) {
      if (this.bankUse.length > 0) this.chunk(CHUNK.bankUse, this.bankUse.take());
      this.bankUse.begin(cycle, accesses);
    } else if (this.full) this.dropped.accesses++;
    else this.bankUse.add(cycle, accesses);
    if (this.bankUse.length >= CHUNK_BYTES) this.chunk(CHUNK.bankUse, this.bankUse.take());
  }

  granted(master: Unit, cycle: number, write: boolean): void {
    if (this.filter.bursts === false || !this.isSelected || !this.inWindow(cycle, cycle)) return;
    if (this.full) {
      this.dropped.bursts++;
      return;
    }
    const { bursts } = this;
    if (bursts.length === 0) {
      bursts.unsigned(cycle);
      this.burstCycle = cycle;
    }
    bursts.unsigned((cycle - this.burstCycle) * 32 + UNITS.indexOf(master) * 2 + (write ? 1 : 0));
    this.burstCycle = cycle;
    if (bursts.length >= CHUNK_BYTES) this.chunk(CHUNK.bursts, bursts.take());
  }

  waited(pc: number, startCycle: number, endCycle: number, cause: "tokenWait" | "queueFull"): void {
    if (endCycle === startCycle) return;
    this.event(EVENT.wait, endCycle, endCycle - startCycle, pc / 4, CU_CAUSES.indexOf(cause));
  }

  awaited(token: number, cycle: number): void {
    this.event(EVENT.awaited, cycle, token);
  }

  layer(layer: number, cycle: number): void {
    this.event(EVENT.layer, cycle, layer);
    this.layerNumber = layer;
    this.select();
  }

  mark(id: number, value: number, cycle: number): void {
    this.event(EVENT.mark, cycle, id, value >>> 0);
  }

  trapped({ kind, pc, value }: Fault, cycle: number): void {
    this.event(EVENT.trap, cycle, CAUSES[kind], pc / 4, value >>> 0);
  }

  profiling(on: boolean, cycle: number): void {
    this.event(EVENT.region, cycle, on ? 1 : 0);
    this.inRegion = on;
    this.select();
  }

  /** A wait that hasn't ended is part of the trace up to here. */
  private openWait(): void {
    const { cu, state } = this.simulator;
    const cause = cu.correction && CU_CAUSES[cu.correction.cause];
    if (cause !== "tokenWait" && cause !== "queueFull") return;
    this.waited(state.pc, state.cycle - cu.correction!.cycles, state.cycle, cause);
  }

  private get full(): boolean {
    return this.written >= this.limit;
  }

  private get isSelected(): boolean {
    return (!this.layers || this.layers.has(this.layerNumber)) && (!this.filter.region || this.inRegion);
  }

  /** Instructions are traced from the current one on, or not. */
  private select(): void {
    const { cu, state } = this.simulator;
    if (cu.trace === this.trace && !state.functional) this.trace.flush(state.retired);
    this.instructions.select(this.isSelected);
    this.counts?.flush(state.cycle);
    this.isCounting = this.isSelected;
    this.isHeard[UNITS.indexOf("cu")] = this.isSelected && this.wantsUnit("cu");
  }

  private wantsUnit(unit: Unit): boolean {
    return !this.units || this.units.has(unit);
  }

  private record(unit: Unit, operation: Operation, endCycle: number): void {
    this.operations.add(unit, operation, endCycle);
    if (this.hasMemory) this.operands.add(operation);
  }

  private wants(unit: Unit, { layer, issueCycle, endCycle }: Operation): boolean {
    if (!this.wantsUnit(unit)) return false;
    if (this.layers && !this.layers.has(layer)) return false;
    if (this.filter.region && !this.inRegion) return false;
    return this.inWindow(issueCycle, endCycle < 0 ? Number.POSITIVE_INFINITY : endCycle);
  }

  private inWindow(from: number, to: number): boolean {
    const { cycles } = this.filter;
    return !cycles || (from < cycles[1] && to >= cycles[0]);
  }

  private event(kind: number, cycle: number, ...values: number[]): void {
    if (this.full) {
      this.dropped.events++;
      return;
    }
    const { events } = this;
    if (events.length === 0) {
      events.unsigned(cycle);
      this.eventCycle = cycle;
    }
    events.byte(kind);
    // A wait is told at its end, which may be behind what is told next.
    events.signed(cycle - this.eventCycle);
    this.eventCycle = cycle;
    for (const value of values) events.unsigned(value);
    if (events.length >= CHUNK_BYTES) this.chunk(CHUNK.events, events.take());
  }

  /** Writes chunks that have at least so many bytes. */
  private flush(bytes: number): void {
    if (this.operations.length > bytes) this.chunk(CHUNK.operations, this.operations.take());
    if (this.operands.length > bytes) this.chunk(CHUNK.operands, this.operands.take());
    if (this.conflicts.length > bytes) this.chunk(CHUNK.conflicts, this.conflicts.take());
    if (this.bankUse.length > bytes) this.chunk(CHUNK.bankUse, this.bankUse.take());
    if (this.accesses.length > bytes) this.chunk(CHUNK.accesses, this.accesses.take());
    if (this.bursts.length > bytes) this.chunk(CHUNK.bursts, this.bursts.take());
    if (this.events.length > bytes) this.chunk(CHUNK.events, this.events.take());
  }

  private chunk(kind: number, payload: Uint8Array): void {
    this.write(kind, payload);
  }

  private write(kind: number, payload: Uint8Array): void {
    const writer = new ByteWriter(payload.length + 16);
    writer.byte(kind);
    writer.unsigned(payload.length);
    writer.raw(payload);
    this.put(writer.take());
  }

  private put(bytes: Uint8Array): void {
    this.written += bytes.length;
    this.instructions.full = this.full;
    this.sink(bytes);
  }

  private header({ name, producer }: TraceWriterOptions): void {
    const { program, config } = this.simulator;
    const header: TraceHeader = {
      version: TRACE_VERSION,
      producer,
      name,
      config,
      units: UNITS,
      causes: CU_CAUSES,
      program: tracedProgram(this.simulator),
      code: codeWords(program),
      filter: this.filter,
      later: this.hasMemory ? LATER_CHUNKS : [],
    };
    const text = encodeUtf8(JSON.stringify(header));
    const writer = new ByteWriter(text.length + 32);
    writer.raw(encodeUtf8(TRACE_MAGIC));
    writer.unsigned(TRACE_VERSION);
    writer.unsigned(text.length);
    writer.raw(text);
    this.put(writer.take());
  }
}

function tracedProgram(simulator: Simulator): TraceHeader["program"] {
  const { entry, files, lines, inlined, symbols, layers, sections, tensors } = simulator.program;
  const placed = tensors.map((tensor) => {
    const { address, bytes } = extent(declaredTensor(simulator, tensor));
    return { name: tensor.name, base: address, bytes };
  });
  return { entry, files, lines, inlined, symbols, layers, sections, tensors: placed };
}
