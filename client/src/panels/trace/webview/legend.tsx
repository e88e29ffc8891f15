import type { TimelineInfo } from "@nnasm/sim-core/trace";
import { useEffect, useRef } from "preact/hooks";
import { draw } from "../../shared/canvas.ts";
import { onThemeChange, Theme } from "../../shared/theme.ts";
import { COLOURS, colourOf, PATTERNS } from "../model/colours.ts";

/** What the colours of the control unit's row, of the bandwidth and of banks mean, drawn as the rows are. */
export function Legend({ info }: { readonly info: TimelineInfo }) {
  const firstBank = info.tracks.find(({ kind }) => kind === "bank");
  const tracks = info.tracks.filter(
    (track) => track.kind === "causes" || track.kind === "bandwidth" || track === firstBank,
  );
  const entries = tracks.flatMap(({ kind, title, series }) =>
    series.map(({ name, text }) => ({
      colour: kind === "causes" ? colourOf(`cause-${name}`) : name,
      label: kind === "causes" ? (text.split(":")[0] ?? name) : kind === "bank" ? `bank ${name}` : `${title} ${text}`,
      text,
    })),
  );
  return (
    <ul class="legend" aria-label="Colours">
      {entries.map(({ colour, label, text }) => (
        <li key={label} title={text}>
          <Swatch colour={colour} />
          {label}
        </li>
      ))}
    </ul>
  );
}

const SIZE = 12;

/** A colour as the rows have it. */
export function Swatch({ colour }: { readonly colour: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const paint = (): void => {
      const context = canvas.current?.getContext("2d");
      if (!context) return;
      const theme = new Theme(COLOURS);
      const pattern = theme.isContrast ? PATTERNS[colour] : undefined;
      const values = Float32Array.of(0, 0, SIZE, SIZE);
      const rects = [{ colour, values, ...(pattern ? { pattern } : {}) }];
      const outlines = [{ colour: "border", values }];
      const layer = { rects, outlines, lines: [], arrows: [], texts: [] };
      draw({ width: SIZE, height: SIZE, background: "background", layers: [layer] }, context, theme, devicePixelRatio);
    };
    paint();
    return onThemeChange(paint);
  }, [colour]);
  const size = Math.round(SIZE * devicePixelRatio);
  return <canvas ref={canvas} class="swatch" width={size} height={size} />;
}
