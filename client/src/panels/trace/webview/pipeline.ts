/** The pipeline diagram at work: any rows of the trace, along the timeline's window. */
import type { PipelineRow, TimelineInfo } from "@nnasm/sim-core/trace";
import { PIPELINE_ROW, PIPELINE_RULER, type PipelineState, pipelineSpec, shownText } from "../model/pipeline-spec.ts";
import type { View } from "../model/view.ts";
import { ask } from "./host.ts";
import { Surface } from "./surface.ts";

export interface PipelineEvents {
  /** What the rows on the screen are, in words. */
  changed(text: string, selected: PipelineRow | undefined): void;
  opened(row: PipelineRow): void;
  travelled(cycle: number): void;
}

/** Rows that are asked for beyond those that are seen. */
const MARGIN = 40;

export class PipelineController {
  private readonly surface: Surface;
  private readonly info: TimelineInfo;
  private readonly events: PipelineEvents;
  private readonly sources = new Map<string, readonly string[]>();
  private rows: readonly PipelineRow[] = [];
  private isAsking = false;
  private top = 0;
  private left = 0;
  private scale = 24;
  /** The left edge goes with the rows until somebody moves it. */
  private shift = 0;
  private selected: number | undefined;
  /** How often somebody has gone somewhere here. */
  moves = 0;
  machineCycle: number | undefined;
  inTime = false;

  constructor(canvas: HTMLCanvasElement, info: TimelineInfo, events: PipelineEvents) {
    this.info = info;
    this.events = events;
    this.surface = new Surface(
      canvas,
      () => pipelineSpec(this.state),
      () => this.scrollTo(this.top),
    );
    this.listen(canvas);
  }

  dispose(): void {
    this.surface.dispose();
  }

  get state(): PipelineState {
    const { rows, top, left, scale, selected, machineCycle, info, inTime } = this;
    const { width, height, theme } = this.surface;
    return {
      rows,
      source: (row) => this.sourceOf(row),
      width,
      height,
      gutter: this.gutter,
      top,
      left,
      scale,
      total: info.instructions,
      selected,
      machineCycle,
      clockMHz: inTime ? info.clockMHz : undefined,
      highContrast: theme.isContrast,
    };
  }

  /** The instruction that is in EX at a cycle becomes the first row, unless it is on the screen. */
  async showCycle(cycle: number): Promise<void> {
    const position = await ask("position", { cycle: Math.max(0, cycle) });
    this.moves++;
    this.shift = 0;
    if (position < this.top || position >= this.top + this.visible - 1) this.scrollTo(Math.max(0, position - 2));
    this.select(position);
  }

  /**
   * Goes along when the timeline looks elsewhere; what is chosen stays chosen.
   * @param moves as it was when the timeline began to: who has gone somewhere here since then stays there
   */
  async followView({ from, to }: View, moves: number): Promise<void> {
    const first = this.rows.find(({ position }) => position >= Math.floor(this.top));
    const cycle = first?.stages[0];
    if (cycle !== undefined && cycle >= from && cycle <= to) return;
    const position = await ask("position", { cycle: Math.max(0, from) });
    if (this.moves !== moves) return;
    this.shift = 0;
    this.scrollTo(position);
  }

  setMachine(cycle: number | undefined): void {
    this.machineCycle = cycle;
    this.surface.draw();
  }

  setTime(inTime: boolean): void {
    this.inTime = inTime;
    this.surface.draw();
  }

  /** @returns whether the key meant something here */
  key({ key, ctrlKey, metaKey, shiftKey }: KeyboardEvent): boolean {
    if (metaKey) return false;
    const page = Math.max(1, Math.floor(this.visible) - 1);
    const step = shiftKey || ctrlKey ? 10 : 1;
    const actions: Readonly<Record<string, () => void>> = {
      ArrowDown: () => this.move(step),
      ArrowUp: () => this.move(-step),
      PageDown: () => this.move(page),
      PageUp: () => this.move(-page),
      Home: () => this.move(Number.NEGATIVE_INFINITY),
      End: () => this.move(Number.POSITIVE_INFINITY),
      ArrowLeft: () => this.shiftBy(-4),
      ArrowRight: () => this.shiftBy(4),
      "+": () => this.zoomBy(1.25),
      "=": () => this.zoomBy(1.25),
      "-": () => this.zoomBy(0.8),
      Enter: () => this.current && this.events.opened(this.current),
      g: () => this.current && this.events.travelled(this.current.stages[4]!),
      Escape: () => this.select(undefined),
    };
    const action = Object.hasOwn(actions, key) ? actions[key] : undefined;
    action?.();
    return action !== undefined;
  }

