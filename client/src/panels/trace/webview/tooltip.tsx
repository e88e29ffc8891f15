import type { Item } from "@nnasm/sim-core/trace";
import { useEffect, useRef } from "preact/hooks";

interface Props {
  readonly item: Item;
  /** Where the pointer is, on the canvas. */
  readonly x: number;
  readonly y: number;
  readonly canvas: HTMLCanvasElement | null;
  /** The item's cycles, or time. */
  readonly when?: string;
}

/** What the pointer rests on. */
export function Tooltip({ item, x, y, canvas, when }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = box;
    if (!current || !canvas) return;
    const { left, top } = canvas.getBoundingClientRect();
    const { width, height } = current.getBoundingClientRect();
    // Beside the pointer, and inside the window.
    current.style.left = `${Math.max(4, Math.min(innerWidth - width - 8, left + x + 14))}px`;
    current.style.top = `${top + y + 18 + height > innerHeight ? top + y - height - 10 : top + y + 18}px`;
  });
  return (
    <div ref={box} class="tooltip" aria-hidden="true">
      <b>{item.title}</b>
      {when && <span class="when">{when}</span>}
      <table>
        <tbody>
          {item.rows.map(([label, value]) => (
            <tr key={label + value}>
              <th>{label}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
