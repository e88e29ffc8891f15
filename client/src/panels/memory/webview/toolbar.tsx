/** Where to look, what to look for, and as what. */
import { useState } from "preact/hooks";
import { ask } from "../../shared/debug-page.ts";
import { base64, CELL_TYPES, searchPattern } from "../model/cells.ts";
import { hex, type NamedRange, type Region } from "../model/space.ts";
import type { Choices } from "./state.ts";

interface ToolbarProps {
  readonly choices: Choices;
  readonly regions: readonly Region[];
  readonly names: readonly NamedRange[];
  /** Where a search begins. */
  readonly here: number;
  change(change: Partial<Choices>): void;
  go(expression: string): void;
  goTo(address: number, bytes?: number): void;
}

export function Toolbar({ choices, regions, names, here, change, go, goTo }: ToolbarProps) {
  const [said, setSaid] = useState("");
  const find = async (back: boolean): Promise<void> => {
    const pattern = searchPattern(choices.search, choices.searchKind);
    if (typeof pattern === "string") {
      setSaid(pattern);
      return;
    }
    const { bytes, alignment } = pattern;
    const wanted = { pattern: base64(bytes), alignment, back };
    try {
      const from = back ? here - 1 : here + 1;
      const next = await ask<{ address?: number }>("nnasm/searchMemory", { ...wanted, from });
      const again = back ? 2 ** 32 : 0;
      const found =
        next.address ?? (await ask<{ address?: number }>("nnasm/searchMemory", { ...wanted, from: again })).address;
      if (found === undefined) setSaid("Not found in any memory");
      else {
        const isAround = next.address === undefined;
        setSaid(`Found at ${hex(found)}${isAround ? `, from the ${back ? "end" : "beginning"} on` : ""}`);
        goTo(found, bytes.length);
      }
    } catch (error) {
      setSaid(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <div class="tools">
      <form
        class="bar"
        aria-label="Place"
        onSubmit={(event) => {
          event.preventDefault();
          go(choices.expression);
        }}
      >
        <label>
          Go to
          <input
            class="expression"
            list="places"
            value={choices.expression}
            placeholder="sp, image, 0x10000000"
            onInput={(event) => change({ expression: event.currentTarget.value })}
          />
        </label>
        <datalist id="places">
          {names.slice(0, 500).map(({ name, address }) => (
            <option key={`${name} ${address}`} value={name} />
          ))}
        </datalist>
        <button type="submit">Go</button>
        <label>
          <input
            type="checkbox"
            checked={choices.isFollowing}
            onChange={(event) => {
              change({ isFollowing: event.currentTarget.checked });
              if (event.currentTarget.checked) go(choices.expression);
            }}
          />
          Follow at each stop
        </label>
        <fieldset aria-label="Memories">
          {regions.map(({ name, address }) => (
            <button key={name} type="button" onClick={() => goTo(address)}>
              {name}
            </button>
          ))}
        </fieldset>
        <label>
          As
          <select value={choices.type} onChange={(event) => change({ type: event.currentTarget.value })}>
            {CELL_TYPES.map(({ id, label }) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </select>
        </label>
      </form>
      <form
        class="bar"
        aria-label="Search"
        onSubmit={(event) => {
          event.preventDefault();
          void find(false);
        }}
      >
        <label>
          Search
          <input
            class="expression"
            value={choices.search}
            placeholder="de ad be ef"
            onInput={(event) => change({ search: event.currentTarget.value })}
          />
        </label>
        <select
          aria-label="What is searched for"
          value={choices.searchKind}
          onChange={(event) => change({ searchKind: event.currentTarget.value })}
        >
          <option value="bytes">bytes</option>
          <option value="text">text</option>
          {CELL_TYPES.filter(({ kind }) => kind !== "hex").map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </select>
        <button type="submit">Next</button>
        <button type="button" onClick={() => void find(true)}>
          Previous
        </button>
        <span class="dim" aria-live="polite">
          {said}
        </span>
      </form>
    </div>
  );
}
