import type { Diagnostic } from "@nnasm/sim-core/diagnostics";
import { EXIT, type ExitCode } from "./exit-codes.ts";

/** A failure that is the user's to mend: it ends the command with a message and no stack trace. */
export class UserError extends Error {
  readonly hint: string | undefined;
  readonly exitCode: ExitCode;

  constructor(message: string, hint?: string, exitCode: ExitCode = EXIT.input) {
    super(message);
    this.hint = hint;
    this.exitCode = exitCode;
  }
}

/** A mistake in the command line itself. */
export class UsageError extends UserError {
  constructor(message: string, hint?: string) {
    super(message, hint, EXIT.usage);
  }
}

/** A command that Ctrl-C has ended before it had a result. */
export class InterruptedError extends UserError {
  constructor(message: string) {
    super(message, undefined, EXIT.interrupted);
  }
}

/** A failure with places in files. */
export class DiagnosticsError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(`${diagnostics.length} diagnostics`);
    this.diagnostics = diagnostics;
  }
}
