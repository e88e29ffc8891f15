/** What a cell of the heat map is, in words: addresses, tensors, bytes, and the operation that has most to do with it. */
import { CodeSymbols } from "../../program/index.ts";
import type { TraceHeader } from "../file/index.ts";
import type { Item, Timeline } from "../timeline/index.ts";
import type { HeatMap } from "./heat-map.ts";
import type { HeatArea } from "./model.ts";

/** Operations of one operand that are looked at for the one that a cell is mostly about. */
const MOST_USERS = 64;

const hex = (address: number): string => `0x${address.toString(16).padStart(8, "0")}`;
const text = (value: number): string => value.toLocaleString("en", { maximumFractionDigits: 1 });

/** Bytes of one operation in a cell. */
interface Share {
  readonly operation: number;
  readonly role: string;
  readonly bytes: number;
}

/** @returns undefined where nothing is read or written; the item's stretch is that of the operation that does most there */
export function heatItem(timeline: Timeline, map: HeatMap, area: HeatArea): Item | undefined {
  const { reads, writes, lost } = map.window(area, 1, 1);
  const [read, written, waited] = [reads[0]!, writes[0]!, lost[0]!];
  if (read === 0 && written === 0) return undefined;
  const shares = sharesOf(map, area);
  const [most] = shares;
  const operation = most && timeline.operation(most.operation);
  const cycles: [string, string] = ["cycles", `${text(Math.floor(area.from))} to ${text(Math.ceil(area.to))}`];
  const names = namesIn(timeline.trace.header, area);
  return {
    track: operation?.track ?? "cu",
    from: operation?.from ?? Math.floor(area.from),
    to: operation?.to ?? Math.ceil(area.to),
    title: names === "" ? hex(Math.floor(area.low)) : names,
    rows: [
      ["addresses", `${hex(Math.floor(area.low))} to ${hex(Math.ceil(area.high) - 1)}`],
      cycles,
      ["read", `${text(read)} bytes`],
      ["written", `${text(written)} bytes`],
      ...(waited > 0 ? [["lost over banks", `${text(waited)} cycles`] as const] : []),
      ...(most && operation
        ? [
            ["mostly", `${operation.title}, ${most.role}`] as const,
            ["source", operation.rows.find(([label]) => label === "source")?.[1] ?? ""] as const,
          ]
        : [["by", "loads and stores of the control unit"] as const]),
      ...(shares.length > 1 ? [["and", `${shares.length - 1} more`] as const] : []),
    ],
    place: operation?.place,
    arrows: operation?.arrows ?? [],
  };
}

/** Operations that have bytes in a cell, the one with the most first. */
function sharesOf(map: HeatMap, { low, high, from, to }: HeatArea): Share[] {
  const { operands } = map.trace;
  const shares: Share[] = [];
  for (const use of map.uses) {
    const { role, set } = operands.all[use.operand]!;
    if (set.high <= low || set.low >= high) continue;
    const users = use.between(from, to);
    if (!users) continue;
    let inCell = 0;
    set.forEachRun((address, bytes) => {
      inCell += Math.max(0, Math.min(high, address + bytes) - Math.max(low, address));
    });
    if (inCell === 0) continue;
    for (let user = users[0]; user <= Math.min(users[1], users[0] + MOST_USERS); user++) {
      const [start, end] = [use.startOf(user), use.endOf(user)];
      const share = end > start ? (Math.min(to, end) - Math.max(from, start)) / (end - start) : 1;
      shares.push({ operation: use.indices[user]!, role, bytes: inCell * share });
    }
  }
  return shares.sort((a, b) => b.bytes - a.bytes);
}

/** Tensors that lie in a stretch of addresses, or the symbol that it belongs to. */
function namesIn(header: TraceHeader, { low, high }: HeatArea): string {
  const tensors = (header.program.tensors ?? []).filter(({ base, bytes }) => base < high && base + bytes > low);
  if (tensors.length > 0) {
    const [first, second, ...more] = tensors;
    return [first!.name, ...(second ? [second.name] : []), ...(more.length > 0 ? [`${more.length} more`] : [])].join(
      ", ",
    );
  }
  const symbols = new CodeSymbols(header.program.symbols, (address) => address <= low);
  const symbol = symbols.before(low);
  return symbol && low < symbol.address + Math.max(1, symbol.bytes) ? symbols.nameOf(Math.floor(low)) : "";
}
