/** The timeline at work: what is seen, what is chosen, and what keys and the pointer do. */
import type { Item, Spot, TimelineInfo, TimelineWindow } from "@nnasm/sim-core/trace";
import { GUTTER, heightOf, type Row, RULER, rowAt, rowsOf } from "../model/layout.ts";
import { type Note, type TimelineState, timelineSpec } from "../model/timeline-spec.ts";
import { bounded, covers, cycleAt, pan, reveal, type View, wanted, wholeOf, zoom } from "../model/view.ts";
import { ask, editorState, keepState } from "./host.ts";
import { Surface } from "./surface.ts";

/** What the panel around the canvas shows of it. */
export interface Shown {
  readonly view: View;
  readonly selected: Item | undefined;
  readonly range: View | undefined;
  readonly notes: readonly Note[];
  readonly inTime: boolean;
  /** What the pointer rests on, and where. */
  readonly hover: { readonly item: Item; readonly x: number; readonly y: number } | undefined;
}

export interface TimelineEvents {
  changed(shown: Shown): void;
  chosen(item: Item): void;
  /** The item is to be shown in its source. */
  opened(item: Item): void;
  travelled(cycle: number): void;
  noted(notes: readonly Note[]): void;
}

const CLICK = 4;

export class TimelineController {
  readonly info: TimelineInfo;
  readonly rows: readonly Row[];
  private readonly surface: Surface;
  private readonly events: TimelineEvents;
  view: View;
  private window: TimelineWindow | undefined;
  private isAsking = false;
  private scrollTop = 0;
  row: string | undefined;
  selected: Item | undefined;
  range: View | undefined;
  notes: readonly Note[];
  machineCycle: number | undefined;
  inTime = editorState().inTime === true;
  private hover: Shown["hover"];
  private hoverAt: { readonly track: string; readonly cycle: number } | undefined;

  constructor(canvas: HTMLCanvasElement, info: TimelineInfo, notes: readonly Note[], events: TimelineEvents) {
    this.info = info;
    this.notes = notes;
    this.events = events;
    this.rows = rowsOf(info.tracks);
    this.row = this.rows[0]?.track.id;
    const { from = info.from, to = info.to } = editorState();
    this.view = { from, to };
    this.surface = new Surface(
      canvas,
      () => timelineSpec(this.state),
      () => this.show(this.view),
    );
    this.listen(canvas);
  }

  dispose(): void {
    this.surface.dispose();
  }

  get state(): TimelineState {
    const { info, rows, view, window, scrollTop, row, selected, range, notes, machineCycle, inTime } = this;
    const { width, height, theme } = this.surface;
    const highContrast = theme.isContrast;
    return {
      info,
      rows,
      view,
      window,
      width,
      height,
      scrollTop,
      row,
      selected,
      range,
      notes,
      machineCycle,
      inTime,
      highContrast,
    };
  }

  private get inner(): number {
    return Math.max(1, this.surface.width - GUTTER);
  }

  show(view: View): void {
    this.view = bounded(view, wholeOf(this.info), this.inner);
    keepState(this.view);
    this.update();
  }

  /** Shows a stretch with its surroundings and selects what is there. */
  async reveal(spot: Spot): Promise<void> {
    this.row = this.rows.some(({ track }) => track.id === spot.track) ? spot.track : this.row;
    this.scrollTo(this.row);
    this.show(reveal(this.view, spot));
    const item = await ask("item", { track: spot.track, cycle: spot.from, tolerance: 0 });
    if (item) this.select(item);
  }

  select(item: Item | undefined): void {
    this.selected = item;
    if (item) {
      this.row = item.track;
      this.events.chosen(item);
    }
    this.update();
  }

  setMachine(cycle: number | undefined): void {
    if (cycle !== undefined && cycle !== this.machineCycle && (cycle < this.view.from || cycle > this.view.to)) {
      this.machineCycle = cycle;
      if (cycle >= this.info.from && cycle <= this.info.to)
        this.show(reveal(this.view, { from: cycle, to: cycle + 1 }));
    }
    this.machineCycle = cycle;
    this.update();
  }

  toggleTime(): void {
    this.inTime = !this.inTime;
    keepState({ inTime: this.inTime });
    this.update();
  }

  zoomBy(factor: number): void {
    const { selected, view } = this;
    const isSeen = selected !== undefined && selected.from >= view.from && selected.from <= view.to;
    this.show(zoom(view, factor, isSeen ? selected.from : (view.from + view.to) / 2));
  }

