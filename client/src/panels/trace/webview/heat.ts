/** The heat map at work: which addresses are seen, what is chosen, and what keys and the pointer do. Cycles are the timeline's. */
import type { HeatArea, HeatMemory, HeatWindow, Item, TimelineInfo } from "@nnasm/sim-core/trace";
import { HEAT_METRICS, type HeatMetric } from "../model/colours.ts";
import { type HeatState, heatSpec, mostOf } from "../model/heat-spec.ts";
import {
  type Addresses,
  boundedAddresses,
  cellAt,
  cellsOf,
  cellUnder,
  HEAT_RULER,
  panAddresses,
  zoomAddresses,
} from "../model/heat-view.ts";
import { GUTTER } from "../model/layout.ts";
import { cycleAt, pan, type View, zoom } from "../model/view.ts";
import { ask } from "./host.ts";
import { Surface } from "./surface.ts";

/** What the panel around the canvas shows of it. */
export interface HeatShown {
  readonly memory: HeatMemory;
  readonly metric: HeatMetric;
  /** Most of the metric in any cell. */
  readonly most: number;
  readonly item: Item | undefined;
  /** What the pointer rests on, and where. */
  readonly hover: { readonly item: Item; readonly x: number; readonly y: number } | undefined;
}

export interface HeatEvents {
  changed(shown: HeatShown): void;
  /** Other cycles are to be seen. */
  moved(view: View): void;
  /** The operation of a cell has been chosen, or its line is to be shown, too. */
  chosen(item: Item): void;
  opened(item: Item): void;
  travelled(cycle: number): void;
}

const CLICK = 4;

export class HeatController {
  readonly memories: readonly HeatMemory[];
  private readonly surface: Surface;
  private readonly info: TimelineInfo;
  private readonly events: HeatEvents;
  private memory: HeatMemory;
  private addresses: Addresses;
  private metric: HeatMetric = "all";
  private view: View;
  private window: HeatWindow | undefined;
  private asked = "";
  private isAsking = false;
  private cursor: HeatArea | undefined;
  private item: Item | undefined;
  private hover: HeatShown["hover"];
  private hoverCell: HeatArea | undefined;
  machineCycle: number | undefined;
  inTime = false;

  /** @param memories at least one */
  constructor(
    canvas: HTMLCanvasElement,
    info: TimelineInfo,
    memories: readonly HeatMemory[],
    view: View,
    events: HeatEvents,
  ) {
    this.info = info;
    this.events = events;
    this.memories = memories;
    this.memory = memories[0]!;
    this.addresses = this.memory;
    this.view = view;
    this.surface = new Surface(
      canvas,
      () => heatSpec(this.state),
      () => this.update(),
    );
    this.listen(canvas);
  }

  dispose(): void {
    this.surface.dispose();
  }

  get state(): HeatState {
    const { memory, metric, window, cursor, view, addresses, machineCycle, info, inTime } = this;
    const { width, height } = this.surface;
    const clockMHz = inTime ? info.clockMHz : undefined;
    return { memory, metric, window, cursor, view, addresses, machineCycle, width, height, clockMHz };
  }

  /** Goes along with the timeline. */
  setView(view: View): void {
    if (view.from === this.view.from && view.to === this.view.to) return;
    this.view = view;
    this.update();
  }

  setMachine(cycle: number | undefined): void {
    this.machineCycle = cycle;
    this.surface.draw();
  }

  setTime(inTime: boolean): void {
    this.inTime = inTime;
    this.surface.draw();
  }

  setMetric(metric: HeatMetric): void {
    this.metric = metric;
    this.update();
  }

  setMemory(id: string): void {
    const memory = this.memories.find((one) => one.id === id);
    if (!memory) return;
    this.memory = memory;
    this.addresses = memory;
    void this.choose(undefined);
  }

