/** Which warnings are shown and which stop the command: `-W no-ID`, `-W error`, `-W error=ID`. */
import { WARNING_IDS as SOURCE_WARNING_IDS } from "@nnasm/sim-core/asm";
import { type Diagnostic, nearest } from "@nnasm/sim-core/diagnostics";
import { ELF_WARNING_IDS } from "@nnasm/sim-core/elf";
import { LINK_WARNING_IDS } from "@nnasm/sim-core/link";
import { UsageError } from "./errors.ts";

const WARNING_IDS = [...SOURCE_WARNING_IDS, ...LINK_WARNING_IDS, ...ELF_WARNING_IDS];

export interface WarningOptions {
  readonly warning?: readonly string[];
  readonly warningsAsErrors?: boolean;
}

interface Choice {
  readonly off: ReadonlySet<string>;
  readonly errors: ReadonlySet<string>;
}

/** @throws UsageError for a choice that is none, or one of a warning that doesn't exist */
function readChoice({ warning = [], warningsAsErrors = false }: WarningOptions): Choice {
  const off = new Set<string>();
  const errors = new Set<string>(warningsAsErrors ? WARNING_IDS : []);
  for (const text of warning) {
    const [, form, id] = /^(no-|error=)(.*)$/.exec(text) ?? [];
    if (text === "error") for (const each of WARNING_IDS) errors.add(each);
    else if (id === undefined) {
      throw new UsageError(`-W ${text} says nothing about a warning`, "write -W no-ID, -W error or -W error=ID");
    } else if (!WARNING_IDS.includes(id)) {
      const near = nearest(id, WARNING_IDS);
      const hint = near === undefined ? `warnings are ${WARNING_IDS.join(", ")}` : `did you mean -W ${form}${near}?`;
      throw new UsageError(`-W ${text}: there is no warning "${id}"`, hint);
    } else (form === "no-" ? off : errors).add(id);
  }
  return { off, errors };
}

/** The diagnostics as the command line wants them: without what is turned off, warnings as errors where it says so. */
export function chooseWarnings(diagnostics: readonly Diagnostic[], options: WarningOptions): readonly Diagnostic[] {
  const { off, errors } = readChoice(options);
  return diagnostics
    .filter(({ severity, id }) => severity !== "warning" || !off.has(id))
    .map((each) => (each.severity === "warning" && errors.has(each.id) ? { ...each, severity: "error" } : each));
}
