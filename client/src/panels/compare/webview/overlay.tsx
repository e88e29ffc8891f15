import type { CompareReport, Overlay } from "@nnasm/sim-core/compare";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { draw } from "../../shared/canvas.ts";
import { count } from "../../shared/numbers.ts";
import { onThemeChange, Theme, type ThemeColour } from "../../shared/theme.ts";
import {
  commonLayers,
  cycleAt,
  moved,
  type OverlayView,
  overlayHeight,
  overlayRows,
  overlaySpec,
  rowAt,
  spanAt,
  wholeView,
  zoomed,
} from "../model/overlay-spec.ts";

const COLOURS: Readonly<Record<string, ThemeColour>> = {
  background: { variables: ["--vscode-editor-background"], dark: "#1e1e1e", light: "#ffffff" },
  text: { variables: ["--vscode-editor-foreground"], dark: "#cccccc", light: "#333333" },
  faint: { variables: ["--vscode-descriptionForeground"], dark: "#999999", light: "#666666" },
  grid: { variables: ["--vscode-editorWidget-border", "--vscode-contrastBorder"], dark: "#444444", light: "#dddddd" },
  edge: { variables: ["--vscode-contrastBorder", "--vscode-editor-background"], dark: "#1e1e1e", light: "#ffffff" },
  a: { variables: ["--vscode-charts-blue"], dark: "#3794ff", light: "#1a85ff" },
  b: { variables: ["--vscode-charts-orange"], dark: "#d18616", light: "#d18616" },
  onSpan: { variables: ["--vscode-editor-foreground"], dark: "#ffffff", light: "#000000" },
};

interface OverlayProps {
  readonly overlay: NonNullable<CompareReport["overlay"]>;
  readonly align: string;
  readonly onAlign: (layer: string) => void;
}

export function Timelines({ overlay: { a, b }, align, onAlign }: OverlayProps) {
  const layers = useMemo(() => commonLayers(a, b), [a, b]);
  const layer = layers.includes(align) ? align : undefined;
  return (
    <section aria-label="Timelines">
      <h2>Both runs over time</h2>
      <div class="choices">
        <label>
          Aligned at{" "}
          <select value={layer ?? ""} onChange={(event) => onAlign(event.currentTarget.value)}>
            <option value="">the start</option>
            {layers.map((name) => (
              <option key={name} value={name}>
                layer {name}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Canvas key={`${layer}`} a={a} b={b} layer={layer} />
    </section>
  );
}

function Canvas({ a, b, layer }: { readonly a: Overlay; readonly b: Overlay; readonly layer: string | undefined }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const rows = useMemo(() => overlayRows(a, b), [a, b]);
  const whole = useMemo(() => wholeView(a, b, layer), [a, b, layer]);
  const [view, setView] = useState<OverlayView>(whole);
  const [width, setWidth] = useState(800);
  const [theme, setTheme] = useState(() => new Theme(COLOURS));
  const [told, setTold] = useState("");
  useEffect(() => onThemeChange(() => setTheme(new Theme(COLOURS))), []);
  useEffect(() => {
    const element = canvas.current;
    if (!element?.parentElement) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.max(200, Math.floor(entry!.contentRect.width))));
    observer.observe(element.parentElement);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || !canvas.current) return;
    const scale = window.devicePixelRatio || 1;
    canvas.current.width = width * scale;
    canvas.current.height = overlayHeight(rows.length) * scale;
    draw(overlaySpec(rows, view, width), context, theme, scale);
  }, [rows, view, width, theme]);
  const step = (view.to - view.from) / 10;
  const middle = (view.from + view.to) / 2;
  const keys: Readonly<Record<string, () => OverlayView>> = {
    ArrowLeft: () => moved(view, whole, -step),
    ArrowRight: () => moved(view, whole, step),
    "+": () => zoomed(view, whole, middle, 0.5),
    "-": () => zoomed(view, whole, middle, 2),
    Home: () => whole,
  };
  const tell = (event: MouseEvent): void => {
    const row = rows[rowAt(event.offsetY, rows.length)];
    const span = row && spanAt(row, cycleAt(event.offsetX, view, width), view);
    setTold(
      row && span
        ? `${row.side.toUpperCase()}, ${row.lane}: ${span.name}, cycles ${count(span.from)} to ${count(span.to)} (${count(span.to - span.from)})`
        : "",
    );
  };
  return (
    <div class="timelines">
      <canvas
        ref={canvas}
        style={{ width: `${width}px`, height: `${overlayHeight(rows.length)}px` }}
        tabIndex={0}
        role="img"
        aria-label={`Layers and units of both runs, cycles ${count(view.from)} to ${count(view.to)}. Arrow keys move, plus and minus zoom, Home shows everything.`}
        onKeyDown={(event) => {
          const next = keys[event.key];
          if (!next) return;
          event.preventDefault();
          setView(next());
        }}
        onWheel={(event) => {
          if (!event.ctrlKey && !event.shiftKey) return;
          event.preventDefault();
          const at = cycleAt(event.offsetX, view, width);
          setView(
            event.ctrlKey
              ? zoomed(view, whole, at, event.deltaY > 0 ? 1.25 : 0.8)
              : moved(view, whole, (event.deltaY / 100) * step),
          );
        }}
        onMouseMove={tell}
      />
      <p class="told" role="status">
        {told || "A is plain, B hatched. Ctrl and wheel zoom, Shift and wheel move."}
      </p>
    </div>
  );
}
