/** Ids of data breakpoints: texts that say what is watched, so that a client can keep them over sessions. */
import type { WatchAccess, WatchPlace } from "../runtime/index.ts";
import { RequestError } from "./requests.ts";

/** A mode of data breakpoints that protocol accesses have no word for. */
export const CHANGE_MODE = "change";
export const EVERY_MODE = "every";
const CHANGE = "change of ";

export function dataIdOf(place: WatchPlace, mode?: string): string {
  const what = place.kind === "memory" ? `memory ${place.address} ${place.bytes}` : `expression ${place.text}`;
  return mode === CHANGE_MODE ? `${CHANGE}${what}` : what;
}

/** @throws RequestError when the text is no id that `dataIdOf` gave */
export function watchOfDataId(id: string, access: WatchAccess): { place: WatchPlace; access: WatchAccess } {
  if (!id.startsWith(CHANGE)) return { place: placeOfDataId(id), access };
  return { place: placeOfDataId(id.slice(CHANGE.length)), access: "change" };
}

/** @throws RequestError when the text is no id that `dataIdOf` gave */
function placeOfDataId(id: string): WatchPlace {
  const memory = /^memory (\d+) (\d+)$/.exec(id);
  if (memory) return { kind: "memory", address: Number(memory[1]), bytes: Number(memory[2]) };
  const expression = /^expression (.+)$/s.exec(id)?.[1];
  if (expression === undefined) throw new RequestError(`"${id}" is no id of a data breakpoint`, false);
  return { kind: "expression", text: expression };
}
