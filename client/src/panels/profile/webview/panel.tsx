import { summaryLines } from "@nnasm/sim-core/profile";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { ToWebview } from "../messages.ts";
import { type Sorting, USUAL_METRICS } from "../model.ts";
import { Advice } from "./advice.tsx";
import { Flame } from "./flame.tsx";
import { exportAs, keepPanelState, type PanelState, panelState, showHeat } from "./host.ts";
import { Levels } from "./levels.tsx";
import { Memory } from "./memory.tsx";
import { Roofline } from "./roofline.tsx";
import { Slots } from "./slots.tsx";
import { Tree } from "./tree.tsx";
import { Waits } from "./waits.tsx";

const TABS = ["Overview", "Tree", "Tables", "Flame graph", "Roofline", "Memory", "Waits", "Advice"] as const;
type Tab = (typeof TABS)[number];

/** What all views share. */
export interface Choice {
  readonly metrics: readonly string[];
  readonly sorting: Sorting;
  readonly asTime: boolean;
  readonly change: (change: PanelState) => void;
}

export function Panel({ data }: { readonly data: Extract<ToWebview, { type: "profile" }> }) {
  const { profile, program, advice } = data;
  const [state, setState] = useState<PanelState>(panelState);
  const change = (part: PanelState): void => {
    keepPanelState(part);
    setState((before) => ({ ...before, ...part }));
  };
  const tab = TABS.find((one) => one === state.tab) ?? "Overview";
  const asTime = state.asTime ?? false;
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
      if (event.key === "t" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey)
        change({ asTime: !asTime });
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  });
  const choice: Choice = {
    metrics: state.metrics ?? USUAL_METRICS,
    sorting: state.sorting ?? { column: "cycles", descending: true },
    asTime,
    change,
  };
  const summary = useMemo(() => summaryLines(profile), [profile]);
  return (
    <>
      <header>
        <h1>Profile of {program}</h1>
        <div class="actions">
          <button type="button" aria-pressed={asTime} title="Key: t" onClick={() => change({ asTime: !asTime })}>
            {asTime ? "Time" : "Cycles"}
          </button>
          <button type="button" title="Colours the lines of the source" onClick={showHeat}>
            Show heat
          </button>
          <button type="button" onClick={() => exportAs("html")}>
            Export HTML
          </button>
          <button type="button" onClick={() => exportAs("csv")}>
            CSV
          </button>
          <button type="button" onClick={() => exportAs("json")}>
            JSON
          </button>
        </div>
      </header>
      <ul class="summary">
        {summary.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <Tabs tab={tab} onTab={(next) => change({ tab: next })}>
        {tab === "Overview" && (
          <Slots profile={profile} layer={state.layer} asTime={asTime} onLayer={(layer) => change({ layer })} />
        )}
        {tab === "Tree" && <Tree profile={profile} choice={choice} open={state.open ?? [""]} />}
        {tab === "Tables" && <Levels profile={profile} choice={choice} level={state.level} />}
        {tab === "Flame graph" && <Flame profile={profile} asTime={asTime} />}
        {tab === "Roofline" && (
          <Roofline profile={profile} memory={state.memory} onMemory={(memory) => change({ memory })} />
        )}
        {tab === "Memory" && <Memory profile={profile} asTime={asTime} />}
        {tab === "Waits" && <Waits profile={profile} asTime={asTime} />}
        {tab === "Advice" && <Advice advice={advice} profile={profile} asTime={asTime} />}
      </Tabs>
    </>
  );
}

interface TabsProps {
  readonly tab: Tab;
  readonly onTab: (tab: Tab) => void;
  readonly children: ComponentChildren;
}

function Tabs({ tab, onTab, children }: TabsProps) {
  const press = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const next = TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length]!;
    onTab(next);
    document.getElementById(tabId(next))?.focus();
  };
  return (
    <>
      <div role="tablist" class="tabs" aria-label="Views of the profile" onKeyDown={press}>
        {TABS.map((name) => (
          <button
            key={name}
            id={tabId(name)}
            type="button"
            role="tab"
            aria-selected={name === tab}
            aria-controls="view"
            tabIndex={name === tab ? 0 : -1}
            onClick={() => onTab(name)}
          >
            {name}
          </button>
        ))}
      </div>
      <div id="view" role="tabpanel" aria-labelledby={tabId(tab)}>
        {children}
      </div>
    </>
  );
}

const tabId = (name: Tab): string => `tab-${name.replaceAll(" ", "-")}`;
