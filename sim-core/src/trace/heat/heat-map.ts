/**
 * Which addresses are read and written when, and over which cycles are lost. An operation's bytes are those of its operands,
 * each once, spread evenly over the time that it takes; the control unit's are counted by line and stretch of cycles. Lost
 * cycles are exact in time; the trace doesn't say at which address, so that they belong to all bytes that the operation has in
 * the data memory.
 */
import { DDR_BASE, DM_BASE, MMIO_BASE, WM_BASE } from "../../config/index.ts";
import { ACCESS_LINE_SHIFT } from "../../units/index.ts";
import type { Operand, Trace } from "../file/index.ts";
import type { HeatArea, HeatMemory, HeatWindow } from "./model.ts";
import { LostCyclesOfUnit, OperandUse, type Used } from "./operand-use.ts";

/** Bytes of a line of the control unit's accesses. */
export const LINE_BYTES = 2 ** ACCESS_LINE_SHIFT;
const CU_UNIT = 0;

const MEMORIES = [
  { id: "dm", title: "Data memory", base: DM_BASE, end: WM_BASE },
  { id: "wm", title: "Weight memory", base: WM_BASE, end: MMIO_BASE },
  { id: "ddr", title: "DDR", base: DDR_BASE, end: 2 ** 32 },
  { id: "pm", title: "Program memory", base: 0, end: DM_BASE },
] as const;

/** Bytes of an operand in rows of addresses, from the first row that it touches on. */
interface RowBytes {
  readonly first: number;
  readonly bytes: Float64Array;
}

const isInDm = ({ set }: Operand): boolean => set.low >= DM_BASE && set.low < WM_BASE;

export class HeatMap {
  readonly trace: Trace;
  /** By unit and operand. */
  readonly uses: readonly OperandUse[];
  /** Cycles that the control unit has lost in each stretch of its accesses, and its bytes in the data memory there. */
  private readonly cuLost: Float64Array;
  private readonly cuDmBytes: Float64Array;
  /** Rows of operands for the addresses that were asked for last. */
  private rowsKey = "";
  private rows = new Map<number, RowBytes | undefined>();

  constructor(trace: Trace) {
    this.trace = trace;
    const { header, operations, conflicts, operands } = trace;
    const lostOf = header.units.map((): number[] => []);
    for (let i = 0; i < conflicts.count; i++) lostOf[conflicts.loser(i)]?.push(i);
    const bytesInDm = (index: number): number =>
      [...new Set(operands.of(index))].reduce((sum, number) => {
        const operand = operands.all[number]!;
        return isInDm(operand) ? sum + operand.bytes : sum;
      }, 0);
    this.uses = header.units.flatMap((_, unit) => {
      const lost =
        lostOf[unit]!.length > 0 ? new LostCyclesOfUnit(conflicts, Uint32Array.from(lostOf[unit]!)) : undefined;
      const users = new Map<number, number[]>();
      for (const index of operations.byUnit(unit)) {
        // What has not completed has changed nothing yet.
        if (operations.end.at(index) < 0) continue;
        for (const operand of new Set(operands.of(index))) {
          const known = users.get(operand);
          if (known) known.push(index);
          else users.set(operand, [index]);
        }
      }
      return [...users].map(([number, indices]) => {
        const operand = operands.all[number]!;
        const part = (index: number): number => operand.bytes / bytesInDm(index);
        const hasLost = lost && isInDm(operand) ? lost : undefined;
        return new OperandUse(number, Uint32Array.from(indices), operations, hasLost, part);
      });
    });
    const { lost, dmBytes } = this.controlUnit(lostOf[CU_UNIT] ?? []);
    this.cuLost = lost;
    this.cuDmBytes = dmBytes;
  }

