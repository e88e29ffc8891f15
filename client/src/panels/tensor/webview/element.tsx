/** The selected element: its values in all notations, and a field that changes it. */
import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask } from "../../shared/debug-page.ts";
import { storedValue, valueText } from "../model/values.ts";
import type { Choices, Description } from "./state.ts";

interface ElementProps {
  readonly choices: Choices;
  readonly description: Description;
  /** n, h, w, c */
  readonly index: readonly number[];
  /** The stored value; undefined while it isn't known, or where a difference is shown. */
  readonly stored: number | undefined;
  /** As it is shown in the image. */
  readonly shown: string | undefined;
  readonly canEdit: boolean;
  readonly field: RefObject<HTMLInputElement | null>;
  changed(message: string): void;
}

export function Element({ choices, description, index, stored, shown, canEdit, field, changed }: ElementProps) {
  const { notation, expression } = choices;
  const current = stored === undefined ? "" : valueText(stored, notation, description);
  const [text, setText] = useState(current);
  const [problem, setProblem] = useState("");
  const place = index.join(",");
  useEffect(() => {
    setText(current);
    setProblem("");
  }, [current, place]);
  const write = async (): Promise<void> => {
    const value = storedValue(text, notation, description);
    if (typeof value === "string") {
      setProblem(value);
      return;
    }
    try {
      await ask("setExpression", { expression: `${expression}[${place}]`, value: String(value) });
      const future =
        description.end === undefined
          ? ""
          : ` A new future begins at cycle ${description.cycle.toLocaleString("en")}: what came behind it is forgotten when the program goes on.`;
      changed(`${expression}[${place}] is ${valueText(value, notation, description)} now.${future}`);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <form
      class="element"
      aria-label="Selected element"
      onSubmit={(event) => {
        event.preventDefault();
        void write();
      }}
    >
      <h2>
        {expression}[{place}]
      </h2>
      {shown !== undefined && <p class="shown">{shown}</p>}
      {stored !== undefined && (
        <p class="dim">
          {valueText(stored, "decimal", description)}, {valueText(stored, "hex", description)}
          {description.scale !== 0 && `, real ${valueText(stored, "real", description)}`}
        </p>
      )}
      {stored !== undefined && (
        <label>
          Value
          <input
            ref={field}
            class="value"
            value={text}
            disabled={!canEdit}
            aria-invalid={problem !== ""}
            aria-describedby="element-problem"
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
      )}
      {stored !== undefined && (
        <button type="submit" disabled={!canEdit}>
          Change
        </button>
      )}
      <p id="element-problem" class="problem" role="alert">
        {problem}
      </p>
    </form>
  );
}
