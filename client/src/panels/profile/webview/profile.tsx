import { useState } from "preact/hooks";
import type { LayerView, LineView, ProfileView } from "../messages.ts";
import { bytes, count, percent } from "./format.ts";
import { keepPanelState, openSource, panelState, type Sort } from "./host.ts";
import { Legend, SlotsBar } from "./slots.tsx";
import { type Column, Table } from "./table.tsx";

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
        rowKey={(layer) => layer.id}
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
        rowKey={({ file, line }) => `${file}:${line}`}
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
  { id: "cycles", title: "Cycles", numeric: true, key: ({ cycles }) => cycles, cell: ({ cycles }) => count(cycles) },
  { id: "share", title: "Time", numeric: true, key: ({ share }) => share, cell: ({ share }) => percent(share) },
  {
    id: "utilisation",
    title: "MAC use",
    hint: "Useful MAC slots by all MAC slots",
    numeric: true,
    key: ({ utilisation }) => utilisation ?? -1,
    cell: ({ utilisation }) => (utilisation === undefined ? "–" : percent(utilisation)),
  },
  { id: "ddr", title: "DDR", numeric: true, key: ({ ddrBytes }) => ddrBytes, cell: ({ ddrBytes }) => bytes(ddrBytes) },
  { id: "slots", title: "MAC slots by cause", cell: (layer) => <SlotsBar layer={layer} causes={causes} /> },
];

const LINE_COLUMNS: readonly Column<LineView>[] = [
  {
    id: "line",
    title: "Line",
    heading: true,
    key: ({ file, line }) => `${file}:${String(line).padStart(7, "0")}`,
    cell: ({ file, line }) => (
      <button type="button" class="link" onClick={() => openSource(file, line)}>
        {file.split(/[\\/]/).at(-1)}:{line}
      </button>
    ),
  },
  { id: "cycles", title: "Cycles", numeric: true, key: ({ cycles }) => cycles, cell: ({ cycles }) => count(cycles) },
  { id: "share", title: "Time", numeric: true, key: ({ share }) => share, cell: ({ share }) => percent(share) },
  {
    id: "instructions",
    title: "Instructions",
    numeric: true,
    key: ({ instructions }) => instructions,
    cell: ({ instructions }) => count(instructions),
  },
  {
    id: "lost",
    title: "Lost MAC slots",
    hint: "MAC slots lost because of this line, as a share of all of the program's slots",
    numeric: true,
    key: ({ lostSlots }) => lostSlots,
    cell: ({ lostSlots }) => (lostSlots === 0 ? "–" : percent(lostSlots)),
  },
];
