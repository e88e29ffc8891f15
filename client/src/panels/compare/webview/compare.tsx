import type { CauseRow, CompareReport, MeasuredPlace, RetiredInstruction, Row, RunHead } from "@nnasm/sim-core/compare";
import { useState } from "preact/hooks";
import { type Column, Table } from "../../profile/webview/table.tsx";
import { keepState, keptState, openSources } from "../../shared/data-page.ts";
import { count, time } from "../../shared/numbers.ts";
import { Timelines } from "./overlay.tsx";

const NONE = "–";
const signed = (value: number): string => {
  const text = count(Math.abs(value));
  return text === "0" ? text : `${value < 0 ? "−" : "+"}${text}`;
};

interface Sort {
  readonly column: string;
  readonly descending: boolean;
}

const STANDARD = { sorts: {} as Readonly<Record<string, Sort>>, filter: "", align: "" };

export function ComparePanel({ report }: { readonly report: CompareReport }) {
  const [state, setState] = useState(() => keptState(STANDARD));
  const change = (part: Partial<typeof STANDARD>): void => {
    const next = { ...state, ...part };
    setState(next);
    keepState(next);
  };
  const { a, b, reasons, tables, cu, slots, overlay, notes } = report;
  return (
    <>
      <h1>Comparison of two runs</h1>
      <Heads a={a} b={b} />
      <h2>What changed</h2>
      <ul>
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      {notes.map((note) => (
        <p key={note} class="note">
          {note}
        </p>
      ))}
      <FirstDifference report={report} />
      {overlay && <Timelines overlay={overlay} align={state.align} onAlign={(align) => change({ align })} />}
      <div class="choices">
        <label>
          Filter{" "}
          <input
            type="search"
            value={state.filter}
            placeholder="conv1"
            onInput={(event) => change({ filter: event.currentTarget.value })}
          />
        </label>
      </div>
      {tables.map(({ id, of, rows }) => (
        <Table
          key={id}
          caption={`${id[0]!.toUpperCase()}${id.slice(1)}: ${of}; together ${signed(b.cycles - a.cycles)}`}
          columns={columnsOf(id)}
          rows={rows.filter(({ name }) => name.toLowerCase().includes(state.filter.toLowerCase()))}
          rowKey={({ name }) => name}
          {...sorted(state.sorts[id])}
          onSort={(sort) => change({ sorts: { ...state.sorts, [id]: sort } })}
          limit={40}
        />
      ))}
      <Causes title="Control unit, cycles" rows={cu} />
      {slots && <Causes title="MAC slots, in cycles of the array" rows={slots} />}
    </>
  );
}

