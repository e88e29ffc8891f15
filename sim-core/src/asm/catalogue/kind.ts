/** What a diagnostic of the assembler consists of, and the parameters that many of them take. */

import type { Severity } from "../../diagnostics/index.ts";
import { UNITS } from "../../isa/index.ts";

export interface DiagnosticKind<P> {
  readonly severity: Severity;
  readonly message: (p: P) => string;
  readonly hint: string | ((p: P) => string);
  /** For the documentation page: why it is refused and what to do, in whole sentences. */
  readonly explanation: string;
}

export const error = <P>(
  message: (p: P) => string,
  hint: string | ((p: P) => string),
  explanation: string,
): DiagnosticKind<P> => ({ severity: "error", message, hint, explanation });

export const warning = <P>(
  message: (p: P) => string,
  hint: string | ((p: P) => string),
  explanation: string,
): DiagnosticKind<P> => ({ severity: "warning", message, hint, explanation });

export interface Detail {
  readonly detail: string;
}
export interface Named {
  readonly name: string;
}
export interface Near extends Named {
  readonly near: string | undefined;
}
export interface Expected {
  readonly expected: string;
  readonly found: string;
}
export interface Bounds {
  readonly what: string;
  readonly value: string;
  readonly min: string;
  readonly max: string;
}

export const isUnit = (name: string): boolean => (UNITS as readonly string[]).includes(name);

/** For a unit where a token in a register belongs. */
export const unitHint = (unit: string): string =>
  `\`nn.fence ${unit}\` waits for everything that ${unit} was given; \`nn.token a0, ${unit}\` puts the token of its last operation into a register`;

export const didYouMean = (otherwise: string) => (p: Near) => (p.near ? `did you mean \`${p.near}\`?` : otherwise);
