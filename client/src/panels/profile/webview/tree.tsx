import { layerPlaces, type Profile } from "@nnasm/sim-core/profile";
import { useMemo } from "preact/hooks";
import { metricsOf, rowView, shownTree, type TreeRow, treeRows } from "../model.ts";
import { openSource } from "./host.ts";
import { MetricPicker } from "./metrics.tsx";
import type { Choice } from "./panel.tsx";
import { Place } from "./place.tsx";
import { HeadCell } from "./table.tsx";

interface TreeProps {
  readonly profile: Profile;
  readonly choice: Choice;
  readonly open: readonly string[];
}

/** From the program down to its instructions: what is further in is a part of what is above it. */
export function Tree({ profile, choice, open }: TreeProps) {
  const { metrics: ids, sorting, asTime, change } = choice;
  const metrics = useMemo(() => metricsOf(ids), [ids]);
  const root = useMemo(() => shownTree(profile), [profile]);
  const places = useMemo(() => layerPlaces(profile), [profile]);
  const rows = useMemo(() => treeRows(profile, root, new Set(open), sorting), [profile, root, open, sorting]);
  const setOpen = (path: string, on: boolean): void =>
    change({ open: on ? [...open, path] : open.filter((one) => one !== path) });
  const placeOf = ({ node }: TreeRow) => (node.level === "layer" ? places.get(Number(node.key)) : node.place);

  const press = (event: KeyboardEvent, row: TreeRow): void => {
    const { currentTarget } = event;
    if (!(currentTarget instanceof HTMLElement)) return;
    const place = placeOf(row);
    if (event.key === "ArrowDown") focus(currentTarget.nextElementSibling);
    else if (event.key === "ArrowUp") focus(currentTarget.previousElementSibling);
    else if (event.key === "ArrowRight" && row.expanded === false) setOpen(row.path, true);
    else if (event.key === "ArrowLeft" && row.expanded) setOpen(row.path, false);
    else if (event.key === "ArrowLeft") {
      const parent = row.path.slice(0, row.path.lastIndexOf("/"));
      focus(currentTarget.parentElement?.querySelector(`[data-path="${CSS.escape(parent)}"]`) ?? null);
    } else if (event.key === "Enter" && event.target === currentTarget && place?.file !== undefined) {
      openSource(place.file, place.line!);
    } else return;
    event.preventDefault();
  };

  return (
    <>
      <div class="toolbar">
        <MetricPicker choice={choice} />
      </div>
      <div class="table">
        {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: rows expand and take keys, as the pattern of tree grids says */}
        <table role="treegrid">
          <caption>Program, layers, functions, lines and instructions</caption>
          <thead>
            <tr>
              <th scope="col">Part</th>
              <th scope="col" class="number" title="Of the run's cycles">
                Share
              </th>
              {metrics.map(({ id, label, text }) => (
                <HeadCell
                  key={id}
                  column={{ id, title: label, hint: text, numeric: true, key: () => 0 }}
                  sort={sorting}
                  onSort={(next) => change({ sorting: next })}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => {
              const { share, cells } = rowView(profile, row.node, metrics, asTime);
              return (
                <tr
                  key={row.path}
                  data-path={row.path}
                  aria-level={row.depth + 1}
                  aria-expanded={row.expanded}
                  tabIndex={index === 0 ? 0 : -1}
                  onKeyDown={(event) => press(event, row)}
                >
                  <th scope="row" class={`depth-${Math.min(row.depth, 5)}`}>
                    <Twisty row={row} onToggle={() => setOpen(row.path, !row.expanded)} />
                    <Place place={placeOf(row)} text={row.node.name} />
                  </th>
                  <td class="number">{share}</td>
                  {cells.map(({ text }, cell) => (
                    <td key={metrics[cell]!.id} class="number">
                      {text}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Twisty({ row: { expanded, node }, onToggle }: { readonly row: TreeRow; readonly onToggle: () => void }) {
  if (expanded === undefined) return <span class="twisty" />;
  return (
    <button
      type="button"
      class="twisty"
      tabIndex={-1}
      aria-label={`${expanded ? "Collapse" : "Expand"} ${node.name}`}
      onClick={onToggle}
    >
      {expanded ? "▾" : "▸"}
    </button>
  );
}

const focus = (element: Element | null): void => {
  if (element instanceof HTMLElement) element.focus();
};
