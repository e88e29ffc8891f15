import {
  arrayOf,
  boundNumbers,
  countText,
  layerBound,
  layerPlaces,
  type Profile,
  type ProfileNode,
  percentText,
  profileTable,
  timeText,
  waterfallChart,
  waterfallSteps,
} from "@nnasm/sim-core/profile";
import { useMemo } from "preact/hooks";
import { Chart } from "./chart.tsx";
import { Place } from "./place.tsx";
import { type Column, Table } from "./table.tsx";

interface SlotsProps {
  readonly profile: Profile;
  /** Key of the layer whose waterfall is shown; absent: the program's. */
  readonly layer: string | undefined;
  readonly asTime: boolean;
  readonly onLayer: (layer: string) => void;
}

/** Where the MAC slots went: of the program or of a layer as a waterfall, and of all layers as bars. */
export function Slots({ profile, layer, asTime, onLayer }: SlotsProps) {
  const layers = useMemo(() => profileTable(profile, "layer"), [profile]);
  const places = useMemo(() => layerPlaces(profile), [profile]);
  const chosen = layers.find(({ key }) => key === layer);
  const array = arrayOf(profile);
  const nuTime = ({ sums }: ProfileNode): number =>
    Object.values(sums.slots).reduce((sum, slots) => sum + slots, 0) / array;
  const columns: readonly Column<ProfileNode>[] = [
    {
      id: "name",
      title: "Layer",
      heading: true,
      key: ({ key }) => Number(key),
      cell: ({ name, key }) => <Place place={places.get(Number(key))} text={name} />,
    },
    { id: "slots", title: "MAC slots by cause", cell: (node) => <SlotsBar node={node} /> },
    {
      id: "time",
      title: "NU time",
      hint: "Time of the neural unit: the layer's operations and the idle time before each of them",
      numeric: true,
      key: nuTime,
      cell: (node) => (asTime ? timeText(nuTime(node), profile.clockMHz) : countText(nuTime(node))),
    },
    {
      id: "share",
      title: "Share",
      numeric: true,
      key: nuTime,
      cell: (node) => percentText(nuTime(node) / (profile.cycles || 1)),
    },
    {
      id: "bound",
      title: "Bound by",
      hint: "The resource that is busy for at least half of the layer's time; sync-bound where units take turns",
      key: (node) => layerBound(profile, node).text,
      cell: (node) => <span title={boundNumbers(layerBound(profile, node))}>{layerBound(profile, node).text}</span>,
    },
  ];
  return (
    <>
      <label>
        MAC slots of{" "}
        <select value={chosen?.key ?? ""} onChange={({ currentTarget }) => onLayer(currentTarget.value)}>
          <option value="">the whole program</option>
          {layers
            .filter((node) => nuTime(node) > 0)
            .map(({ key, name }) => (
              <option key={key} value={key}>
                {name}
              </option>
            ))}
        </select>
      </label>
      <Chart svg={waterfallChart(chosen?.name ?? "the program", (chosen?.sums ?? profile.total).slots)} />
      <Table caption="Layers" columns={columns} rows={layers} rowKey={({ key }) => key} />
    </>
  );
}

/** One bar of 100 %: where the MAC slots of a layer went. */
function SlotsBar({ node }: { readonly node: ProfileNode }) {
  const steps = waterfallSteps(node.sums.slots).toReversed();
  if (steps.length === 0) {
    return (
      <span class="none" title="The neural unit spent no time on this layer">
        none
      </span>
    );
  }
  const shown = steps.filter(({ slots }) => slots > 0);
  const text = shown.map(({ label, from, to }) => `${label} ${percentText(to - from)}`).join(", ");
  return (
    <div class="bar" role="img" aria-label={text} title={text}>
      {shown.map(({ bucket, from, to }) => (
        <span key={bucket} class={`part cause-${bucket}`} style={{ width: `${(to - from) * 100}%` }} />
      ))}
    </div>
  );
}
