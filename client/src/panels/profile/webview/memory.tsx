import { bandwidthChart, countText, type Profile, percentText, timeText } from "@nnasm/sim-core/profile";
import { Chart } from "./chart.tsx";
import { traceMemory } from "./host.ts";
import { Place } from "./place.tsx";
import { type Column, Table } from "./table.tsx";

type Conflict = Profile["dm"]["operations"][number];

/** DDR over time, the banks of the data memory, and who lost cycles to whom there. */
export function Memory({ profile, asTime }: { readonly profile: Profile; readonly asTime: boolean }) {
  const { dm, layers, clockMHz } = profile;
  const names = new Map(layers.map(({ id, name }) => [id, name]));
  const columns: readonly Column<Conflict>[] = [
    {
      id: "at",
      title: "Operation at",
      heading: true,
      key: ({ address }) => address,
      cell: (one) => <Place place={one} />,
    },
    {
      id: "layer",
      title: "Layer",
      key: ({ layer }) => layer,
      cell: ({ layer }) => names.get(layer) ?? `layer ${layer}`,
    },
    { id: "loser", title: "Lost by", key: ({ loser }) => loser, cell: ({ loser }) => loser.toUpperCase() },
    { id: "winner", title: "To", key: ({ winner }) => winner, cell: ({ winner }) => winner.toUpperCase() },
    {
      id: "cycles",
      title: asTime ? "Time" : "Cycles",
      numeric: true,
      key: ({ cycles }) => cycles,
      cell: ({ cycles }) => (asTime ? timeText(cycles, clockMHz) : countText(cycles)),
    },
  ];
  return (
    <>
      <h2>DDR over time</h2>
      <Chart svg={bandwidthChart(profile, asTime)} />
      <h2>Banks of the data memory</h2>
      <Banks profile={profile} />
      <p class="none">
        Over the whole run.{" "}
        <button type="button" title="Traces the program, and shows memory by address and cycle" onClick={traceMemory}>
          Memory over Time
        </button>
      </p>
      {dm.operations.length === 0 ? (
        <p class="note">No operation has lost a cycle over a bank.</p>
      ) : (
        <Table
          caption="Bank conflicts by operation"
          columns={columns}
          rows={dm.operations}
          rowKey={({ address, layer, loser, winner }) => `${address} ${layer} ${loser} ${winner}`}
          limit={50}
        />
      )}
    </>
  );
}

/** Shades by how much of the most a bank has. */
const SHADES = 5;

function Banks({ profile: { dm, cycles } }: { readonly profile: Profile }) {
  const rows = [
    ["accesses", dm.banks.map(({ accesses }) => accesses)],
    ["cycles lost", dm.banks.map(({ lostCycles }) => lostCycles)],
  ] as const;
  return (
    <div class="table">
      <table class="heat">
        <caption>Accesses of operations, and cycles lost, by bank</caption>
        <thead>
          <tr>
            <th scope="col">Bank</th>
            {dm.banks.map((_, bank) => (
              <th key={bank} scope="col" class="number">
                {bank}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([title, values]) => {
            const most = Math.max(...values, 1);
            return (
              <tr key={title}>
                <th scope="row">{title}</th>
                {values.map((value, bank) => (
                  <td
                    key={bank}
                    class={`number shade-${Math.ceil((value / most) * SHADES)}`}
                    title={`Bank ${bank}: ${countText(value)} ${title}, ${percentText(value / (cycles || 1))} of the run's cycles`}
                  >
                    {countText(value)}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
