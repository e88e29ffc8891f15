/** Finds the next operation, layer, mark or source line whose name holds a text. */
import type { Spot } from "./model.ts";
import type { Timeline } from "./timeline.ts";

export type Found = Spot;

/**
 * @param wanted part of a mnemonic, of a layer's name or of a `file:line`, in any case
 * @param from the cycle from which on it is looked for, not itself
 */
export function search(timeline: Timeline, wanted: string, from: number, forwards: boolean): Found | undefined {
  const text = wanted.trim().toLowerCase();
  if (text === "") return undefined;
  const { trace, names } = timeline;
  const { operations, header } = trace;
  const mnemonics = operations.mnemonics.map((name) => name.toLowerCase().includes(text));
  const places = new Map<number, boolean>();
  const layers = new Map<number, boolean>();
  const isPlace = (pc: number): boolean => remembered(places, pc, () => ends(names.placeText(pc).toLowerCase(), text));
  const isLayer = (id: number): boolean =>
    remembered(layers, id, () => id > 0 && names.layer(id).toLowerCase().includes(text));
  let best: Found | undefined;
  const offer = (spot: Found): void => {
    if (!best || (forwards ? spot.from < best.from : spot.from > best.from)) best = spot;
  };
  for (let unit = 0; unit < header.units.length; unit++) {
    const indices = operations.byUnit(unit);
    const fits = (i: number): boolean =>
      mnemonics[operations.mnemonic.at(i)]! || isLayer(operations.layer.at(i)) || isPlace(operations.pc.at(i));
    const found = scan(
      indices.length,
      (at) => operations.start.at(indices[at]!),
      (at) => fits(indices[at]!),
      from,
      forwards,
    );
    if (found >= 0) offer(timeline.spotOf(indices[found]!));
  }
  const { cycle, layer } = trace.events.layers;
  const at = scan(
    cycle.length,
    (i) => cycle.at(i),
    (i) => isLayer(layer.at(i)),
    from,
    forwards,
  );
  if (at >= 0)
    offer({ track: "layers", from: cycle.at(at), to: at + 1 < cycle.length ? cycle.at(at + 1) : trace.end.cycle });
  // Lines without operations: instructions know only where they are next.
  if (forwards && trace.instructions.count > 0) {
    const addresses = header.program.lines.flatMap(({ address, code }) => (code && isPlace(address) ? [address] : []));
    const next = addresses.length > 0 ? trace.instructions.next(new Set(addresses), from) : undefined;
    if (next) offer({ track: "cu", from: next.execute, to: next.execute + 1 });
  }
  return best;
}

/** A line is meant as a whole: `:1` is not line 12. */
const ends = (place: string, text: string): boolean =>
  /:\d+$/.test(text)
    ? place === text || place.endsWith(`/${text}`) || (text.startsWith(":") && place.endsWith(text))
    : false;

function remembered(known: Map<number, boolean>, key: number, make: () => boolean): boolean {
  let value = known.get(key);
  if (value === undefined) known.set(key, (value = make()));
  return value;
}

/** Position of the first of `count` things, by their cycle, that is behind or before a cycle and fits; -1 when none does. */
function scan(
  count: number,
  cycleOf: (at: number) => number,
  fits: (at: number) => boolean,
  from: number,
  forwards: boolean,
): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (forwards ? cycleOf(middle) <= from : cycleOf(middle) < from) low = middle + 1;
    else high = middle;
  }
  if (forwards) {
    for (let at = low; at < count; at++) if (fits(at)) return at;
  } else {
    for (let at = low - 1; at >= 0; at--) if (fits(at)) return at;
  }
  return -1;
}
