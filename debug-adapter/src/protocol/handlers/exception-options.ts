/**
 * Exceptions chosen by paths: a category, and kinds within it. They mean the same as filters with conditions, and become
 * such.
 */

import { CHECK_IDS } from "@nnasm/sim-core/check";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { FAULT_KINDS } from "../../runtime/index.ts";
import { RequestError } from "../requests.ts";

const CATEGORIES = {
  /** Faults that end the program; with `always` those that it handles, too. */
  faults: { filters: ["fault"], always: ["fault", "trap"], fact: "fault", kinds: FAULT_KINDS },
  deadlock: { filters: ["deadlock"], always: ["deadlock"], fact: undefined, kinds: [] },
  findings: { filters: ["finding"], always: ["finding"], fact: "check", kinds: CHECK_IDS },
} as const;
type Category = keyof typeof CATEGORIES;
const NAMES = Object.keys(CATEGORIES) as Category[];

/** @throws RequestError when the path names nothing */
export function filtersOfOption(option: DebugProtocol.ExceptionOptions): DebugProtocol.ExceptionFilterOptions[] {
  const { path: [categories, kinds] = [], breakMode } = option;
  if (breakMode === "never") return [];
  const unknown = categories?.names.find((name) => !(NAMES as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new RequestError(`there is no category ${unknown} of exceptions; there are ${NAMES.join(", ")}`);
  }
  const chosen = NAMES.filter((name) => matches(categories, name));
  return chosen.flatMap((name) => {
    const category = CATEGORIES[name];
    const filters = breakMode === "always" ? category.always : category.filters;
    const condition = kinds && conditionOf(category, kinds);
    return filters.map((filterId) => ({ filterId, ...(condition === undefined ? {} : { condition }) }));
  });
}

const matches = (segment: DebugProtocol.ExceptionPathSegment | undefined, name: string): boolean =>
  segment === undefined || segment.names.includes(name) !== (segment.negate === true);

function conditionOf(
  { fact, kinds }: (typeof CATEGORIES)[Category],
  segment: DebugProtocol.ExceptionPathSegment,
): string | undefined {
  if (fact === undefined) return undefined;
  const unknown = segment.names.find((name) => !(kinds as readonly string[]).includes(name));
  if (unknown !== undefined) throw new RequestError(`there is no ${fact} ${unknown}; there are ${kinds.join(", ")}`);
  const any = segment.names.map((name) => `${fact}() == ${name}`).join(" || ") || "0";
  return segment.negate ? `!(${any})` : any;
}
