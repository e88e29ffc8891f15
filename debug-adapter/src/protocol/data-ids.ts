/** Ids of data breakpoints: texts that say what is watched, so that a client can keep them over sessions. */
import type { WatchPlace } from "../runtime/index.ts";
import { RequestError } from "./requests.ts";

export function dataIdOf(place: WatchPlace): string {
  return place.kind === "memory" ? `memory ${place.address} ${place.bytes}` : `expression ${place.text}`;
}

/** @throws RequestError when the text is no id that `dataIdOf` gave */
export function placeOfDataId(id: string): WatchPlace {
  const memory = /^memory (\d+) (\d+)$/.exec(id);
  if (memory) return { kind: "memory", address: Number(memory[1]), bytes: Number(memory[2]) };
  const expression = /^expression (.+)$/s.exec(id)?.[1];
  if (expression === undefined) throw new RequestError(`"${id}" is no id of a data breakpoint`, false);
  return { kind: "expression", text: expression };
}
