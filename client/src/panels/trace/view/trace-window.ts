/** Stretches of cycles as people write them; without an editor. */
import { cycleIn } from "../../../debug/steps.ts";

/** `FROM..TO` as cycles; undefined when it is none. */
export function windowIn(text: string): { readonly fromCycle: number; readonly toCycle: number } | undefined {
  const [from, to, ...more] = text.split("..").map(cycleIn);
  return from === undefined || to === undefined || more.length > 0 || to <= from
    ? undefined
    : { fromCycle: from, toCycle: to };
}
