/** The flame graph as a picture that doesn't move: for reports. Panels draw and zoom their own. */
import { flameBoxes } from "../flame.ts";
import type { Profile } from "../model.ts";
import { countText, percentText } from "../numbers.ts";
import { chart, label, placed, tag, title } from "./svg.ts";

const WIDTH = 760;
const ROW = 20;
/** Boxes that are narrower can't be seen. */
const NARROWEST = 0.3;
const CHARACTER = 7;

export function flameChart({ calls }: Profile): string {
  const boxes = flameBoxes(calls);
  const whole = calls[0]?.inclusiveCycles || 1;
  const depth = boxes.reduce((most, box) => Math.max(most, box.depth), 0);
  const parts = boxes.flatMap(({ node, depth: row, from, to }) => {
    const width = ((to - from) / whole) * WIDTH;
    if (width < NARROWEST) return [];
    const call = calls[node]!;
    const text = `${call.name}: ${countText(call.inclusiveCycles)} cycles (${percentText(call.inclusiveCycles / whole)}), ${countText(call.cycles)} its own`;
    const x = (from / whole) * WIDTH;
    const fits = Math.floor((width - 6) / CHARACTER);
    const name = call.name.length <= fits ? call.name : fits > 2 ? `${call.name.slice(0, fits - 1)}…` : "";
    const box = tag("rect", {
      x,
      y: row * ROW,
      width: Math.max(0.2, width - 0.5),
      height: ROW - 1,
      class: `flame-${node % 4}`,
    });
    return [
      placed(call, text, title(text) + box + (name ? label(x + 3, row * ROW + 14, name, "start", "on-flame") : "")),
    ];
  });
  return chart(WIDTH, (depth + 1) * ROW, "Cycles of the control unit by call path", parts.join(""));
}
