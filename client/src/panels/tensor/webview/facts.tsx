/** What the values are like as a whole: counts, and a histogram. */
import { count as countText } from "../../shared/numbers.ts";
import type { Statistics } from "./state.ts";

interface FactsProps {
  readonly statistics: Statistics | undefined;
  readonly isDifference: boolean;
  text(value: number): string;
}

const WIDTH = 220;
const HEIGHT = 80;

export function Facts({ statistics, isDifference, text }: FactsProps) {
  if (!statistics) return null;
  const { count, min, max, mean, zeros, saturatedLow, saturatedHigh, changed } = statistics;
  const share = (part: number): string => `${countText(part)} (${((100 * part) / Math.max(1, count)).toFixed(1)} %)`;
  const rows: readonly (readonly [string, string])[] = [
    ["elements", countText(count)],
    ["smallest", text(min)],
    ["largest", text(max)],
    ["mean", String(Number(mean.toPrecision(5)))],
    [isDifference ? "equal" : "zeros", share(zeros)],
    ...(isDifference
      ? []
      : ([
          ["at the type's smallest", share(saturatedLow)],
          ["at the type's largest", share(saturatedHigh)],
          ["changed since the last stop", share(changed)],
        ] as const)),
  ];
  return (
    <>
      <table class="facts">
        <caption>{isDifference ? "The difference" : "The values"}</caption>
        <tbody>
          {rows.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Histogram statistics={statistics} text={text} />
    </>
  );
}

function Histogram({ statistics, text }: { readonly statistics: Statistics; text(value: number): string }) {
  const { bins, min, max } = statistics;
  const highest = Math.max(1, ...bins);
  const width = WIDTH / Math.max(1, bins.length);
  const fullest = bins.indexOf(highest);
  const label = `Histogram from ${text(min)} to ${text(max)} in ${bins.length} steps; most, ${countText(highest)}, in step ${fullest + 1}`;
  return (
    <figure>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} role="img" aria-label={label}>
        {bins.map((amount, at) => {
          // Few elements are to be seen beside many.
          const height = amount === 0 ? 0 : Math.max(1.5, (HEIGHT * Math.log1p(amount)) / Math.log1p(highest));
          return (
            <rect
              key={at}
              x={at * width}
              y={HEIGHT - height}
              width={Math.max(0.5, width - 0.5)}
              height={height}
              class="bin"
            >
              <title>{countText(amount)}</title>
            </rect>
          );
        })}
      </svg>
      <figcaption>
        <span>{text(min)}</span>
        <span class="dim">log. count</span>
        <span>{text(max)}</span>
      </figcaption>
    </figure>
  );
}