  /** @returns whether the key meant something here */
  key({ key, ctrlKey, metaKey, shiftKey }: KeyboardEvent): boolean {
    if (metaKey || ctrlKey) return false;
    const step = shiftKey ? 10 : 1;
    const anchor = this.cursor ?? { ...this.view, ...this.addresses };
    const zoomCycles = (factor: number): void => this.events.moved(zoom(this.view, factor, anchor.from));
    const actions: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => this.moveCursor(-step, 0),
      ArrowRight: () => this.moveCursor(step, 0),
      ArrowUp: () => this.moveCursor(0, -step),
      ArrowDown: () => this.moveCursor(0, step),
      PageUp: () => this.show(panAddresses(this.addresses, -0.9)),
      PageDown: () => this.show(panAddresses(this.addresses, 0.9)),
      Home: () => this.show({ low: this.memory.low, high: this.memory.low + this.addresses.high - this.addresses.low }),
      End: () =>
        this.show({ low: this.memory.high - this.addresses.high + this.addresses.low, high: this.memory.high }),
      "+": () => zoomCycles(1.5),
      "=": () => zoomCycles(1.5),
      "-": () => zoomCycles(1 / 1.5),
      i: () => this.show(zoomAddresses(this.addresses, 1.5, anchor.low)),
      o: () => this.show(zoomAddresses(this.addresses, 1 / 1.5, anchor.low)),
      f: () => {
        this.events.moved(this.info);
        this.show(this.memory);
      },
      b: () => this.setMetric(nextOf(HEAT_METRICS, this.metric)),
      v: () => this.setMemory(nextOf(this.memories, this.memory).id),
      Enter: () => this.item && this.events.opened(this.item),
      s: () => this.item && this.events.chosen(this.item),
      g: () => this.cursor && this.events.travelled(Math.max(0, Math.floor(this.cursor.from))),
      Escape: () => void this.choose(undefined),
    };
    const action = Object.hasOwn(actions, key) ? actions[key] : undefined;
    action?.();
    return action !== undefined;
  }

  private get inner(): number {
    return Math.max(1, this.surface.width - GUTTER);
  }

  private show(addresses: Addresses): void {
    this.addresses = boundedAddresses(addresses, this.memory);
    this.update();
  }

  /** The chosen cell goes so many columns and rows further; what is shown goes along at the edges. */
  private moveCursor(columns: number, rows: number): void {
    const { view, addresses, surface, info, memory } = this;
    const count = cellsOf(surface.width, surface.height);
    const perColumn = (view.to - view.from) / count.columns;
    const perRow = (addresses.high - addresses.low) / count.rows;
    const at = this.cursor ?? {
      from: view.from + (count.columns >> 1) * perColumn,
      low: addresses.low + (count.rows >> 1) * perRow,
    };
    const cycle = Math.max(info.from, Math.min(info.to - perColumn / 2, at.from + (columns + 0.5) * perColumn));
    const address = Math.max(memory.low, Math.min(memory.high - perRow / 2, at.low + (rows + 0.5) * perRow));
    if (cycle < view.from || cycle >= view.to) this.events.moved(pan(view, cycle < view.from ? -0.5 : 0.5));
    if (address < addresses.low || address >= addresses.high)
      this.show(panAddresses(addresses, address < addresses.low ? -0.5 : 0.5));
    void this.choose(cellAt(this.state, cycle, address));
  }

  /** @returns what the cell is; undefined when nothing happens there, or when another one has been chosen meanwhile */
  private async choose(cell: HeatArea | undefined): Promise<Item | undefined> {
    this.cursor = cell;
    if (!cell) this.item = undefined;
    this.update();
    const item = cell && (await ask("heatItem", cell));
    if (!cell || this.cursor !== cell) return undefined;
    this.item = item;
    this.update();
    return item;
  }

  private update(): void {
    const { memory, metric, window, item, hover } = this;
    const isOfMemory = window && window.high > memory.low && window.low < memory.high;
    this.events.changed({ memory, metric, most: isOfMemory ? mostOf(window, metric) : 0, item, hover });
    this.surface.draw();
    void this.ask();
  }

  /** Asks for what is seen until it is there; one question at a time, so that none piles up while one zooms. */
  private async ask(): Promise<void> {
    const { view, addresses, surface } = this;
    const cells = cellsOf(surface.width, surface.height);
    const area = { low: addresses.low, high: addresses.high, from: view.from, to: view.to, ...cells };
    const wanted = JSON.stringify(area);
    if (this.isAsking || surface.width <= GUTTER || surface.height <= HEAT_RULER || this.asked === wanted) return;
    this.isAsking = true;
    try {
      this.window = await ask("heat", area);
      this.asked = wanted;
    } finally {
      this.isAsking = false;
    }
    this.update();
  }

  private listen(canvas: HTMLCanvasElement): void {
    let drag: { x: number; y: number; view: View; addresses: Addresses; moved: boolean } | undefined;
    canvas.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 24 : 1;
        const delta = event.deltaY * unit;
        if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))
          this.events.moved(pan(this.view, ((event.deltaX || event.deltaY) * unit) / this.inner));
        else if (event.altKey) {
          const share = (event.offsetY - HEAT_RULER) / Math.max(1, this.surface.height - HEAT_RULER);
          const anchor = this.addresses.low + share * (this.addresses.high - this.addresses.low);
          this.show(zoomAddresses(this.addresses, 2 ** (-delta * 0.004), anchor));
        } else {
          const anchor = cycleAt(this.view, event.offsetX - GUTTER, this.inner);
          this.events.moved(zoom(this.view, 2 ** (-delta * 0.004), anchor));
        }
      },
      { passive: false },
    );
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      drag = { x: event.offsetX, y: event.offsetY, view: this.view, addresses: this.addresses, moved: false };
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!drag) {
        void this.hoverOver(event);
        return;
      }
      const [x, y] = [drag.x - event.offsetX, drag.y - event.offsetY];
      if (Math.abs(x) + Math.abs(y) > CLICK) drag.moved = true;
      if (!drag.moved) return;
      this.hover = undefined;
      this.show(panAddresses(drag.addresses, y / Math.max(1, this.surface.height - HEAT_RULER)));
      this.events.moved(pan(drag.view, x / this.inner));
    });
    canvas.addEventListener("pointerup", (event) => {
      const done = drag;
      drag = undefined;
      if (done && !done.moved) void this.click(event);
    });
    canvas.addEventListener("pointerleave", () => {
      this.hoverCell = undefined;
      this.hover = undefined;
      this.update();
    });
    canvas.addEventListener("dblclick", (event) => {
      const cell = cellUnder(this.state, event.offsetX, event.offsetY);
      if (cell) this.events.travelled(Math.max(0, Math.floor(cell.from)));
    });
  }

  private async click(event: PointerEvent): Promise<void> {
    const item = await this.choose(cellUnder(this.state, event.offsetX, event.offsetY));
    if (!item) return;
    this.events.chosen(item);
    this.events.opened(item);
  }

  private async hoverOver(event: PointerEvent): Promise<void> {
    const { offsetX: x, offsetY: y } = event;
    const cell = cellUnder(this.state, x, y);
    this.hoverCell = cell;
    const item = cell && (await ask("heatItem", cell));
    // Only the latest place counts.
    if (this.hoverCell !== cell) return;
    if (item === undefined && this.hover === undefined) return;
    this.hover = item && { item, x, y };
    this.update();
  }
}

const nextOf = <Value>(all: readonly Value[], now: Value): Value => all[(all.indexOf(now) + 1) % all.length]!;
