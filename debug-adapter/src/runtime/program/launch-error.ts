import type { Diagnostic } from "@nnasm/sim-core/diagnostics";

/** A program that can't be had. The message is for people and stands alone; `diagnostics` have places in files. */
export class LaunchError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(message: string, diagnostics: readonly Diagnostic[] = []) {
    super(message);
    this.diagnostics = diagnostics;
  }
}

/** A launch error about problems in a file: the message counts them, the diagnostics tell them. */
export function diagnosticsError(file: string, diagnostics: readonly Diagnostic[]): LaunchError {
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  return new LaunchError(`${file} has ${errors === 1 ? "an error" : `${errors} errors`}`, diagnostics);
}
