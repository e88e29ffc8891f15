/** MAC slots as a waterfall: from all of them, cause by cause, down to the useful ones. */
import { BUCKET_TEXT, type MacSlotCounts } from "../model.ts";
import { countText, percentText } from "../numbers.ts";
import { chart, label, line, tag, title } from "./svg.ts";

export interface WaterfallStep {
  readonly bucket: keyof MacSlotCounts;
  readonly label: string;
  readonly slots: number;
  /** Of all slots, 0..1. */
  readonly from: number;
  readonly to: number;
}

/** Losses, the largest first, from the right end to what is useful; the steps cover 0..1 exactly once. */
export function waterfallSteps(slots: MacSlotCounts): WaterfallStep[] {
  const buckets = Object.keys(BUCKET_TEXT) as (keyof MacSlotCounts)[];
  const whole = buckets.reduce((sum, bucket) => sum + slots[bucket], 0);
  const losses = buckets.filter((bucket) => bucket !== "useful" && slots[bucket] > 0);
  losses.sort((a, b) => slots[b] - slots[a]);
  let left = whole;
  const steps = losses.map((bucket) => {
    const to = left / whole;
    left -= slots[bucket];
    return { bucket, label: BUCKET_TEXT[bucket].label, slots: slots[bucket], from: left / whole, to };
  });
  if (whole === 0) return [];
  return [
    ...steps,
    { bucket: "useful", label: BUCKET_TEXT.useful.label, slots: slots.useful, from: 0, to: left / whole },
  ];
}

const WIDTH = 760;
const LEFT = 120;
const RIGHT = 210;
const ROW = 24;

export function waterfallChart(name: string, slots: MacSlotCounts): string {
  const steps = waterfallSteps(slots);
  const whole = steps.reduce((sum, step) => sum + step.slots, 0);
  const x = (share: number): number => LEFT + share * (WIDTH - LEFT - RIGHT);
  const rows = [
    tag("rect", { x: x(0), y: 4, width: x(1) - x(0), height: ROW - 8, class: "all" }),
    label(LEFT - 8, 17, "all MAC slots", "end"),
    label(x(1) + 8, 17, `100.0 %  ${countText(whole)}`),
  ];
  steps.forEach(({ bucket, label: cause, slots: count, from, to }, index) => {
    const y = (index + 1) * ROW;
    const text = `${percentText(count / whole)}  ${countText(count)}`;
    const width = Math.max(1, x(to) - x(from));
    rows.push(
      line(x(to), y - 4, x(to), y + 4, "grid"),
      tag(
        "g",
        { role: "img", "aria-label": `${cause}: ${text}` },
        tag("rect", { x: x(from), y: y + 4, width, height: ROW - 8, class: `cause-${bucket}` }) +
          title(BUCKET_TEXT[bucket].text),
      ),
      label(LEFT - 8, y + 17, cause, "end"),
      label(x(1) + 8, y + 17, text),
    );
  });
  return chart(WIDTH, (steps.length + 1) * ROW, `MAC slots of ${name} by cause`, rows.join(""));
}