  private get gutter(): number {
    return Math.round(Math.max(160, Math.min(520, this.surface.width * 0.4)));
  }

  private get visible(): number {
    return Math.max(1, (this.surface.height - PIPELINE_RULER) / PIPELINE_ROW);
  }

  private get current(): PipelineRow | undefined {
    return this.rows.find(({ position }) => position === this.selected);
  }

  private move(step: number): void {
    this.moves++;
    const last = Math.max(0, this.info.instructions - 1);
    const position = Math.max(0, Math.min(last, (this.selected ?? Math.floor(this.top)) + step));
    if (position < this.top) this.scrollTo(position);
    else if (position > this.top + this.visible - 1) this.scrollTo(position - Math.floor(this.visible) + 1);
    this.select(position);
  }

  private scrollTo(top: number): void {
    this.top = Math.max(0, Math.min(this.info.instructions - this.visible, top));
    this.top = Math.max(0, this.top);
    this.follow();
    this.update();
  }

  private shiftBy(cycles: number): void {
    this.shift += cycles;
    this.follow();
    this.update();
  }

  private zoomBy(factor: number): void {
    this.scale = Math.max(1, Math.min(60, this.scale * factor));
    this.update();
  }

  private select(position: number | undefined): void {
    this.selected = position;
    this.update();
  }

  /** The diagram's left edge is where the first row begins. */
  private follow(): void {
    const first = this.rows.find(({ position }) => position >= Math.floor(this.top));
    if (first) this.left = first.stages[0]! - 1 + this.shift;
  }

  private update(): void {
    const seen = this.rows.filter(({ position }) => position >= this.top && position < this.top + this.visible);
    this.events.changed(shownText(seen, this.inTime ? this.info.clockMHz : undefined), this.current);
    this.surface.draw();
    void this.ask();
  }

  private get isCovered(): boolean {
    const [first, last] = [this.rows[0], this.rows.at(-1)];
    if (!first || !last) return false;
    const needed = Math.min(this.info.instructions, Math.ceil(this.top + this.visible));
    return first.position <= this.top && last.position + 1 >= needed;
  }

  private async ask(): Promise<void> {
    if (this.isAsking || this.surface.width === 0 || this.isCovered) return;
    this.isAsking = true;
    try {
      const first = Math.max(0, Math.floor(this.top) - MARGIN);
      this.rows = await ask("rows", { first, count: Math.ceil(this.visible) + 2 * MARGIN });
    } finally {
      this.isAsking = false;
    }
    if (this.rows.length === 0) return;
    this.follow();
    this.update();
  }

  private sourceOf({ place }: PipelineRow): string {
    if (!place) return "";
    const lines = this.sources.get(place.file);
    if (lines) return (lines[place.line - 1] ?? "").trim();
    this.sources.set(place.file, []);
    void ask("source", { file: place.file }).then((found) => {
      this.sources.set(place.file, found);
      this.surface.draw();
    });
    return "";
  }

  private listen(canvas: HTMLCanvasElement): void {
    let bar: number | undefined;
    const toBar = (event: PointerEvent): void => {
      this.moves++;
      const share = (event.offsetY - PIPELINE_RULER) / Math.max(1, this.surface.height - PIPELINE_RULER);
      this.scrollTo(Math.floor(share * (this.info.instructions - this.visible)));
    };
    canvas.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        this.moves++;
        const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 24 : 1;
        if (event.ctrlKey || event.metaKey) this.zoomBy(2 ** (-event.deltaY * unit * 0.004));
        else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
          this.shiftBy(((event.deltaX || event.deltaY) * unit) / this.scale);
        } else this.scrollTo(this.top + (event.deltaY * unit) / PIPELINE_ROW);
      },
      { passive: false },
    );
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.offsetX < this.surface.width - 14) return;
      canvas.setPointerCapture(event.pointerId);
      bar = event.pointerId;
      toBar(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (bar !== undefined) toBar(event);
    });
    canvas.addEventListener("pointerup", () => {
      bar = undefined;
    });
    const rowUnder = (event: MouseEvent): PipelineRow | undefined => {
      const position = Math.floor(this.top + (event.offsetY - PIPELINE_RULER) / PIPELINE_ROW);
      return event.offsetY < PIPELINE_RULER ? undefined : this.rows.find((row) => row.position === position);
    };
    canvas.addEventListener("click", (event) => {
      const row = rowUnder(event);
      if (!row || event.offsetX >= this.surface.width - 14) return;
      this.select(row.position);
      this.events.opened(row);
    });
    canvas.addEventListener("dblclick", (event) => {
      const row = rowUnder(event);
      if (row) this.events.travelled(row.stages[4]!);
    });
  }
}
