/** What of the tensor is looked at, and how. */
import { useEffect, useState } from "preact/hooks";
import { chooseFile } from "../../shared/debug-page.ts";
import type { Palette } from "../model/pixels.ts";
import { AXES, type Plane, restAxis, withAxis } from "../model/plane.ts";
import type { Notation } from "../model/values.ts";
import type { Choices, Comparison, Description } from "./state.ts";

interface ToolbarProps {
  readonly choices: Choices;
  readonly description: Description | undefined;
  readonly plane: Plane;
  readonly names: readonly string[];
  change(change: Partial<Choices>): void;
  zoom(factor: number | "fit"): void;
}

const PLANES = [
  ["x", "Right"],
  ["y", "Down"],
  ["strip", "Slices"],
] as const;

export function Toolbar({ choices, description, plane, names, change, zoom }: ToolbarProps) {
  const dims = description?.dims ?? [1, 1, 1, 1];
  const [text, setText] = useState(choices.expression);
  useEffect(() => setText(choices.expression), [choices.expression]);
  const rest = restAxis(plane);
  const moved = { slice: 0, rest: 0, viewport: undefined, selected: undefined };
  return (
    <form class="bar" aria-label="Tensor" onSubmit={(event) => event.preventDefault()}>
      <label>
        Tensor
        <input
          class="expression"
          list="tensors"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onChange={(event) => change({ ...moved, expression: event.currentTarget.value.trim(), plane: undefined })}
        />
      </label>
      <datalist id="tensors">
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <fieldset>
        <legend>Axes</legend>
        {PLANES.map(([what, label]) => (
          <label key={what}>
            {label}
            <select
              value={plane[what]}
              onChange={(event) =>
                change({ ...moved, plane: withAxis(plane, what, Number(event.currentTarget.value)) })
              }
            >
              {AXES.map((name, axis) => (
                <option key={name} value={axis}>
                  {name} ({dims[axis]})
                </option>
              ))}
            </select>
          </label>
        ))}
        {dims[rest]! > 1 && (
          <label>
            {AXES[rest]}
            <input
              type="number"
              min={0}
              max={dims[rest]! - 1}
              value={choices.rest}
              onChange={(event) =>
                change({ rest: Math.min(dims[rest]! - 1, Math.max(0, Math.floor(Number(event.currentTarget.value)))) })
              }
            />
          </label>
        )}
      </fieldset>
      <label>
        Numbers
        <select
          value={choices.notation}
          onChange={(event) => change({ notation: event.currentTarget.value as Notation })}
        >
          <option value="decimal">decimal</option>
          <option value="hex">hexadecimal</option>
          <option value="real" disabled={!description || description.scale === 0}>
            real values
          </option>
        </select>
      </label>
      <label>
        Colours
        <select value={choices.palette} onChange={(event) => change({ palette: event.currentTarget.value as Palette })}>
          <option value="heat">heat</option>
          <option value="grey">grey</option>
          <option value="signed">signs</option>
        </select>
      </label>
      <Compared compare={choices.compare} description={description} change={change} />
      <label>
        <input
          type="checkbox"
          checked={choices.marksChanges}
          onChange={(event) => change({ marksChanges: event.currentTarget.checked })}
        />
        Mark changes
      </label>
      <fieldset aria-label="Zoom">
        <button type="button" aria-label="Zoom out" onClick={() => zoom(1 / 1.5)}>
          −
        </button>
        <button type="button" aria-label="Zoom in" onClick={() => zoom(1.5)}>
          +
        </button>
        <button type="button" onClick={() => zoom("fit")}>
          Fit
        </button>
      </fieldset>
    </form>
  );
}

interface ComparedProps {
  readonly compare: Comparison | undefined;
  readonly description: Description | undefined;
  change(change: Partial<Choices>): void;
}

function Compared({ compare, description, change }: ComparedProps) {
  const kind = compare === undefined ? "nothing" : "cycle" in compare ? "cycle" : "file";
  const pick = async (): Promise<void> => {
    const file = await chooseFile();
    if (file !== undefined) change({ compare: { file }, palette: "signed" });
  };
  return (
    <>
      <label>
        Minus
        <select
          aria-label="Difference with"
          value={kind}
          onChange={(event) => {
            const chosen = event.currentTarget.value;
            if (chosen === "nothing") change({ compare: undefined, palette: "heat" });
            else if (chosen === "cycle") {
              change({ compare: { cycle: description?.lastStop ?? 0 }, palette: "signed" });
            } else {
              // Shown only when a file has been chosen.
              event.currentTarget.value = kind;
              void pick();
            }
          }}
        >
          <option value="nothing">nothing</option>
          <option value="cycle">itself at cycle</option>
          <option value="file">a file…</option>
        </select>
      </label>
      {compare !== undefined && "cycle" in compare && (
        <input
          type="number"
          min={0}
          aria-label="Cycle to compare with"
          class="cycle"
          value={compare.cycle}
          onChange={(event) =>
            change({ compare: { cycle: Math.max(0, Math.floor(Number(event.currentTarget.value))) } })
          }
        />
      )}
      {compare !== undefined && "file" in compare && (
        <button type="button" title={compare.file} onClick={() => void pick()}>
          {compare.file.split(/[\\/]/).at(-1)}
        </button>
      )}
    </>
  );
}
