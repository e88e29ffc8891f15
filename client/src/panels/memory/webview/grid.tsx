// biome-ignore-all lint/a11y/useSemanticElements: a table would be laid out anew for every row that is scrolled
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its active cell
/** Rows of memory: as many as fit, whatever the size of the memories. */
import { useEffect, useRef, useState } from "preact/hooks";
import { asciiText, type CellType, cellText, cellWidth } from "../model/cells.ts";
import type { MemoryBreakpoint, Selection } from "../model/marks.ts";
import { selected } from "../model/marks.ts";
import { hex, type NamedRange, namesIn, ROW_BYTES, type Space } from "../model/space.ts";
import type { Bytes } from "./answers.ts";

const ROW_HEIGHT = 21;

interface GridProps {
  readonly space: Space;
  readonly names: readonly NamedRange[];
  readonly bytes: Bytes;
  readonly top: number;
  readonly type: CellType;
  readonly selection: Selection | undefined;
  readonly breakpoints: readonly MemoryBreakpoint[];
  /** Says what is selected. */
  readonly label: string;
  scroll(top: number): void;
  select(selection: Selection): void;
  /** Somebody begins to type a value. */
  edit(text: string): void;
  shows(rows: number): void;
}

export function Grid(props: GridProps) {
  const { space, top, label } = props;
  const frame = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const [rows, setRows] = useState(20);
  useEffect(() => {
    const element = frame.current!;
    const measure = (): void => {
      const fitting = Math.max(1, Math.floor(element.clientHeight / ROW_HEIGHT));
      setRows(fitting);
      latest.current.shows(fitting);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    let rest = 0;
    const wheel = (event: WheelEvent): void => {
      // Sideways the rows scroll by themselves.
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;
      event.preventDefault();
      const { top: from, scroll } = latest.current;
      rest += event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY : event.deltaY / ROW_HEIGHT;
      const whole = Math.trunc(rest);
      rest -= whole;
      if (whole !== 0) scroll(from + whole);
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => {
      observer.disconnect();
      element.removeEventListener("wheel", wheel);
    };
  }, []);
  return (
    <div class="memory">
      <div
        ref={frame}
        id="memory-rows"
        class="grid"
        role="grid"
        tabIndex={0}
        aria-label={`Memory. ${label}`}
        aria-rowcount={space.rows}
        aria-multiselectable="true"
        aria-activedescendant={props.selection ? `cell-${props.selection.focus}` : undefined}
        onKeyDown={(event) => key(event, latest.current, rows)}
      >
        {Array.from({ length: Math.max(0, Math.min(rows, space.rows - top)) }, (_, at) => (
          <Row key={top + at} row={top + at} {...props} />
        ))}
      </div>
      <Scrollbar rows={space.rows} shown={rows} top={top} scroll={props.scroll} />
    </div>
  );
}

const STEPS: Readonly<Record<string, number>> = {
  ArrowUp: -ROW_BYTES,
  ArrowDown: ROW_BYTES,
};

function key(event: KeyboardEvent, props: GridProps, rows: number): void {
  const { space, selection, select, type, edit } = props;
  const from = selection?.focus ?? space.row(props.top)?.address ?? 0;
  const step =
    STEPS[event.key] ??
    { ArrowLeft: -type.bytes, ArrowRight: type.bytes, PageUp: -ROW_BYTES * rows, PageDown: ROW_BYTES * rows }[
      event.key
    ];
  const isChord = event.ctrlKey || event.metaKey || event.altKey;
  if (event.key === "Home" || event.key === "End") {
    const region = space.regionAt(from);
    if (!region) return;
    const line = from - ((from - region.address) % ROW_BYTES);
    const start = isChord ? region.address : line;
    const end = isChord ? region.address + region.bytes - 1 : line + ROW_BYTES - 1;
    const focus = event.key === "Home" ? start : end;
    select({ anchor: event.shiftKey && selection ? selection.anchor : focus, focus });
  } else if (step !== undefined) {
    const focus = selection ? space.moved(from, step) : from;
    select({ anchor: event.shiftKey && selection ? selection.anchor : focus, focus });
  } else if (event.key === "Enter" && selection) edit("");
  else if (/^[-\da-fA-F.]$/.test(event.key) && !isChord && selection) edit(event.key);
  else return;
  event.preventDefault();
}

function Row({
  row,
  space,
  names,
  bytes,
  type,
  selection,
  breakpoints,
  select,
}: GridProps & {
  readonly row: number;
}) {
  const found = space.row(row);
  if (!found) return null;
  const { address, region } = found;
  const chosen = selection && selected(selection, type.bytes);
  const width = cellWidth(type);
  const cells = Array.from({ length: ROW_BYTES / type.bytes }, (_, at) => address + at * type.bytes);
  const all = Array.from({ length: ROW_BYTES }, (_, at) => bytes.at(address + at));
  const here = namesIn(names, address, ROW_BYTES);
  return (
    <div class={address === region.address ? "row first" : "row"} role="row" aria-rowindex={row + 1}>
      <span class="address" role="rowheader">
        <b>{address === region.address ? region.name : ""}</b> {hex(address)}
      </span>
      <span class="cells" role="presentation">
        {cells.map((cell) => {
          const own = Array.from({ length: type.bytes }, (_, at) => bytes.at(cell + at));
          const isKnown = own.every((byte) => byte !== undefined);
          const text = isKnown ? cellText(type, Uint8Array.from(own as number[])) : "--";
          const isChanged = own.some((_, at) => bytes.changed.has(cell + at));
          const isWatched = breakpoints.some(
            (one) => cell < one.address + one.bytes && cell + type.bytes > one.address,
          );
          const isChosen = chosen && cell >= chosen.address && cell < chosen.address + chosen.bytes;
          const isNamed = here.some((one) => one.address >= cell && one.address < cell + type.bytes);
          const classes = ["cell", isChanged && "changed", isWatched && "watched", isChosen && "chosen"];
          if (isNamed) classes.push("named");
          return (
            <span
              key={cell}
              id={`cell-${cell}`}
              class={classes.filter(Boolean).join(" ")}
              role="gridcell"
              tabIndex={-1}
              aria-selected={isChosen === true}
              aria-label={`${hex(cell)}: ${text}${isChanged ? ", changed" : ""}${isWatched ? ", breakpoint" : ""}`}
              style={{ width: `${width}ch` }}
              onPointerDown={(event) =>
                select({ anchor: event.shiftKey && selection ? selection.anchor : cell, focus: cell })
              }
              onPointerEnter={(event) => {
                if (event.buttons === 1 && selection) select({ anchor: selection.anchor, focus: cell });
              }}
            >
              {text}
            </span>
          );
        })}
      </span>
      <span class="ascii" role="gridcell" tabIndex={-1}>
        {asciiText(all.map((byte) => byte ?? 0x20))}
      </span>
      <span class="names" role="gridcell" tabIndex={-1} title={here.map(describe).join("\n")}>
        {here
          .filter(({ kind }) => kind !== "section" || here.length === 1)
          .map(({ name, type: what }) => (what === undefined ? name : `${name}: ${what}`))
          .join(", ")}
      </span>
    </div>
  );
}

const describe = ({ name, kind, address, bytes, type }: NamedRange): string =>
  `${hex(address)} ${kind} ${name}${type === undefined ? "" : `: ${type}`}${bytes > 0 ? `, ${bytes} bytes` : ""}`;

interface ScrollbarProps {
  readonly rows: number;
  readonly shown: number;
  readonly top: number;
  scroll(top: number): void;
}

/** A page's own scrollbar ends at some ten million pixels; the memories are larger. */
function Scrollbar({ rows, shown, top, scroll }: ScrollbarProps) {
  const track = useRef<HTMLDivElement>(null);
  const share = Math.min(1, shown / Math.max(1, rows));
  const height = Math.max(0.04, share);
  const last = Math.max(0, rows - shown);
  const at = last === 0 ? 0 : (top / last) * (1 - height);
  const drag = (event: PointerEvent): void => {
    if (event.buttons !== 1) return;
    const box = track.current!.getBoundingClientRect();
    const wanted = (event.clientY - box.top) / box.height - height / 2;
    scroll(Math.round((Math.min(1 - height, Math.max(0, wanted)) / Math.max(1e-9, 1 - height)) * last));
  };
  return (
    <div
      ref={track}
      class="scrollbar"
      role="scrollbar"
      aria-controls="memory-rows"
      aria-label="Address"
      aria-orientation="vertical"
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={top}
      tabIndex={-1}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag(event);
      }}
      onPointerMove={drag}
    >
      <div class="thumb" style={{ top: `${at * 100}%`, height: `${height * 100}%` }} />
    </div>
  );
}
