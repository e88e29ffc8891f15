/** What the trace editor says in words. */
import type { Item, TimelineInfo } from "@nnasm/sim-core/trace";
import { count, time } from "../../shared/numbers.ts";
import type { View } from "./view.ts";

/** What is missing from the trace: shown wherever it is. */
export function bannersOf({ complete, dropped, filter }: TimelineInfo): string[] {
  const missing = Object.entries(dropped).filter(([, number]) => number > 0);
  return [
    ...(complete
      ? []
      : ["This trace is incomplete: what wrote it was interrupted. It shows what had been written until then."]),
    ...(missing.length > 0
      ? [
          `The limit of the file's size has left out ${missing.map(([kind, number]) => `${count(number)} ${kind}`).join(", ")}: ` +
            "write it again with a larger --trace-limit or a --trace-filter.",
        ]
      : []),
    ...(filter === "" ? [] : [`The trace was asked for with a filter: ${filter}.`]),
  ];
}

export function summaryOf({ name, from, to, clockMHz, instructions, operations }: TimelineInfo): string {
  return (
    `${name}: ${count(to - from)} cycles (${time(to - from, clockMHz)} at ${clockMHz} MHz), ` +
    `${count(instructions)} instructions, ${count(operations)} operations`
  );
}

/** A stretch, from and to. */
export const viewText = ({ from, to }: View, clockMHz: number, inTime: boolean): string =>
  inTime
    ? `${time(from, clockMHz, (to - from) / 100)} to ${time(to, clockMHz, (to - from) / 100)}`
    : `cycles ${count(from)} to ${count(to)}`;

/** How long a measured stretch is, in both. */
export const rangeText = ({ from, to }: View, clockMHz: number): string =>
  `measured: ${count(to - from)} cycles, ${time(to - from, clockMHz)} (${count(from)} to ${count(to)})`;

/** A cell of the heat map as a sentence; its cycles are among its facts. */
export const cellText = ({ title, rows }: Item): string =>
  [title, ...rows.map(([label, value]) => `${label} ${value}`)].join(", ");

/** An item as a sentence, for the status line and for screen readers. */
export function itemText(item: Item, clockMHz: number, inTime: boolean): string {
  const facts = item.rows.map(([label, value]) => `${label} ${value}`.trim());
  const row = item.track.replace(/^(unit|queue)-/, "").toUpperCase();
  const arrows = item.arrows.length === 0 ? [] : [`${item.arrows.length} arrows to others`];
  return [`${item.title} of ${row}`, viewText(item, clockMHz, inTime), ...facts, ...arrows].join(", ");
}