function Heads({ a, b }: { readonly a: RunHead; readonly b: RunHead }) {
  const bytes = (value: number | null): string => (value === null ? NONE : count(value));
  return (
    <div class="table">
      <table>
        <thead>
          <tr>
            <th scope="col">Run</th>
            {["Cycles", "Time", "Instructions", "DDR bytes read", "Written"].map((title) => (
              <th key={title} scope="col" class="number">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[a, b].map((run, index) => (
            <tr key={index === 0 ? "a" : "b"}>
              <th scope="row">
                {index === 0 ? "A" : "B"}: {run.title}
              </th>
              <td class="number">{count(run.cycles)}</td>
              <td class="number">{time(run.cycles, run.clockMHz)}</td>
              <td class="number">{count(run.retired)}</td>
              <td class="number">{bytes(run.ddrReadBytes)}</td>
              <td class="number">{bytes(run.ddrWriteBytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function FirstDifference({ report: { divergence } }: { readonly report: CompareReport }) {
  if (divergence.kind === "unknown") return <p>First different instruction: unknown, because {divergence.reason}.</p>;
  if (divergence.kind === "same") {
    return <p>First different instruction: none. {count(divergence.compared)} instructions are the same.</p>;
  }
  const { compared, last, a, b } = divergence;
  const places = [a?.place, b?.place].filter((place) => place !== undefined);
  const row = (side: string, at: RetiredInstruction | undefined) => (
    <tr key={side}>
      <th scope="row">{side}</th>
      {at ? (
        <>
          <td>
            <code>{at.text}</code>
          </td>
          <td>{at.function}</td>
          <td>{at.place ? <Place place={at.place} /> : NONE}</td>
          <td class="number">{count(at.cycle)}</td>
        </>
      ) : (
        <td colSpan={4}>has ended</td>
      )}
    </tr>
  );
  return (
    <section aria-label="First different instruction">
      <h2>First different instruction</h2>
      <p>
        Behind {count(compared)} that are the same.{" "}
        {places.length > 0 && (
          <button type="button" onClick={() => openSources(places)}>
            Open Both
          </button>
        )}
      </p>
      <div class="table">
        <table>
          <thead>
            <tr>
              {["Run", "Instruction", "Function", "Line"].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
              <th scope="col" class="number">
                Cycle
              </th>
            </tr>
          </thead>
          <tbody>
            {last && row("both", last.a)}
            {row("A", a)}
            {row("B", b)}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const baseName = (file: string): string => file.split(/[\\/]/).at(-1) ?? file;

function Place({ place }: { readonly place: MeasuredPlace }) {
  return (
    <button
      type="button"
      class="link"
      title={`Open ${place.file}, line ${place.line}`}
      onClick={() => openSources([place])}
    >
      {baseName(place.file)}:{place.line}
    </button>
  );
}

/** Absent, a table keeps its order to itself. */
const sorted = (sort: Sort | undefined) => (sort ? { sort } : {});

const partner = ({ a, b, parts }: Row): string =>
  !a
    ? "only in B"
    : !b
      ? "only in A"
      : parts
          .slice(0, 3)
          .filter(({ delta }) => Math.abs(delta) >= 0.5)
          .map(({ label, delta }) => `${label} ${signed(delta)}`)
          .join(", ");

function columnsOf(id: string): readonly Column<Row>[] {
  const cycles = (side: "a" | "b"): Column<Row> => ({
    id: side,
    title: `${side.toUpperCase()}`,
    numeric: true,
    key: (row) => row[side]?.cycles ?? -1,
    cell: (row) => {
      const cell = row[side];
      return cell ? count(cell.cycles) : NONE;
    },
  });
  const source = (side: "a" | "b"): Column<Row> => ({
    id: `source-${side}`,
    title: `Source ${side.toUpperCase()}`,
    cell: (row) => {
      const place = row[side]?.place;
      return place ? <Place place={place} /> : NONE;
    },
  });
  const ddr: Column<Row> = {
    id: "ddr",
    title: "DDR bytes, B − A",
    numeric: true,
    key: ({ a, b }) => (b?.ddrBytes ?? 0) - (a?.ddrBytes ?? 0),
    cell: ({ a, b }) => {
      if (a?.ddrBytes === undefined && b?.ddrBytes === undefined) return NONE;
      return signed((b?.ddrBytes ?? 0) - (a?.ddrBytes ?? 0));
    },
  };
  return [
    {
      id: "name",
      title: id.slice(0, -1),
      heading: true,
      key: ({ name }) => name,
      cell: ({ name }) => (id === "lines" ? baseName(name) : name),
    },
    cycles("a"),
    cycles("b"),
    {
      id: "delta",
      title: "B − A",
      numeric: true,
      key: ({ delta }) => Math.abs(delta),
      cell: ({ delta }) => signed(delta),
    },
    ...(id === "layers" ? [ddr] : [source("a"), source("b")]),
    { id: "parts", title: "Made of", cell: partner },
  ];
}

function Causes({ title, rows }: { readonly title: string; readonly rows: readonly CauseRow[] }) {
  const most = Math.max(1, ...rows.flatMap(({ a, b }) => [a, b]));
  const bar = (side: "a" | "b", value: number) => (
    <svg class={`cause cause-${side}`} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect width={(100 * value) / most} height="6" />
    </svg>
  );
  return (
    <div class="table">
      <table>
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">Cause</th>
            <th scope="col">A above B</th>
            {["A", "B", "B − A"].map((column) => (
              <th key={column} scope="col" class="number">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, label, a, b }) => (
            <tr key={id}>
              <th scope="row">{label}</th>
              <td class="bars">
                {bar("a", a)}
                {bar("b", b)}
              </td>
              <td class="number">{count(a)}</td>
              <td class="number">{count(b)}</td>
              <td class="number">{signed(b - a)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
