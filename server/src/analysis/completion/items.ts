/** What completion offers, as plain data. */
import type { Range } from "@nnasm/sim-core/diagnostics";

export type CompletionKind =
  | "instruction"
  | "pseudo"
  | "macro"
  | "directive"
  | "register"
  | "descriptor"
  | "csr"
  | "value"
  | "label"
  | "constant"
  | "tensor"
  | "field"
  | "modifier"
  | "option"
  | "parameter"
  | "file"
  | "folder";

export interface Completion {
  readonly label: string;
  readonly kind: CompletionKind;
  /** A few words beside the label. */
  readonly detail?: string;
  /** A word at the end of the line: for instructions the unit that executes them. */
  readonly description?: string;
  /** Plain text to insert; the label when absent. */
  readonly insert?: string;
  /** The same with tab stops, in LSP's snippet syntax. Its default texts assemble. */
  readonly snippet?: string;
  /** Groups in the list, the smallest first; within a group the order is that of `order`, else alphabetical. */
  readonly group?: number;
  readonly order?: number;
  /** Ask for another completion when this one is inserted. */
  readonly again?: boolean;
}

export interface CompletionResult {
  /** What every item replaces. */
  readonly range: Range;
  readonly items: readonly Completion[];
}
