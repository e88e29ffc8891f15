import "./style.css";
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { SessionState } from "../../shared/debug-messages.ts";
import { ask, listen } from "../../shared/debug-page.ts";
import { cellText, cellType } from "../model/cells.ts";
import { selected } from "../model/marks.ts";
import { hex, type NamedRange, type Region, Space } from "../model/space.ts";
import { useBytes } from "./answers.ts";
import { Grid } from "./grid.tsx";
import { Inspector } from "./inspector.tsx";
import { Lists } from "./lists.tsx";
import { type Choices, keepChoices, keptChoices } from "./state.ts";
import { Toolbar } from "./toolbar.tsx";

interface MemoryMap {
  readonly regions: readonly Region[];
  readonly names: readonly NamedRange[];
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function App() {
  const [choices, setChoices] = useState(keptChoices);
  const latest = useRef(choices);
  latest.current = choices;
  const [session, setSession] = useState<{ state: SessionState; id: string }>({ state: "none", id: "" });
  const [moment, setMoment] = useState(0);
  const [map, setMap] = useState<{ space: Space; names: readonly NamedRange[] } | undefined>(undefined);
  const [rows, setRows] = useState(20);
  const [problem, setProblem] = useState("");
  const [typed, setTyped] = useState<string | undefined>(undefined);
  /** A place to go to that was named before the memories were known. */
  const [wanted, setWanted] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const change = (part: Partial<Choices>): void => {
    const next = { ...latest.current, ...part };
    latest.current = next;
    keepChoices(next);
    setChoices(next);
  };
  useEffect(
    () =>
      listen({
        session: (state, id) => {
          setSession({ state, id });
          if (state === "stopped") setMoment((count) => count + 1);
        },
        show: (expression) => {
          change({ expression, isFollowing: false });
          setWanted(expression);
        },
      }),
    [],
  );
  const generation = session.state === "none" || moment === 0 ? "" : `${session.id} ${moment}`;
  useEffect(() => {
    if (session.id === "" || moment === 0) return;
    ask<MemoryMap>("nnasm/memoryMap").then(
      ({ regions, names }) => setMap({ space: new Space(regions), names }),
      (error: unknown) => setProblem(textOf(error)),
    );
    // The adapter of a new session doesn't know them yet.
    const { breakpoints } = latest.current;
    if (breakpoints.length > 0) {
      ask("nnasm/setMemoryBreakpoints", { breakpoints }).catch((error: unknown) => {
        setProblem(`the data breakpoints are not set: ${textOf(error)}`);
      });
    }
  }, [session.id, moment > 0]);

  const bytes = useBytes(generation, map?.space, choices.top, rows);
  const type = cellType(choices.type);

  const show = (address: number, count: number, isSelected: boolean): void => {
    const row = map?.space.rowOf(address);
    if (!map || row === undefined) {
      setProblem(`There is no memory at ${hex(address)}`);
      return;
    }
    setProblem("");
    const { top } = latest.current;
    const isSeen = row >= top && row < top + rows;
    const first = isSeen ? top : Math.max(0, Math.min(row - Math.floor(rows / 3), map.space.rows - rows));
    change({ top: first, ...(isSelected ? { selection: { anchor: address, focus: address + count - 1 } } : {}) });
  };
  const go = (expression: string): void => {
    ask<{ address: number }>("nnasm/address", { expression }).then(
      ({ address }) => show(address, 1, true),
      (error: unknown) => setProblem(textOf(error)),
    );
  };
  useEffect(() => {
    if (generation !== "" && map && choices.isFollowing) go(choices.expression);
  }, [generation, map]);
  useEffect(() => {
    if (generation === "" || !map || wanted === "") return;
    go(wanted);
    setWanted("");
  }, [generation, map, wanted]);
  const watch = (breakpoints: Choices["breakpoints"]): void => {
    ask("nnasm/setMemoryBreakpoints", { breakpoints }).then(
      () => change({ breakpoints }),
      (error: unknown) => setProblem(textOf(error)),
    );
  };

  if (!map) {
    return <p class="note">No NNASM program is being debugged. Start one with F5; memory is shown where it stops.</p>;
  }
  const { space, names } = map;
  const range = choices.selection && selected(choices.selection, type.bytes);
  const own = range && Array.from({ length: type.bytes }, (_, at) => bytes.at(range.address + at));
  const label =
    range && own?.every((byte) => byte !== undefined)
      ? `${hex(range.address)}: ${cellText(type, Uint8Array.from(own as number[]))}`
      : "Arrow keys choose a byte.";
  return (
    <div class="panel">
      <Toolbar
        choices={choices}
        regions={space.regions}
        names={names}
        here={range?.address ?? space.row(choices.top)?.address ?? 0}
        change={change}
        go={go}
        goTo={(address, count = 1) => show(address, count, true)}
      />
      <p class="problem" role="alert">
        {problem}
      </p>
      {session.state !== "stopped" && (
        <p class="dim">
          {session.state === "running" ? "The program is running" : "The program has ended"}: this is the last stop.
        </p>
      )}
      <Grid
        space={space}
        names={names}
        bytes={bytes}
        top={choices.top}
        type={type}
        selection={choices.selection}
        breakpoints={choices.breakpoints}
        label={label}
        scroll={(top) => change({ top: Math.min(Math.max(0, space.rows - rows), Math.max(0, top)) })}
        select={(selection) => {
          change({ selection });
          setTyped(undefined);
          const row = space.rowOf(selection.focus);
          const { top } = latest.current;
          if (row !== undefined && row < top) change({ top: row });
          else if (row !== undefined && row >= top + rows) change({ top: row - rows + 1 });
        }}
        edit={(text) => {
          setTyped(undefined);
          queueMicrotask(() => setTyped(text));
        }}
        shows={setRows}
      />
      {range && (
        <Inspector
          address={range.address}
          count={range.bytes}
          type={type}
          bytes={bytes}
          names={names}
          generation={generation}
          canEdit={session.state === "stopped"}
          typed={typed}
          field={field}
          changed={() => setMoment((count) => count + 1)}
          watch={(breakpoint) => watch([...choices.breakpoints, breakpoint])}
          bookmark={(bookmark) => change({ bookmarks: [...choices.bookmarks, bookmark] })}
        />
      )}
      <Lists
        bookmarks={choices.bookmarks}
        breakpoints={choices.breakpoints}
        names={names}
        goTo={(address, count) => show(address, count, true)}
        keep={(bookmarks) => change({ bookmarks })}
        watch={watch}
      />
    </div>
  );
}

const root = document.getElementById("root");
if (root !== null) render(<App />, root);
