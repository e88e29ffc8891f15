import { METRICS } from "@nnasm/sim-core/profile";
import type { Choice } from "./panel.tsx";

const GROUPS = [
  ["time", "Time"],
  ["stalls", "Stalls of the control unit"],
  ["work", "Work"],
  ["slots", "MAC slots"],
  ["memory", "Memory"],
] as const;

/** Chooses the columns of tree and tables. */
export function MetricPicker({ choice: { metrics, change } }: { readonly choice: Choice }) {
  const toggle = (id: string): void => {
    const next = METRICS.map((metric) => metric.id).filter((one) => (one === id) !== metrics.includes(one));
    change({ metrics: next });
  };
  return (
    <details class="picker">
      <summary>Columns</summary>
      <div class="groups">
        {GROUPS.map(([group, title]) => (
          <fieldset key={group}>
            <legend>{title}</legend>
            {METRICS.filter((metric) => metric.group === group).map(({ id, label, text }) => (
              <label key={id} title={text}>
                <input type="checkbox" checked={metrics.includes(id)} onChange={() => toggle(id)} /> {label}
              </label>
            ))}
          </fieldset>
        ))}
      </div>
    </details>
  );
}
