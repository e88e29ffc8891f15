import type { Sweep, SweepPoint } from "@nnasm/sim-core/compare";
import { useState } from "preact/hooks";
import { type Column, Table } from "../../profile/webview/table.tsx";
import { keepState, keptState } from "../../shared/data-page.ts";
import {
  curvesOf,
  filtered,
  frontOf,
  METRICS,
  type Metric,
  measured,
  metricOf,
  pointName,
} from "../model/sweep-view.ts";
import { Chart } from "./chart.tsx";

interface Row {
  readonly index: number;
  readonly point: SweepPoint;
}

const NONE = "–";

/** What the user chose. */
const STANDARD = {
  sort: undefined as { column: string; descending: boolean } | undefined,
  filter: "",
  axis: "",
  metric: "cycles",
  costX: "macs",
  costY: "cycles",
  chosen: -1,
};

export function SweepPanel({ sweep }: { readonly sweep: Sweep }) {
  const [state, setState] = useState(() => keptState(STANDARD));
  const change = (part: Partial<typeof STANDARD>): void => {
    const next = { ...state, ...part };
    setState(next);
    keepState(next);
  };
  const shown = filtered(sweep, state.filter);
  const rows = sweep.points.map((point, index) => ({ index, point })).filter(({ index }) => shown.has(index));
  const axis = sweep.axes.some(({ key }) => key === state.axis)
    ? state.axis
    : (sweep.axes.find(({ values }) => values.length > 1)?.key ?? "");
  const chosen = sweep.points[state.chosen] ? state.chosen : undefined;
  const metric = metricOf(state.metric);
  const impossible = sweep.points.filter((point) => !point.ok).length;
  const choose = (index: number): void => change({ chosen: index });
  return (
    <>
      <h1>Sweep of {sweep.file}</h1>
      <p class="summary">
        {sweep.points.length} points over {sweep.axes.map(({ key }) => key).join(", ")}
        {impossible > 0 && `, ${impossible} of them impossible`}
      </p>
      <div class="charts">
        <section aria-label="Curves">
          <div class="choices">
            <Choice label="Show" value={metric.id} options={METRICS} onChange={(id) => change({ metric: id })} />
            <Choice
              label="over"
              value={axis}
              options={sweep.axes.map(({ key }) => ({ id: key, title: key }))}
              onChange={(key) => change({ axis: key })}
            />
          </div>
          <Curves sweep={sweep} axis={axis} metric={metric} chosen={chosen} onChoose={choose} />
        </section>
        <section aria-label="Pareto front">
          <div class="choices">
            <Choice label="Weigh" value={state.costY} options={METRICS} onChange={(id) => change({ costY: id })} />
            <Choice label="against" value={state.costX} options={METRICS} onChange={(id) => change({ costX: id })} />
          </div>
          <Pareto sweep={sweep} x={metricOf(state.costX)} y={metricOf(state.costY)} chosen={chosen} onChoose={choose} />
        </section>
      </div>
      <Details sweep={sweep} chosen={chosen} onChoose={choose} />
      <div class="choices">
        <label>
          Filter{" "}
          <input
            type="search"
            value={state.filter}
            placeholder="nu.cip=16 DDR"
            onInput={(event) => change({ filter: event.currentTarget.value })}
          />
        </label>
        <span role="status">
          {rows.length} of {sweep.points.length} points
        </span>
      </div>
      <Table
        caption="Points"
        columns={columnsOf(sweep, choose)}
        rows={rows}
        rowKey={({ index }) => String(index)}
        {...(state.sort ? { sort: state.sort } : {})}
        onSort={(sort) => change({ sort })}
      />
    </>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly id: string; readonly title: string }[];
  readonly onChange: (id: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <label>
      {label}{" "}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(({ id, title }) => (
          <option key={id} value={id}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

interface DiagramProps {
  readonly sweep: Sweep;
  readonly chosen: number | undefined;
  readonly onChoose: (index: number) => void;
}

function Curves({ sweep, axis, metric, chosen, onChoose }: DiagramProps & { axis: string; metric: Metric }) {
  const { values, curves } = curvesOf(sweep, axis, metric);
  const lines = curves.map(({ name, points }) => ({
    name: name || metric.title,
    dots: points.map(({ index, position, value }) => ({
      id: index,
      x: position,
      y: value,
      label: `${pointName(sweep.points[index]!.settings)}: ${metric.text(value)}`,
    })),
  }));
  return (
    <Chart
      title={`${metric.title} over ${axis}`}
      x={{ title: axis, text: String, names: values }}
      y={metric}
      lines={lines}
      chosen={chosen}
      onChoose={onChoose}
    />
  );
}

function Pareto({ sweep, x, y, chosen, onChoose }: DiagramProps & { x: Metric; y: Metric }) {
  const front = frontOf(sweep, x, y);
  const dots = measured(sweep).map(({ index, point, name }) => ({
    id: index,
    x: x.of(point),
    y: y.of(point),
    isFront: front.has(index),
    label: `${name}: ${x.title} ${x.text(x.of(point))}, ${y.title} ${y.text(y.of(point))}${front.has(index) ? ", on the Pareto front" : ""}`,
  }));
  const line = dots.filter(({ isFront }) => isFront).toSorted((a, b) => a.x - b.x);
  return (
    <Chart
      title={`Pareto front of ${y.title} against ${x.title}`}
      x={x}
      y={y}
      lines={[{ name: "Pareto front", dots: line }]}
      dots={dots.filter(({ isFront }) => !isFront)}
      chosen={chosen}
      onChoose={onChoose}
    />
  );
}

/** The chosen point: what bounds it, and why steps to its neighbours help or don't. */
function Details({ sweep, chosen, onChoose }: DiagramProps) {
  if (chosen === undefined)
    return <p class="note">Choose a point to see what bounds it and what its neighbours change.</p>;
  const point = sweep.points[chosen]!;
  const steps = sweep.steps.filter(({ from, to }) => from === chosen || to === chosen);
  return (
    <section class="details" aria-label="Chosen point" aria-live="polite">
      <h2>{pointName(point.settings)}</h2>
      {point.ok ? (
        <p>
          {METRICS.slice(0, 4)
            .map((metric) => `${metric.title} ${metric.text(metric.of(point))}`)
            .join(", ")}
          ; bound by {point.bound ? `${point.bound.text} (${(point.bound.share * 100).toFixed(1)} %)` : "nothing"}
        </p>
      ) : (
        <p class="error">
          Impossible: {point.error}
          {point.hint && <span> ({point.hint})</span>}
        </p>
      )}
      <ul>
        {steps.map((step) => {
          const other = step.from === chosen ? step.to : step.from;
          const [from, to] = [step.from, step.to].map((index) => sweep.points[index]!.settings[step.key]);
          return (
            <li key={step.text}>
              <button type="button" class="link" onClick={() => onChoose(other)}>
                {step.key} {from} → {to}
              </button>
              {step.speedup !== undefined && <b> {step.speedup.toFixed(2)}×</b>}
              <ul>
                {step.reasons.map((reason) => (
                  <li key={reason}>{reason}</li>
                ))}
              </ul>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function columnsOf({ axes }: Sweep, onChoose: (index: number) => void): readonly Column<Row>[] {
  const keys = axes.map(
    ({ key }, first): Column<Row> => ({
      id: key,
      title: key,
      numeric: true,
      heading: first === 0,
      key: ({ point }) => {
        const value = point.settings[key] ?? "";
        return Number.isFinite(Number(value)) ? Number(value) : value;
      },
      cell: ({ index, point }) =>
        first === 0 ? (
          <button type="button" class="link" onClick={() => onChoose(index)}>
            {point.settings[key]}
          </button>
        ) : (
          point.settings[key]
        ),
    }),
  );
  const metrics = METRICS.map(
    (metric): Column<Row> => ({
      id: metric.id,
      title: metric.title,
      numeric: true,
      key: ({ point }) => (point.ok ? metric.of(point) : Number.POSITIVE_INFINITY),
      cell: ({ point }) => (point.ok ? metric.text(metric.of(point)) : NONE),
    }),
  );
  const text = (point: SweepPoint): string =>
    point.ok
      ? point.bound
        ? `${point.bound.text} ${(point.bound.share * 100).toFixed(1)} %`
        : NONE
      : `impossible: ${point.error}`;
  return [
    ...keys,
    ...metrics,
    { id: "bound", title: "Bound by", key: ({ point }) => text(point), cell: ({ point }) => text(point) },
  ];
}
