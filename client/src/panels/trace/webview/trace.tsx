import type { Item, PipelineRow, Spot, TimelineInfo } from "@nnasm/sim-core/trace";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Note } from "../model/timeline-spec.ts";
import { bannersOf, cellText, itemText, rangeText, summaryOf, viewText } from "../model/words.ts";
import type { HeatController } from "./heat.ts";
import { HeatSection } from "./heat-section.tsx";
import { editorState, keepState, send } from "./host.ts";
import { Legend } from "./legend.tsx";
import { PipelineController } from "./pipeline.ts";
import { ItemsTable } from "./table.tsx";
import { type Shown, TimelineController } from "./timeline.ts";
import { Toolbar, type View as ViewName } from "./toolbar.tsx";
import { Tooltip } from "./tooltip.tsx";

export interface Props {
  readonly info: TimelineInfo;
  readonly notes: readonly Note[];
  /** Whether the heat map of memory is what the trace was opened for. */
  readonly memory: boolean;
  /** The debugger of the same program, when there is one, and where it stands. */
  readonly machine: { readonly isThere: boolean; readonly cycle: number | undefined };
  /** What the source editor wants to be shown. */
  readonly wanted: Spot | undefined;
}

/** Index of the stage in which instructions take their effects. */
const EX = 4;

const open = ({ place }: { readonly place?: Item["place"] }): void => {
  if (place) send({ type: "open", file: place.file, line: place.line });
};

