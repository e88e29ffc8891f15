/**
 * Every diagnostic of the assembler: id, severity, message, way out, and the explanation that its documentation
 * page shows. Ids are stable: editors filter by them and pages are found under them. A new one needs an example in
 * manual/examples.
 */
import type { DiagnosticKind } from "./kind.ts";
import { SOURCE_DIAGNOSTICS } from "./sources.ts";
import { STATEMENT_DIAGNOSTICS } from "./statements.ts";

export type { DiagnosticKind } from "./kind.ts";

export const DIAGNOSTICS = { ...STATEMENT_DIAGNOSTICS, ...SOURCE_DIAGNOSTICS } as const;

export type DiagnosticId = keyof typeof DIAGNOSTICS;
export type DiagnosticParameters<Id extends DiagnosticId> =
  (typeof DIAGNOSTICS)[Id] extends DiagnosticKind<infer P> ? P : never;

/** Ids of the diagnostics that a source or a command line can turn off. */
export const WARNING_IDS: readonly string[] = Object.entries(DIAGNOSTICS)
  .filter(([, { severity }]) => severity === "warning")
  .map(([id]) => id);
