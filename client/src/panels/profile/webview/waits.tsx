import { countText, type Profile, percentText, timeText, type WaitProfile } from "@nnasm/sim-core/profile";
import { Place } from "./place.tsx";
import { type Column, Table } from "./table.tsx";

/** Who waited for whom. */
export function Waits({ profile, asTime }: { readonly profile: Profile; readonly asTime: boolean }) {
  const { waits, cycles: all, clockMHz } = profile;
  if (waits.length === 0) return <p class="note">Nobody waited for anybody.</p>;
  const columns: readonly Column<WaitProfile>[] = [
    { id: "unit", title: "Who", heading: true, key: ({ unit }) => unit, cell: ({ unit }) => unit.toUpperCase() },
    { id: "at", title: "At", key: ({ at }) => at.address, cell: ({ at }) => <Place place={at} /> },
    {
      id: "cause",
      title: "Why",
      key: ({ cause }) => cause,
      cell: ({ cause }) => (cause === "queueFull" ? "its queue was full" : "for a token"),
    },
    { id: "byUnit", title: "For", key: ({ byUnit }) => byUnit, cell: ({ byUnit }) => byUnit.toUpperCase() },
    { id: "by", title: "Issued at", key: ({ by }) => by.address, cell: ({ by }) => <Place place={by} /> },
    {
      id: "cycles",
      title: asTime ? "Time" : "Cycles",
      numeric: true,
      key: ({ cycles }) => cycles,
      cell: ({ cycles }) => (asTime ? timeText(cycles, clockMHz) : countText(cycles)),
    },
    {
      id: "share",
      title: "Share",
      hint: "Of the run's cycles; units wait at the same time, so shares don't add up",
      numeric: true,
      key: ({ cycles }) => cycles,
      cell: ({ cycles }) => percentText(cycles / (all || 1)),
    },
    { id: "count", title: "Times", numeric: true, key: ({ count }) => count, cell: ({ count }) => countText(count) },
  ];
  const keyOf = ({ unit, at, cause, byUnit, by }: WaitProfile): string =>
    `${unit} ${at.address} ${cause} ${byUnit} ${by.address}`;
  return (
    <Table caption="Who waited for whom, the longest first" columns={columns} rows={waits} rowKey={keyOf} limit={100} />
  );
}
