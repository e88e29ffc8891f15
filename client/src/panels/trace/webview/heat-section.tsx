import type { HeatMemory, Item, TimelineInfo } from "@nnasm/sim-core/trace";
import { useEffect, useRef, useState } from "preact/hooks";
import { count } from "../../shared/numbers.ts";
import { HEAT_LEVELS, HEAT_METRICS, type HeatMetric } from "../model/colours.ts";
import type { View } from "../model/view.ts";
import { HeatController, type HeatEvents, type HeatShown } from "./heat.ts";
import { ask } from "./host.ts";
import { Swatch } from "./legend.tsx";
import { Tooltip } from "./tooltip.tsx";

const METRICS: Readonly<Record<HeatMetric, string>> = {
  all: "Bytes read and written",
  reads: "Bytes read",
  writes: "Bytes written",
  lost: "Cycles lost over banks",
};

interface Props extends Omit<HeatEvents, "changed"> {
  readonly info: TimelineInfo;
  readonly view: View;
  readonly inTime: boolean;
  readonly machineCycle: number | undefined;
  /** Where the controller is put while there is one. */
  readonly controller: { current: HeatController | undefined };
  /** What is chosen, in words; empty for nothing. */
  told(item: Item | undefined): void;
  onFocus(): void;
  onKeyDown(event: KeyboardEvent): void;
}

/** Which addresses are read and written when. */
export function HeatSection(props: Props) {
  const { info, view, inTime, machineCycle, controller } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [memories, setMemories] = useState<readonly HeatMemory[] | undefined>();
  const [problem, setProblem] = useState("");
  const [shown, setShown] = useState<HeatShown | undefined>();
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    ask("memories", {}).then(setMemories, (error: unknown) => {
      setProblem(error instanceof Error ? error.message : String(error));
    });
  }, [info]);
  useEffect(() => {
    if (!canvas.current || !memories || memories.length === 0) return undefined;
    const made = new HeatController(canvas.current, info, memories, latest.current.view, {
      changed: (next) => {
        setShown(next);
        latest.current.told(next.item);
      },
      moved: (next) => latest.current.moved(next),
      chosen: (item) => latest.current.chosen(item),
      opened: (item) => latest.current.opened(item),
      travelled: (cycle) => latest.current.travelled(cycle),
    });
    controller.current = made;
    return () => {
      controller.current = undefined;
      made.dispose();
    };
  }, [info, memories]);
  useEffect(() => controller.current?.setView(view), [view, memories]);
  useEffect(() => controller.current?.setTime(inTime), [inTime, memories]);
  useEffect(() => controller.current?.setMachine(machineCycle), [machineCycle, memories]);

  return (
    <section class="memory" aria-label="Memory">
      {problem !== "" && (
        <p class="note" role="alert">
          Memory can't be shown: {problem}
        </p>
      )}
      {memories?.length === 0 ? (
        <p class="note">
          The trace has nothing of memory
          {info.filter === ""
            ? ": it was written by an older version, trace the program again"
            : ` (it was asked for: ${info.filter})`}
          .
        </p>
      ) : (
        <>
          <h2>
            Memory
            {shown && (
              <>
                <select
                  aria-label="Memory"
                  value={shown.memory.id}
                  onChange={({ currentTarget }) => controller.current?.setMemory(currentTarget.value)}
                >
                  {memories?.map(({ id, title }) => (
                    <option key={id} value={id}>
                      {title}
                    </option>
                  ))}
                </select>
                <select
                  aria-label="What is shown"
                  value={shown.metric}
                  onChange={({ currentTarget }) => controller.current?.setMetric(currentTarget.value as HeatMetric)}
                >
                  {HEAT_METRICS.map((metric) => (
                    <option key={metric} value={metric}>
                      {METRICS[metric]}
                    </option>
                  ))}
                </select>
                <Scale metric={shown.metric} most={shown.most} />
              </>
            )}
          </h2>
          {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: an application is interactive: it takes keys */}
          <canvas
            ref={canvas}
            class="heat"
            tabIndex={0}
            role="application"
            aria-label="Memory by address and cycle. Arrows choose a cell, which the status line tells; plus and minus zoom cycles, I and O addresses, B shows something else, V another memory, Enter the source."
            onFocus={props.onFocus}
            onKeyDown={props.onKeyDown}
          />
          {shown?.hover && <Tooltip {...shown.hover} canvas={canvas.current} />}
        </>
      )}
    </section>
  );
}

/** What the colours mean: each level is twice the one before. */
function Scale({ metric, most }: { readonly metric: HeatMetric; readonly most: number }) {
  const unit = metric === "lost" ? "cycles" : "bytes";
  if (most === 0) return <span>none here</span>;
  return (
    <span class="scale">
      {Array.from({ length: HEAT_LEVELS }, (_, level) => (
        <Swatch key={level} colour={`heat-${metric}-${level + 1}`} />
      ))}
      up to {most < 10 ? most.toFixed(1) : count(most)} {unit} a cell, each step twice the one before
    </span>
  );
}
