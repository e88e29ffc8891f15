/** What a program's source says must hold when it runs: checked by whoever runs it, without changing the run. */
import type { DType } from "../isa/enums.ts";

/** Where expected values are looked for. */
export type ExpectedPlace =
  | { readonly kind: "register"; readonly register: number }
  | { readonly kind: "memory"; readonly address: number; readonly dtype: DType }
  /** Elements in n, h, w, c order, wherever the descriptor puts them. */
  | { readonly kind: "tensor"; readonly descriptorAddress: number };

export interface ProgramExpectation {
  /** For people: `a0`, `result+4`, the tensor's name. */
  readonly name: string;
  readonly place: ExpectedPlace;
  /** One for a register; elements for memory and tensors. */
  readonly values: Int32Array;
  /** Checked whenever the CU comes to this address; absent: when the program exits. */
  readonly at?: { readonly name: string; readonly address: number };
  /** Where the expectation stands, by the name that the assembler knew; line and column count from one. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}
