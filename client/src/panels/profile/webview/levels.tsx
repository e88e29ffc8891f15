import { boundNumbers, LEVELS, layerBound, layerPlaces, type Profile } from "@nnasm/sim-core/profile";
import { useMemo } from "preact/hooks";
import { levelRows, metricsOf, type RowView } from "../model.ts";
import { MetricPicker } from "./metrics.tsx";
import type { Choice } from "./panel.tsx";
import { Place } from "./place.tsx";
import { type Column, Table } from "./table.tsx";

const TITLES = { region: "Region", layer: "Layer", function: "Function", line: "Line", instruction: "Instruction" };

interface LevelsProps {
  readonly profile: Profile;
  readonly choice: Choice;
  readonly level: string | undefined;
}

/** The run's parts at one level, with the metrics that were chosen. */
export function Levels({ profile, choice, level: chosen }: LevelsProps) {
  const { metrics: ids, sorting, asTime, change } = choice;
  const level = LEVELS.find((one) => one === chosen) ?? "line";
  const metrics = useMemo(() => metricsOf(ids), [ids]);
  const places = useMemo(() => layerPlaces(profile), [profile]);
  // The model sorts: the table's own keys only say that a column can be sorted.
  const rows = useMemo(
    () => levelRows(profile, level, metrics, sorting, asTime),
    [profile, level, metrics, sorting, asTime],
  );
  const columns = useMemo(
    (): readonly Column<RowView>[] => [
      {
        id: "name",
        title: TITLES[level],
        heading: true,
        cell: ({ node }) => (
          <Place place={level === "layer" ? places.get(Number(node.key)) : node.place} text={node.name} />
        ),
      },
      { id: "share", title: "Share", hint: "Of the run's cycles", numeric: true, cell: ({ share }) => share },
      ...metrics.map(
        (metric, index): Column<RowView> => ({
          id: metric.id,
          title: metric.label,
          hint: metric.text,
          numeric: true,
          key: () => 0,
          cell: ({ cells }) => cells[index]!.text,
        }),
      ),
      ...(level === "layer"
        ? [
            {
              id: "bound",
              title: "Bound by",
              cell: ({ node }: RowView) => (
                <span title={boundNumbers(layerBound(profile, node))}>{layerBound(profile, node).text}</span>
              ),
            },
          ]
        : []),
    ],
    [level, metrics, places, profile],
  );
  return (
    <>
      <div class="toolbar">
        <label>
          By{" "}
          <select value={level} onChange={({ currentTarget }) => change({ level: currentTarget.value })}>
            {LEVELS.map((one) => (
              <option key={one} value={one}>
                {TITLES[one].toLowerCase()}
              </option>
            ))}
          </select>
        </label>
        <MetricPicker choice={choice} />
      </div>
      <Table
        key={level}
        caption={`${TITLES[level]}s`}
        columns={columns}
        rows={rows}
        rowKey={({ node }) => node.key}
        sort={sorting}
        onSort={(next) => change({ sorting: next })}
        limit={150}
      />
    </>
  );
}