  fit(): void {
    this.show(wholeOf(this.info));
  }

  /** To the measured range, or else to what is selected. */
  zoomToChoice(): void {
    const choice = this.range ?? this.selected;
    if (!choice) return;
    const room = Math.max(1, (choice.to - choice.from) * 0.05);
    this.show({ from: choice.from - room, to: choice.to + room });
  }

  setRange(range: View | undefined): void {
    this.range = range && { from: Math.min(range.from, range.to), to: Math.max(range.from, range.to) };
    this.update();
  }

  /** Measures from or to what is selected. */
  extendRange(edge: "from" | "to"): void {
    const at = this.selected ?? { from: Math.round(this.view.from), to: Math.round(this.view.to) };
    const { from, to } = this.range ?? { from: at.from, to: at.to };
    this.setRange(
      edge === "from" ? { from: at.from, to: Math.max(to, at.from) } : { from: Math.min(from, at.to), to: at.to },
    );
  }

  /** A remark at what is selected; an empty one takes the remarks there away. */
  annotate(text: string): void {
    const cycle = this.selected?.from ?? Math.round((this.view.from + this.view.to) / 2);
    const others = this.notes.filter((note) => note.cycle !== cycle);
    this.notes = text === "" ? others : [...others, { cycle, text }].sort((a, b) => a.cycle - b.cycle);
    this.events.noted(this.notes);
    this.update();
  }

  async search(text: string, forwards: boolean): Promise<boolean> {
    const from = this.selected?.from ?? (forwards ? this.info.from - 1 : this.info.to + 1);
    const found =
      (await ask("search", { text, from, forwards })) ??
      (await ask("search", { text, from: forwards ? this.info.from - 1 : this.info.to + 1, forwards }));
    if (found) await this.reveal(found);
    return found !== undefined;
  }

  /** The next item of the row, or the one before. */
  async neighbour(forwards: boolean): Promise<void> {
    if (this.row === undefined) return;
    const { selected, row } = this;
    const cycle = selected?.track === row ? selected.from : forwards ? this.view.from - 1 : this.view.to;
    const item = await ask("neighbour", { track: row, cycle, forwards });
    if (!item) return;
    this.show(reveal(this.view, item));
    this.select(item);
  }