export function TraceView({ info, notes, memory, machine, wanted }: Props) {
  const timelineCanvas = useRef<HTMLCanvasElement>(null);
  const pipelineCanvas = useRef<HTMLCanvasElement>(null);
  const timeline = useRef<TimelineController | undefined>(undefined);
  const pipeline = useRef<PipelineController | undefined>(undefined);
  const heat = useRef<HeatController | undefined>(undefined);
  const [shown, setShown] = useState<Shown | undefined>();
  const [rowsText, setRowsText] = useState("");
  const [selectedRow, setSelectedRow] = useState<PipelineRow | undefined>();
  const [hasPipeline, setPipeline] = useState(editorState().pipeline ?? (info.instructions > 0 && !memory));
  const [hasTable, setTable] = useState(editorState().table ?? false);
  const [hasMemory, setMemory] = useState(editorState().memory ?? memory);
  const [cell, setCell] = useState<Item | undefined>();
  const [prompt, setPrompt] = useState<"search" | "note" | undefined>();
  const [message, setMessage] = useState("");
  /** The view that has had the focus last: its choice is the one that is told and travelled to. */
  const [active, setActive] = useState<"timeline" | "pipeline" | "memory">("timeline");

  const travel = (cycle: number): void => send({ type: "travel", cycle });

  useEffect(() => {
    if (!timelineCanvas.current) return undefined;
    const controller = new TimelineController(timelineCanvas.current, info, notes, {
      changed: setShown,
      chosen: (item) => {
        send({ type: "at", cycle: Math.max(0, Math.floor(item.from)) });
        void pipeline.current?.showCycle(item.from);
      },
      opened: open,
      travelled: travel,
      noted: (next) => send({ type: "notes", notes: next }),
    });
    timeline.current = controller;
    return () => controller.dispose();
  }, [info]);

  useEffect(() => {
    if (!hasPipeline || !pipelineCanvas.current) return undefined;
    const controller = new PipelineController(pipelineCanvas.current, info, {
      changed: (text, row) => {
        setRowsText(text);
        setSelectedRow(row);
      },
      opened: open,
      travelled: travel,
    });
    pipeline.current = controller;
    const { selected, view, inTime } = timeline.current ?? {};
    controller.setTime(inTime === true);
    controller.setMachine(machine.cycle);
    void controller.showCycle(selected?.from ?? view?.from ?? info.from);
    return () => {
      pipeline.current = undefined;
      controller.dispose();
    };
  }, [info, hasPipeline]);

  useEffect(() => {
    timeline.current?.setMachine(machine.cycle);
    pipeline.current?.setMachine(machine.cycle);
    if (machine.cycle !== undefined) void pipeline.current?.showCycle(machine.cycle);
  }, [machine]);
  const [from, to] = [shown?.view.from, shown?.view.to];
  useEffect(() => {
    if (from === undefined || to === undefined) return undefined;
    const moves = pipeline.current?.moves ?? 0;
    // Not for every step of a zoom.
    const timer = setTimeout(() => void pipeline.current?.followView({ from, to }, moves), 150);
    return () => clearTimeout(timer);
  }, [from, to]);
  useEffect(() => {
    if (wanted) void timeline.current?.reveal(wanted);
  }, [wanted]);
  useEffect(() => {
    pipeline.current?.setTime(shown?.inTime === true);
  }, [shown?.inTime]);

  const toggle = (what: ViewName): void => {
    const [has, set] = {
      pipeline: [hasPipeline, setPipeline],
      table: [hasTable, setTable],
      memory: [hasMemory, setMemory],
    }[what] as [boolean, (next: boolean) => void];
    keepState({ [what]: !has });
    set(!has);
  };

  /** Keys of all views; what a view has of its own comes first. */
  const onKey = (event: KeyboardEvent, view: typeof active): void => {
    const controller = { timeline: timeline.current, pipeline: pipeline.current, memory: heat.current }[view];
    if (controller?.key(event)) {
      event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const actions: Readonly<Record<string, () => void>> = {
      "/": () => setPrompt("search"),
      m: () => setPrompt("note"),
      p: () => toggle("pipeline"),
      l: () => toggle("table"),
      h: () => toggle("memory"),
      t: () => timeline.current?.toggleTime(),
      s: () => selectedRow && view === "pipeline" && void timeline.current?.reveal(rowSpot(selectedRow)),
    };
    const action = Object.hasOwn(actions, event.key) ? actions[event.key] : undefined;
    if (!action) return;
    event.preventDefault();
    action();
  };

  const answer = async (text: string, forwards: boolean): Promise<void> => {
    if (prompt === "note") {
      timeline.current?.annotate(text.trim());
      setPrompt(undefined);
      timelineCanvas.current?.focus();
      return;
    }
    const found = await timeline.current?.search(text, forwards);
    setMessage(found ? "" : `Nothing in the trace is called ${text}`);
  };

  const row = active === "pipeline" && hasPipeline ? selectedRow : undefined;
  const chosen = row ? row.stages[EX] : shown?.selected?.from;
  const isOfMemory = active === "memory" && hasMemory;
  const item = isOfMemory
    ? cell && cellText(cell)
    : shown?.selected && itemText(shown.selected, info.clockMHz, shown.inTime);
  return (
    <div class="trace">
      <Toolbar
        info={info}
        timeline={() => timeline.current}
        inTime={shown?.inTime === true}
        chosen={chosen}
        onTravel={travel}
        hasPipeline={hasPipeline}
        hasTable={hasTable}
        hasMemory={hasMemory}
        canTravel={machine.isThere}
        prompt={prompt}
        onPrompt={(next) => {
          setPrompt(next);
          if (next === undefined) timelineCanvas.current?.focus();
        }}
        onAnswer={(text, forwards) => void answer(text, forwards)}
        onToggle={toggle}
      />
      {bannersOf(info).map((text) => (
        <p key={text} class="banner" role="alert">
          {text}
        </p>
      ))}
      <p class="summary">
        {summaryOf(info)} · {shown && viewText(shown.view, info.clockMHz, shown.inTime)}
        {shown?.range && <strong> · {rangeText(shown.range, info.clockMHz)}</strong>}
      </p>
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: an application is interactive: it takes keys */}
      <canvas
        ref={timelineCanvas}
        class="timeline"
        tabIndex={0}
        role="application"
        aria-label={`Timeline of ${info.name}. Arrows move and choose rows, plus and minus zoom, comma and full stop go from item to item, L shows a table.`}
        onFocus={() => setActive("timeline")}
        onKeyDown={(event) => onKey(event, "timeline")}
      />
      {shown?.hover && (
        <Tooltip
          {...shown.hover}
          canvas={timelineCanvas.current}
          when={viewText(shown.hover.item, info.clockMHz, shown.inTime)}
        />
      )}
      <Legend info={info} />
      {hasTable && shown && <ItemsTable view={shown.view} onChoose={(item) => void timeline.current?.reveal(item)} />}
      {hasMemory && shown && (
        <HeatSection
          info={info}
          view={shown.view}
          inTime={shown.inTime}
          machineCycle={machine.cycle}
          controller={heat}
          moved={(view) => timeline.current?.show(view)}
          chosen={(found) => void timeline.current?.reveal(found)}
          opened={open}
          travelled={travel}
          told={setCell}
          onFocus={() => setActive("memory")}
          onKeyDown={(event) => onKey(event, "memory")}
        />
      )}
      {hasPipeline && (
        <section class="pipeline" aria-label="Pipeline">
          {info.instructions === 0 ? (
            <p class="note">
              The trace has no instructions{info.filter === "" ? "" : ` (it was asked for: ${info.filter})`}.
            </p>
          ) : (
            <>
              <h2>
                Pipeline <span>{rowsText}</span>
              </h2>
              {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: an application is interactive: it takes keys */}
              <canvas
                ref={pipelineCanvas}
                tabIndex={0}
                role="application"
                aria-label="Pipeline stages by instruction. Arrows go from instruction to instruction, Enter shows the source, S the timeline."
                onFocus={() => setActive("pipeline")}
                onKeyDown={(event) => onKey(event, "pipeline")}
              />
            </>
          )}
        </section>
      )}
      <p class="status" role="status" aria-live="polite">
        {row ? rowText(row) : (item ?? message)}
      </p>
    </div>
  );
}

const rowSpot = ({ stages }: PipelineRow): Spot => ({ track: "cu", from: stages[EX]!, to: stages[EX + 1]! });

const rowText = ({ text, stages, stalls, place }: PipelineRow): string =>
  `${text}, in EX in cycle ${stages[EX]}${stalls.map(({ cause, from, to }) => `, ${cause} ${to - from} cycles`).join("")}${place ? `, line ${place.line}` : ""}`;