  /** Memories of which the trace has anything, with what is touched of each. */
  get memories(): HeatMemory[] {
    const { operands, accesses } = this.trace;
    const found = MEMORIES.map((memory) => ({ ...memory, low: memory.end as number, high: memory.base as number }));
    const touch = (low: number, high: number): void => {
      const memory = found.find(({ base, end }) => low >= base && low < end);
      if (!memory) return;
      memory.low = Math.min(memory.low, low);
      memory.high = Math.max(memory.high, high);
    };
    for (const { set } of operands.all) if (set.high > set.low) touch(set.low, set.high);
    for (const line of accesses.line.values) touch(line * LINE_BYTES, (line + 1) * LINE_BYTES);
    const tensors = (this.trace.header.program.tensors ?? [])
      .map(({ name, base, bytes }) => ({ name, low: base, high: base + bytes }))
      .sort((a, b) => a.low - b.low || b.high - a.high);
    return found.flatMap(({ id, title, low, high }) => {
      const within = tensors.filter((tensor) => tensor.low < high && tensor.high > low);
      return high > low ? [{ id, title, low, high, tensors: within }] : [];
    });
  }

  /** @throws RangeError for an empty area or no cells */
  window(area: HeatArea, columns: number, rows: number): HeatWindow {
    const { low, high, from, to } = area;
    if (!(high > low && to > from && columns >= 1 && rows >= 1))
      throw new RangeError("a heat map has addresses, cycles and cells");
    const window: HeatWindow = {
      ...{ low, high, from, to, columns, rows },
      reads: new Float64Array(columns * rows),
      writes: new Float64Array(columns * rows),
      lost: new Float64Array(columns * rows),
    };
    const times = new Float64Array(columns);
    const lost = new Float64Array(columns);
    for (const use of this.uses) {
      const operand = this.trace.operands.all[use.operand]!;
      if (operand.set.high <= low || operand.set.low >= high) continue;
      const users = use.between(from, to);
      if (!users) continue;
      const inRows = this.rowsOf(use.operand, low, high, rows);
      if (!inRows) continue;
      const [first, last] = columnsOf(use, users, window, times, lost);
      const cells = operand.isWrite ? window.writes : window.reads;
      for (let i = 0; i < inRows.bytes.length; i++) {
        const bytes = inRows.bytes[i]!;
        if (bytes === 0) continue;
        const share = bytes / operand.bytes;
        const at = (inRows.first + i) * columns;
        for (let column = first; column <= last; column++) {
          cells[at + column]! += bytes * times[column]!;
          window.lost[at + column]! += share * lost[column]!;
        }
      }
    }
    this.addControlUnit(window);
    return window;
  }

  /** Bytes of an operand in each row of a stretch of addresses; undefined when there are none. */
  private rowsOf(operand: number, low: number, high: number, rows: number): RowBytes | undefined {
    const key = `${low} ${high} ${rows}`;
    if (key !== this.rowsKey) {
      this.rowsKey = key;
      this.rows = new Map();
    }
    if (!this.rows.has(operand)) {
      this.rows.set(operand, rowBytes(this.trace.operands.all[operand]!, low, high, rows));
    }
    return this.rows.get(operand);
  }

  /** Sums of each stretch of the control unit's accesses. */
  private controlUnit(lostCycles: readonly number[]): { lost: Float64Array; dmBytes: Float64Array } {
    const { accesses, conflicts } = this.trace;
    const { from, to, firstLine, line, reads, writes } = accesses;
    const lost = new Float64Array(from.length);
    const dmBytes = new Float64Array(from.length);
    let next = 0;
    for (let stretch = 0; stretch < from.length; stretch++) {
      const end = accesses.endOf(stretch);
      for (let i = firstLine.at(stretch); i < end; i++) {
        if (isDmLine(line.at(i))) dmBytes[stretch]! += reads.at(i) + writes.at(i);
      }
      while (next < lostCycles.length && conflicts.cycle.at(lostCycles[next]!) < from.at(stretch)) next++;
      while (next < lostCycles.length && conflicts.cycle.at(lostCycles[next]!) < to.at(stretch)) {
        lost[stretch]!++;
        next++;
      }
    }
    return { lost, dmBytes };
  }

