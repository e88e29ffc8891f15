import { useState } from "preact/hooks";
import type { LayerView, LineView, ProfileView } from "../messages.ts";
import { bytes, count, percent } from "../numbers.ts";
import { keepPanelState, openSource, panelState, type Sort } from "./host.ts";
import { Legend, SlotsBar } from "./slots.tsx";
import { type Column, Table } from "./table.tsx";

/** Stands where a line had no such work. */
const NONE = "–";

export function Profile({ profile }: { readonly profile: ProfileView }) {
  const [layerSort, setLayerSort] = useState<Sort | undefined>(panelState().layerSort);
  const [lineSort, setLineSort] = useState<Sort>(panelState().lineSort ?? { column: "cycles", descending: true });
  return (
    <>
      <h1>{profile.title}</h1>
      <ul class="summary">
        {profile.summary.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <Legend causes={profile.causes} total={profile.total} />
      <Table
        caption="Layers"
        columns={layerColumns(profile)}
        rows={profile.layers}
        rowKey={({ id }) => id}
        total={profile.total}
        sort={layerSort}
        onSort={(sort) => {
          setLayerSort(sort);
          keepPanelState({ layerSort: sort });
        }}
      />
      <Table
        caption="Lines"
        columns={LINE_COLUMNS}
        rows={profile.lines}
        rowKey={({ id }) => id}
        sort={lineSort}
        onSort={(sort) => {
          setLineSort(sort);
          keepPanelState({ lineSort: sort });
        }}
        limit={100}
      />
    </>
  );
}

const layerColumns = ({ causes }: ProfileView): readonly Column<LayerView>[] => [
  { id: "name", title: "Layer", heading: true, key: ({ name }) => name, cell: ({ name }) => name },
  { id: "slots", title: "MAC slots by cause", cell: (layer) => <SlotsBar layer={layer} causes={causes} /> },
  { id: "cycles", title: "Cycles", numeric: true, key: ({ cycles }) => cycles, cell: ({ cycles }) => count(cycles) },
  { id: "share", title: "Time", numeric: true, key: ({ share }) => share, cell: ({ share }) => percent(share) },
  {
    id: "utilisation",
    title: "MAC use",
    hint: "Useful MAC slots by all MAC slots",
    numeric: true,
    key: ({ utilisation }) => utilisation,
    cell: ({ utilisation }) => percent(utilisation),
  },
  { id: "ddr", title: "DDR", numeric: true, key: ({ ddrBytes }) => ddrBytes, cell: ({ ddrBytes }) => bytes(ddrBytes) },
];

const LINE_COLUMNS: readonly Column<LineView>[] = [
  {
    id: "line",
    title: "Line",
    heading: true,
    // The ids are addresses: the program's order.
    key: ({ id }) => Number(id),
    cell: ({ label, place }) =>
      place === undefined ? (
        label
      ) : (
        <button
          type="button"
          class="link"
          title={`Open ${place.file}, line ${place.line}`}
          onClick={() => openSource(place.file, place.line)}
        >
          {label}
        </button>
      ),
  },
  {
    id: "cycles",
    title: "CU cycles",
    hint: "Cycles of the control unit; all lines together make up the program's",
    numeric: true,
    key: ({ cycles }) => cycles,
    cell: ({ cycles }) => count(cycles),
  },
  { id: "share", title: "Time", numeric: true, key: ({ share }) => share, cell: ({ share }) => percent(share) },
  {
    id: "retired",
    title: "Retired",
    numeric: true,
    key: ({ retired }) => retired,
    cell: ({ retired }) => count(retired),
  },
  {
    id: "nu",
    title: "NU cycles",
    hint: "Cycles of the operations that the line issued to the neural unit",
    numeric: true,
    key: ({ nuCycles }) => nuCycles,
    cell: ({ nuCycles }) => (nuCycles === 0 ? NONE : count(nuCycles)),
  },
  {
    id: "utilisation",
    title: "MAC use",
    hint: "Useful MAC slots by all MAC slots of the line's operations and the idle time before them",
    numeric: true,
    key: ({ utilisation }) => utilisation ?? -1,
    cell: ({ utilisation }) => (utilisation === undefined ? NONE : percent(utilisation)),
  },
  {
    id: "ddr",
    title: "DDR",
    numeric: true,
    key: ({ ddrBytes }) => ddrBytes,
    cell: ({ ddrBytes }) => (ddrBytes === 0 ? NONE : bytes(ddrBytes)),
  },
];