  /** @returns whether the key meant something here */
  key({ key, ctrlKey, metaKey, shiftKey }: KeyboardEvent): boolean {
    if (metaKey) return false;
    const fast = shiftKey || ctrlKey ? 0.5 : 0.1;
    const actions: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => this.show(pan(this.view, -fast)),
      ArrowRight: () => this.show(pan(this.view, fast)),
      PageUp: () => this.show(pan(this.view, -0.9)),
      PageDown: () => this.show(pan(this.view, 0.9)),
      Home: () => this.show({ from: this.info.from, to: this.info.from + this.view.to - this.view.from }),
      End: () => this.show({ from: this.info.to - this.view.to + this.view.from, to: this.info.to }),
      ArrowUp: () => this.moveRow(-1),
      ArrowDown: () => this.moveRow(1),
      "+": () => this.zoomBy(1.5),
      "=": () => this.zoomBy(1.5),
      "-": () => this.zoomBy(1 / 1.5),
      f: () => this.fit(),
      z: () => this.zoomToChoice(),
      t: () => this.toggleTime(),
      ".": () => void this.neighbour(true),
      ",": () => void this.neighbour(false),
      "[": () => this.extendRange("from"),
      "]": () => this.extendRange("to"),
      Enter: () => this.selected && this.events.opened(this.selected),
      g: () => this.selected && this.events.travelled(this.selected.from),
      Escape: () => {
        this.range = undefined;
        this.select(undefined);
      },
    };
    const action = Object.hasOwn(actions, key) ? actions[key] : undefined;
    action?.();
    return action !== undefined;
  }

  private moveRow(step: number): void {
    const at = this.rows.findIndex(({ track }) => track.id === this.row);
    const next = this.rows[Math.max(0, Math.min(this.rows.length - 1, at + step))];
    this.row = next?.track.id;
    this.scrollTo(this.row);
    this.update();
  }

  private scrollTo(id: string | undefined): void {
    const row = this.rows.find(({ track }) => track.id === id);
    if (!row) return;
    const seen = this.surface.height - RULER;
    this.scroll(Math.max(row.y + row.height - seen, Math.min(this.scrollTop, row.y - 4)));
  }

  private scroll(top: number): void {
    this.scrollTop = Math.max(0, Math.min(heightOf(this.rows) - (this.surface.height - RULER), top));
  }

  private update(): void {
    const { view, selected, range, notes, inTime, hover } = this;
    this.events.changed({ view, selected, range, notes, inTime, hover });
    this.surface.draw();
    void this.ask();
  }

  /** Asks for what is seen until it is there; one question at a time, so that none piles up while one zooms. */
  private async ask(): Promise<void> {
    if (this.isAsking || this.surface.width === 0 || (this.window && covers(this.window, this.view, this.inner)))
      return;
    this.isAsking = true;
    try {
      this.window = await ask("window", wanted(this.view, this.inner, wholeOf(this.info)));
    } finally {
      this.isAsking = false;
    }
    this.surface.draw();
    void this.ask();
  }

  private listen(canvas: HTMLCanvasElement): void {
    let drag: { x: number; y: number; view: View; range: boolean; moved: boolean } | undefined;
    const cycleOf = (event: MouseEvent): number => cycleAt(this.view, event.offsetX - GUTTER, this.inner);
    canvas.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 24 : 1;
        if (event.ctrlKey || event.metaKey)
          this.show(zoom(this.view, 2 ** (-event.deltaY * unit * 0.004), cycleOf(event)));
        else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
          this.show(pan(this.view, ((event.deltaX || event.deltaY) * unit) / this.inner));
        } else if (event.altKey || (event.offsetX < GUTTER && heightOf(this.rows) > this.surface.height - RULER)) {
          this.scroll(this.scrollTop + event.deltaY * unit);
          this.update();
        } else this.show(zoom(this.view, 2 ** (-event.deltaY * unit * 0.004), cycleOf(event)));
      },
      { passive: false },
    );
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      const range = event.shiftKey || event.offsetY < RULER;
      drag = { x: event.offsetX, y: event.offsetY, view: this.view, range, moved: false };
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!drag) {
        void this.hoverOver(event);
        return;
      }
      if (Math.abs(event.offsetX - drag.x) + Math.abs(event.offsetY - drag.y) > CLICK) drag.moved = true;
      if (!drag.moved) return;
      this.hover = undefined;
      if (drag.range) {
        const from = cycleAt(drag.view, drag.x - GUTTER, this.inner);
        this.setRange({ from: Math.round(from), to: Math.round(cycleOf(event)) });
      } else this.show(pan(drag.view, (drag.x - event.offsetX) / this.inner));
    });
    canvas.addEventListener("pointerup", (event) => {
      const done = drag;
      drag = undefined;
      if (done && !done.moved) void this.click(event);
    });
    canvas.addEventListener("pointerleave", () => {
      this.hoverAt = undefined;
      this.hover = undefined;
      this.update();
    });
    canvas.addEventListener("dblclick", (event) => {
      if (event.offsetX > GUTTER) this.events.travelled(Math.max(0, Math.floor(cycleOf(event))));
    });
  }

  private spotUnder(event: MouseEvent): { track: string; cycle: number; tolerance: number } | undefined {
    if (event.offsetX < GUTTER || event.offsetY < RULER) return undefined;
    const row = rowAt(this.rows, event.offsetY - RULER + this.scrollTop);
    const perPixel = (this.view.to - this.view.from) / this.inner;
    return (
      row && {
        track: row.track.id,
        cycle: cycleAt(this.view, event.offsetX - GUTTER, this.inner),
        tolerance: 3 * perPixel,
      }
    );
  }

  private async click(event: PointerEvent): Promise<void> {
    const row = rowAt(this.rows, event.offsetY - RULER + this.scrollTop);
    if (event.offsetY >= RULER && row) this.row = row.track.id;
    const spot = this.spotUnder(event);
    const item = spot && (await ask("item", spot));
    this.select(item);
    if (item) this.events.opened(item);
  }

  private async hoverOver(event: PointerEvent): Promise<void> {
    const { offsetX: x, offsetY: y } = event;
    const spot = this.spotUnder(event);
    this.hoverAt = spot;
    const item = spot && (await ask("item", spot));
    // Only the latest place counts.
    if (this.hoverAt !== spot) return;
    if (item === undefined && this.hover === undefined) return;
    this.hover = item && { item, x, y };
    this.update();
  }
}
