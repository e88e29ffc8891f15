import type { Item } from "@nnasm/sim-core/trace";
import { useEffect, useState } from "preact/hooks";
import { count } from "../../shared/numbers.ts";
import type { View } from "../model/view.ts";
import { ask } from "./host.ts";

const MOST = 200;

/** What the timeline shows, for those who don't see it: the items of its stretch, by their beginning. */
export function ItemsTable({ view, onChoose }: { readonly view: View; onChoose(item: Item): void }) {
  const [items, setItems] = useState<readonly Item[]>([]);
  useEffect(() => {
    let isWanted = true;
    // Not for every step of a zoom.
    const timer = setTimeout(() => {
      void ask("items", { from: view.from, to: view.to, limit: MOST }).then((found) => {
        if (isWanted) setItems(found);
      });
    }, 150);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [view.from, view.to]);
  return (
    <div class="items">
      <table>
        <caption>
          {items.length === MOST ? `The first ${MOST} items` : `${items.length} items`} in cycles {count(view.from)} to{" "}
          {count(view.to)}
        </caption>
        <thead>
          <tr>
            <th>Row</th>
            <th>Item</th>
            <th class="number">From cycle</th>
            <th class="number">Cycles</th>
            <th>Source</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item, i) => (
            <tr key={`${item.track} ${item.from} ${i}`}>
              <td>{item.track.replace("unit-", "").toUpperCase()}</td>
              <th scope="row">
                <button type="button" onClick={() => onChoose(item)}>
                  {item.title}
                </button>
              </th>
              <td class="number">{count(item.from)}</td>
              <td class="number">{count(item.to - item.from)}</td>
              <td>{item.place ? `${item.place.file.split(/[\\/]/).at(-1)}:${item.place.line}` : ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
