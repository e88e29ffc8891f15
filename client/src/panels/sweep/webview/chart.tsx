/** A diagram of points and lines, as SVG in the theme's colours. */
import { marksUpTo, ticks } from "../model/sweep-view.ts";

export interface Dot {
  readonly id: number;
  readonly x: number;
  readonly y: number;
  readonly label: string;
  readonly isFront?: boolean;
}

export interface Line {
  readonly name: string;
  readonly dots: readonly Dot[];
}

export interface ChartAxis {
  readonly title: string;
  readonly text: (value: number) => string;
  /** Names of the places 0, 1, ... of an axis without numbers. */
  readonly names?: readonly string[];
}

interface ChartProps {
  readonly title: string;
  readonly x: ChartAxis;
  readonly y: ChartAxis;
  readonly lines: readonly Line[];
  /** Dots without lines, behind the lines. */
  readonly dots?: readonly Dot[];
  readonly chosen: number | undefined;
  readonly onChoose: (id: number) => void;
}

const WIDTH = 640;
const HEIGHT = 320;
const LEFT = 90;
const RIGHT = 20;
const TOP = 14;
const BOTTOM = 48;

/** Lines are told apart by dashes, too: not everybody sees colours. */
const DASHES = ["", "6 3", "2 3", "8 3 2 3", "1 4"];

export function Chart({ title, x, y, lines, dots = [], chosen, onChoose }: ChartProps) {
  const all = [...dots, ...lines.flatMap((line) => line.dots)];
  if (all.length === 0) return <p class="note">No point of this sweep could be measured.</p>;
  const xs = all.map((dot) => dot.x);
  const ys = all.map((dot) => dot.y);
  const xFrom = x.names ? -0.3 : Math.min(...xs) - padding(xs);
  const xTo = x.names ? x.names.length - 0.7 : Math.max(...xs) + padding(xs);
  const yMarks = marksUpTo(Math.max(...ys));
  const yTo = yMarks.at(-1)!;
  const left = (value: number): number => LEFT + ((value - xFrom) / (xTo - xFrom)) * (WIDTH - LEFT - RIGHT);
  const top = (value: number): number => HEIGHT - BOTTOM - (value / yTo) * (HEIGHT - TOP - BOTTOM);
  const xMarks = x.names ? x.names.map((_, i) => i) : ticks(Math.max(0, xFrom), xTo);
  const mark = (dot: Dot) => (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no button
    <circle
      key={dot.id}
      class={`dot${dot.isFront ? " front" : ""}${dot.id === chosen ? " chosen" : ""}`}
      cx={left(dot.x)}
      cy={top(dot.y)}
      r={dot.isFront || dot.id === chosen ? 6 : 4}
      // In lower case: attributes of SVG are not those of HTML, and the other would not take the focus.
      tabindex={0}
      role="button"
      aria-label={dot.label}
      aria-pressed={dot.id === chosen}
      onClick={() => onChoose(dot.id)}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        onChoose(dot.id);
      }}
    >
      <title>{dot.label}</title>
    </circle>
  );
  return (
    <figure>
      {/* biome-ignore lint/a11y/useSemanticElements: SVG has no fieldset */}
      <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="group" aria-label={title}>
        {yMarks.map((value) => (
          <g key={value} class="mark">
            <line x1={LEFT} x2={WIDTH - RIGHT} y1={top(value)} y2={top(value)} />
            <text x={LEFT - 6} y={top(value)} text-anchor="end" dominant-baseline="middle">
              {y.text(value)}
            </text>
          </g>
        ))}
        {xMarks.map((value) => (
          <text key={value} class="axis" x={left(value)} y={HEIGHT - BOTTOM + 16} text-anchor="middle">
            {x.names ? x.names[value] : x.text(value)}
          </text>
        ))}
        <text class="axis" x={(LEFT + WIDTH - RIGHT) / 2} y={HEIGHT - 8} text-anchor="middle">
          {x.title}
        </text>
        <text
          class="axis"
          x={12}
          y={HEIGHT / 2 - 20}
          text-anchor="middle"
          transform={`rotate(-90 12 ${HEIGHT / 2 - 20})`}
        >
          {y.title}
        </text>
        {dots.map(mark)}
        {lines.map((line, i) => (
          <g key={line.name} class={`line line-${i % 6}`}>
            <polyline
              points={line.dots.map((dot) => `${left(dot.x)},${top(dot.y)}`).join(" ")}
              stroke-dasharray={DASHES[i % DASHES.length]}
            />
            {line.dots.map(mark)}
          </g>
        ))}
      </svg>
      {lines.length > 1 && (
        <figcaption>
          <ul class="legend">
            {lines.map((line, i) => (
              <li key={line.name} class={`line line-${i % 6}`}>
                <svg class="key" viewBox="0 0 28 8" aria-hidden="true">
                  <polyline points="0,4 28,4" stroke-dasharray={DASHES[i % DASHES.length]} />
                </svg>
                {line.name}
              </li>
            ))}
          </ul>
        </figcaption>
      )}
    </figure>
  );
}

function padding(values: readonly number[]): number {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return high > low ? (high - low) * 0.06 : Math.max(1, high * 0.1);
}
