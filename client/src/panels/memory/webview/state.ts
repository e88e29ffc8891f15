/** What the user chose in the memory view. */
import { keepState, keptState } from "../../shared/debug-page.ts";
import type { Bookmark, MemoryBreakpoint, Selection } from "../model/marks.ts";

export interface Choices {
  /** First row that is seen. */
  readonly top: number;
  readonly type: string;
  readonly selection: Selection | undefined;
  /** An expression whose value is gone to at each stop, while `isFollowing`. */
  readonly expression: string;
  readonly isFollowing: boolean;
  readonly search: string;
  readonly searchKind: string;
  readonly bookmarks: readonly Bookmark[];
  readonly breakpoints: readonly MemoryBreakpoint[];
}

const STANDARD: Choices = {
  top: 0,
  type: "hex8",
  selection: undefined,
  expression: "sp",
  isFollowing: false,
  search: "",
  searchKind: "bytes",
  bookmarks: [],
  breakpoints: [],
};

export const keptChoices = (): Choices => keptState(STANDARD);
export const keepChoices = (choices: Choices): void => keepState(choices);
