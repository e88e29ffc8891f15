import { flameBoxes, type Profile, percentText } from "@nnasm/sim-core/profile";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { draw } from "../../shared/canvas.ts";
import { onThemeChange, Theme, type ThemeColour } from "../../shared/theme.ts";
import { boxAt, boxText, flameSpec, foundShare, neighbour } from "../flame-model.ts";
import { openSource } from "./host.ts";

const own = (dark: string, light: string): ThemeColour => ({ variables: [], dark, light });
const ui = (dark: string, light: string, name: string): ThemeColour => ({
  variables: [`--vscode-${name}`],
  dark,
  light,
});

/** Warm colours that dark letters can be read on in every theme. */
const COLOURS: Readonly<Record<string, ThemeColour>> = {
  background: ui("#1e1e1e", "#ffffff", "editor-background"),
  text: ui("#cccccc", "#333333", "editor-foreground"),
  focus: ui("#ffffff", "#000000", "editor-foreground"),
  ink: own("#161616", "#161616"),
  dimmed: ui("#3a3a3a", "#e4e4e4", "editor-inactiveSelectionBackground"),
  found: own("#c58af9", "#c58af9"),
  "flame-0": own("#e8a04c", "#f2b066"),
  "flame-1": own("#e57d56", "#f0936f"),
  "flame-2": own("#d9b84a", "#e8ca65"),
  "flame-3": own("#dd9668", "#eeae86"),
};

/** Functions by call path, as wide as their cycles. */
export function Flame({ profile, asTime }: { readonly profile: Profile; readonly asTime: boolean }) {
  const boxes = useMemo(() => flameBoxes(profile.calls), [profile]);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [zoom, setZoom] = useState(0);
  const [selected, setSelected] = useState(0);
  const [search, setSearch] = useState("");
  const [width, setWidth] = useState(0);
  const [theme, setTheme] = useState(() => new Theme(COLOURS));
  useEffect(() => onThemeChange(() => setTheme(new Theme(COLOURS))), []);
  useEffect(() => {
    const holder = canvas.current?.parentElement;
    if (!holder) return;
    const observer = new ResizeObserver(() => setWidth(holder.clientWidth));
    observer.observe(holder);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!canvas.current || !context || width === 0 || boxes.length === 0) return;
    const spec = flameSpec(profile, boxes, { zoom, selected, search }, width);
    const scale = window.devicePixelRatio;
    canvas.current.width = Math.ceil(spec.width * scale);
    canvas.current.height = Math.ceil(spec.height * scale);
    canvas.current.style.width = `${spec.width}px`;
    canvas.current.style.height = `${spec.height}px`;
    draw(spec, context, theme, scale);
  }, [profile, boxes, zoom, selected, search, width, theme]);

  const zoomed = boxes.find(({ node }) => node === zoom) ?? boxes[0];
  const box = boxes.find(({ node }) => node === selected) ?? boxes[0];
  if (!zoomed || !box) return <p class="note">No call path has taken a cycle.</p>;
  const boxOf = ({ offsetX, offsetY }: MouseEvent) => boxAt(boxes, zoomed, width, offsetX, offsetY);
  const open = (): void => {
    const { file, line } = profile.calls[selected]!;
    if (file !== undefined && line !== undefined) openSource(file, line);
  };
  const press = (event: KeyboardEvent): void => {
    const next = neighbour(boxes, box, event.key);
    if (next) setSelected(next.node);
    else if (event.key === "Enter") setZoom(selected);
    else if (event.key === "Escape") setZoom(0);
    else if (event.key === "o" || event.key === "F12") open();
    else if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
  };
  const place = profile.calls[selected]!;
  return (
    <>
      <div class="toolbar">
        <label>
          Find <input type="search" value={search} onInput={({ currentTarget }) => setSearch(currentTarget.value)} />
        </label>
        {search !== "" && <span>{percentText(foundShare(profile, boxes, search))} of the cycles</span>}
        <button type="button" disabled={zoom === 0} onClick={() => setZoom(0)}>
          Whole program
        </button>
      </div>
      <p class="selected" aria-live="polite">
        {boxText(profile, selected, asTime)}{" "}
        {place.file !== undefined && (
          <button type="button" class="link" onClick={open}>
            {`${place.file.split(/[\\/]/).at(-1)}:${place.line}`}
          </button>
        )}
      </p>
      <div class="canvas">
        {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: a canvas that takes keys */}
        <canvas
          ref={canvas}
          tabIndex={0}
          role="application"
          aria-label="Flame graph: arrow keys go to callers, callees and neighbours, Enter zooms, Escape zooms out, o opens the source"
          onKeyDown={press}
          onMouseMove={(event) => {
            const under = boxOf(event);
            event.currentTarget.title = under ? boxText(profile, under.node, asTime) : "";
          }}
          onClick={(event) => {
            const under = boxOf(event);
            if (!under) return;
            setSelected(under.node);
            const { file, line } = profile.calls[under.node]!;
            if (event.ctrlKey || event.metaKey) setZoom(under.node);
            else if (file !== undefined && line !== undefined) openSource(file, line);
          }}
          onDblClick={(event) => {
            const under = boxOf(event);
            if (under) setZoom(under.node);
          }}
        />
      </div>
      <p class="none">A click opens the function, a double click or Enter zooms, Escape shows everything.</p>
    </>
  );
}
