/**
 * What the units do, cycle by cycle, as text: for comparing with an RTL model. One line for each event, columns separated
 * by tabs; docs/event-log.md describes them.
 */
import { UNITS, type Unit } from "../isa/index.ts";
import { type Fault, hex, shapeText } from "../machine/index.ts";
import { type CuListener, lostCycles, type Operation, type OperationListener, tokenUnit } from "../units/index.ts";

/** Raised when columns or meanings change. */
const EVENT_LOG_VERSION = 2;

/** The file's first line. */
export const EVENT_LOG_HEADER = `# nnasm events ${EVENT_LOG_VERSION}: cycle, unit, event, token, pc, detail`;

/** Give it to `Simulator.setListener`. */
export class EventLog implements OperationListener, CuListener {
  private readonly write: (line: string) => void;

  /** @param write gets each line, without a line end */
  constructor(write: (line: string) => void) {
    this.write = write;
  }

  issued(unit: Unit, operation: Operation): void {
    const { mnemonic, out, dependencies, issueCycle } = operation;
    const after = dependencies.length > 0 ? ` after=${dependencies.map(hex).join(",")}` : "";
    this.operation(issueCycle, unit, "issue", operation, `${mnemonic} ${shapeText(out)} @${hex(out.base)}${after}`);
  }

  started(unit: Unit, operation: Operation): void {
    this.operation(operation.startCycle, unit, "start", operation, operation.mnemonic);
  }

  completed(unit: Unit, operation: Operation): void {
    const lost = lostCycles(operation);
    const sum = lost.reduce((total, { cycles }) => total + cycles, 0);
    const to = lost.map(({ unit: winner, cycles }) => `${winner}:${cycles}`).join(",");
    const detail = sum > 0 ? `${operation.mnemonic} lost=${sum} to=${to}` : operation.mnemonic;
    this.operation(operation.endCycle, unit, "complete", operation, detail);
  }

  waited(pc: number, startCycle: number, endCycle: number, cause: string): void {
    if (endCycle > startCycle) this.line(endCycle, "cu", "resume", "", pc, `since=${startCycle} cause=${cause}`);
  }

  awaited(token: number, cycle: number): void {
    this.line(cycle, "cu", "await", hex(token), "", UNITS[tokenUnit(token)] ?? "");
  }

  granted(master: Unit, cycle: number, write: boolean): void {
    this.line(cycle, "ddr", "burst", "", "", `${master} ${write ? "write" : "read"}`);
  }

  layer(layer: number, cycle: number): void {
    this.line(cycle, "cu", "layer", "", "", String(layer));
  }

  mark(id: number, value: number, cycle: number): void {
    this.line(cycle, "cu", "mark", "", "", `${id} ${value}`);
  }

  trapped({ kind, pc, value }: Fault, cycle: number): void {
    this.line(cycle, "cu", "trap", "", pc, `${kind} ${hex(value >>> 0)}`);
  }

  private operation(cycle: number, unit: Unit, event: string, { token, pc }: Operation, detail: string): void {
    this.line(cycle, unit, event, hex(token), pc, detail);
  }

  private line(cycle: number, unit: string, event: string, token: string, pc: number | "", detail: string): void {
    this.write([cycle, unit, event, token, pc === "" ? "" : hex(pc), detail].join("\t"));
  }
}