  private addControlUnit({ low, high, from, to, columns, rows, ...cells }: HeatWindow): void {
    const { accesses } = this.trace;
    const perColumn = (to - from) / columns;
    const perRow = (high - low) / rows;
    for (let stretch = 0; stretch < accesses.from.length; stretch++) {
      const start = accesses.from.at(stretch);
      const end = accesses.to.at(stretch);
      if (end <= from || start >= to) continue;
      const firstColumn = Math.max(0, Math.floor((start - from) / perColumn));
      const lastColumn = Math.min(columns - 1, Math.ceil((end - from) / perColumn) - 1);
      const lostShare = this.cuDmBytes[stretch]! > 0 ? this.cuLost[stretch]! / this.cuDmBytes[stretch]! : 0;
      const behind = accesses.endOf(stretch);
      for (let i = accesses.firstLine.at(stretch); i < behind; i++) {
        const address = accesses.line.at(i) * LINE_BYTES;
        if (address + LINE_BYTES <= low || address >= high) continue;
        const reads = accesses.reads.at(i);
        const writes = accesses.writes.at(i);
        const lost = isDmLine(accesses.line.at(i)) ? lostShare * (reads + writes) : 0;
        const firstRow = Math.max(0, Math.floor((address - low) / perRow));
        const lastRow = Math.min(rows - 1, Math.ceil((address + LINE_BYTES - low) / perRow) - 1);
        for (let row = firstRow; row <= lastRow; row++) {
          const inRow =
            overlap(address, address + LINE_BYTES, low + row * perRow, low + (row + 1) * perRow) / LINE_BYTES;
          for (let column = firstColumn; column <= lastColumn; column++) {
            const inColumn = overlap(start, end, from + column * perColumn, from + (column + 1) * perColumn);
            const share = (inRow * inColumn) / (end - start);
            const cell = row * columns + column;
            cells.reads[cell]! += reads * share;
            cells.writes[cell]! += writes * share;
            cells.lost[cell]! += lost * share;
          }
        }
      }
    }
  }
}

const isDmLine = (line: number): boolean => line >= DM_BASE / LINE_BYTES && line < WM_BASE / LINE_BYTES;

const overlap = (a: number, b: number, from: number, to: number): number =>
  Math.max(0, Math.min(b, to) - Math.max(a, from));

/**
 * How often an operand is used in each column, and cycles lost there.
 * @param users the first and the last operation in the window
 * @returns the first and the last column in which there may be anything
 */
function columnsOf(
  use: OperandUse,
  [firstUser, lastUser]: readonly [number, number],
  { from, to, columns }: HeatWindow,
  times: Float64Array,
  lost: Float64Array,
): [number, number] {
  const perColumn = (to - from) / columns;
  const columnAt = (cycle: number): number =>
    Math.max(0, Math.min(columns - 1, Math.floor((cycle - from) / perColumn)));
  const first = columnAt(use.startOf(firstUser));
  const last = columnAt(use.endOf(lastUser));
  const now: Used = { times: 0, lost: 0 };
  let timesBefore = 0;
  let lostBefore = 0;
  for (let column = first; column <= last + 1; column++) {
    use.before(column === columns ? to : from + column * perColumn, now);
    if (column > first) {
      times[column - 1] = now.times - timesBefore;
      lost[column - 1] = now.lost - lostBefore;
    }
    timesBefore = now.times;
    lostBefore = now.lost;
  }
  return [first, last];
}

function rowBytes({ set }: Operand, low: number, high: number, rows: number): RowBytes | undefined {
  const perRow = (high - low) / rows;
  const first = Math.max(0, Math.floor((set.low - low) / perRow));
  const last = Math.min(rows - 1, Math.ceil((set.high - low) / perRow) - 1);
  if (last < first) return undefined;
  const bytes = new Float64Array(last - first + 1);
  set.forEachRun((address, length) => {
    const end = Math.min(high, address + length);
    const start = Math.max(low, address);
    if (end <= start) return;
    const lastRow = Math.min(last, Math.ceil((end - low) / perRow) - 1);
    for (let row = Math.max(first, Math.floor((start - low) / perRow)); row <= lastRow; row++) {
      bytes[row - first]! += overlap(start, end, low + row * perRow, low + (row + 1) * perRow);
    }
  });
  return { first, bytes };
}
