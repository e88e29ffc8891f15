import type { TimelineInfo } from "@nnasm/sim-core/trace";
import { useEffect, useRef } from "preact/hooks";
import type { TimelineController } from "./timeline.ts";

/** What can be shown below the timeline. */
export type View = "memory" | "pipeline" | "table";

export interface ToolbarProps {
  readonly info: TimelineInfo;
  readonly timeline: () => TimelineController | undefined;
  readonly inTime: boolean;
  /** The cycle that is chosen. */
  readonly chosen: number | undefined;
  readonly hasPipeline: boolean;
  readonly hasTable: boolean;
  readonly hasMemory: boolean;
  readonly canTravel: boolean;
  /** What is being asked for. */
  readonly prompt: "search" | "note" | undefined;
  onTravel(cycle: number): void;
  onPrompt(prompt: "search" | "note" | undefined): void;
  onAnswer(text: string, forwards: boolean): void;
  onToggle(what: View): void;
}

export function Toolbar(props: ToolbarProps) {
  const { info, timeline, inTime, chosen, hasPipeline, hasTable, hasMemory, canTravel, prompt } = props;
  const button = (text: string, keys: string, action: () => void, disabled = false) => (
    <button type="button" title={`${text} (${keys})`} disabled={disabled} onClick={action}>
      {text}
    </button>
  );
  const toggle = (text: string, keys: string, pressed: boolean, action: () => void) => (
    <button type="button" title={`${text} (${keys})`} aria-pressed={pressed} onClick={action}>
      {text}
    </button>
  );
  return (
    <div class="toolbar" role="toolbar" aria-label="Trace">
      {button("Fit", "F", () => timeline()?.fit())}
      {button("Zoom In", "+", () => timeline()?.zoomBy(1.5))}
      {button("Zoom Out", "-", () => timeline()?.zoomBy(1 / 1.5))}
      {button("Zoom to Choice", "Z", () => timeline()?.zoomToChoice())}
      {toggle("Time", "T", inTime, () => timeline()?.toggleTime())}
      {toggle("Pipeline", "P", hasPipeline, () => props.onToggle("pipeline"))}
      {toggle("Memory", "H", hasMemory, () => props.onToggle("memory"))}
      {toggle("Table", "L", hasTable, () => props.onToggle("table"))}
      {button("Note", "M", () => props.onPrompt("note"))}
      {button("Search", "/", () => props.onPrompt("search"))}
      {canTravel &&
        button(
          "Travel Here",
          "G, or a double click",
          () => chosen !== undefined && props.onTravel(chosen),
          chosen === undefined,
        )}
      {prompt && (
        <Prompt key={prompt} kind={prompt} name={info.name} onPrompt={props.onPrompt} onAnswer={props.onAnswer} />
      )}
    </div>
  );
}

interface PromptProps extends Pick<ToolbarProps, "onPrompt" | "onAnswer"> {
  readonly kind: "search" | "note";
  readonly name: string;
}

function Prompt({ kind, onPrompt, onAnswer }: PromptProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const isSearch = kind === "search";
  const text = isSearch
    ? "Operation, layer or file:line; Enter: next, Shift+Enter: before"
    : "Note at the chosen cycle; empty: away with it";
  return (
    <input
      ref={input}
      type="text"
      placeholder={text}
      aria-label={text}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Escape") onPrompt(undefined);
        if (event.key === "Enter") onAnswer(event.currentTarget.value, !event.shiftKey);
      }}
    />
  );
}
