import {
  countText,
  layerPlaces,
  MEMORY_LEVELS,
  MEMORY_TEXT,
  type Profile,
  type RooflinePoint,
  rooflineChart,
  rooflinePoints,
  WHOLE_PROGRAM,
} from "@nnasm/sim-core/profile";
import { useMemo } from "preact/hooks";
import { Chart } from "./chart.tsx";
import { Place } from "./place.tsx";
import { type Column, Table } from "./table.tsx";

interface RooflineProps {
  readonly profile: Profile;
  readonly memory: string | undefined;
  readonly onMemory: (memory: string) => void;
}

/** How much each layer computes with each byte, and what bounds it. */
export function Roofline({ profile, memory, onMemory }: RooflineProps) {
  const points = useMemo(() => rooflinePoints(profile), [profile]);
  // At first the outermost memory that a layer of its own moves bytes over.
  const first = MEMORY_LEVELS.find((one) =>
    points.some(({ layer, intensity }) => layer !== WHOLE_PROGRAM && intensity[one] !== undefined),
  );
  const level = MEMORY_LEVELS.find((one) => one === memory) ?? first ?? "ddr";
  const without = points.filter(({ intensity }) => intensity[level] === undefined).map(({ name }) => name);
  const places = useMemo(() => layerPlaces(profile), [profile]);
  const columns: readonly Column<RooflinePoint>[] = [
    {
      id: "name",
      title: "Layer",
      heading: true,
      key: ({ layer }) => layer,
      cell: ({ name, layer }) => <Place place={places.get(layer)} text={name} />,
    },
    {
      id: "speed",
      title: "MAC per cycle",
      numeric: true,
      key: ({ macsPerCycle }) => macsPerCycle,
      cell: ({ macsPerCycle }) => countText(macsPerCycle),
    },
    ...MEMORY_LEVELS.map(
      (one): Column<RooflinePoint> => ({
        id: one,
        title: `MAC per byte of ${one.toUpperCase()}`,
        numeric: true,
        key: ({ intensity }) => intensity[one] ?? Number.POSITIVE_INFINITY,
        cell: ({ intensity }) => (intensity[one] === undefined ? "no byte" : countText(intensity[one])),
      }),
    ),
    { id: "bound", title: "Bound by", key: ({ bound }) => bound.text, cell: ({ bound }) => bound.text },
  ];
  if (points.length === 0) return <p class="note">No layer of this run multiplies on the neural unit.</p>;
  return (
    <>
      <label>
        Points by bytes of{" "}
        <select value={level} onChange={({ currentTarget }) => onMemory(currentTarget.value)}>
          {MEMORY_LEVELS.map((one) => (
            <option key={one} value={one}>
              {MEMORY_TEXT[one]}
            </option>
          ))}
        </select>
      </label>
      <Chart svg={rooflineChart(profile, level)} />
      {without.length > 0 && (
        <p class="none">
          No point, for they move no byte over {MEMORY_TEXT[level]}: {without.join(", ")}.
        </p>
      )}
      <Table caption="Layers that multiply" columns={columns} rows={points} rowKey={({ layer }) => String(layer)} />
    </>
  );
}
