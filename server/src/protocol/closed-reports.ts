/** Reports of files that belong to programs without an open file: part of the answer to workspace/diagnostic. */
import type { Diagnostic } from "@nnasm/sim-core/diagnostics";
import type { CancellationToken, WorkDoneProgressReporter } from "vscode-languageserver";
import { ClosedPrograms } from "../workspace/closed-programs.ts";
import type { Uri } from "../workspace/uri.ts";
import { toDiagnostic } from "./convert.ts";
import type { Report } from "./diagnostics.ts";
import type { Context } from "./feature.ts";
import { breathe, checkCancelled } from "./progress.ts";
import { inSlices } from "./slices.ts";

export class ClosedReports {
  private readonly context: Context;
  private readonly programs: ClosedPrograms;
  /** The last reports, with their texts. */
  private reports = new Map<Uri, Report & { readonly text: string }>();
  private ids = 0;

  constructor(context: Context) {
    this.context = context;
    this.programs = new ClosedPrograms(context.workspace, context.lints);
  }

  /** Whether there was something to say of a file the last time. */
  has(uri: Uri): boolean {
    return this.reports.has(uri);
  }

  /**
   * Looks at all programs that no open file belongs to.
   * @param open reports of the other programs: what they say of the same files is in the result
   * @throws ResponseError when the client has cancelled the request
   */
  async with(
    open: ReadonlyMap<Uri, Report>,
    token: CancellationToken,
    progress: WorkDoneProgressReporter,
  ): Promise<ReadonlyMap<Uri, Report>> {
    const { workspace, client } = this.context;
    const found = new Map<Uri, Map<string, Diagnostic>>();
    const total = workspace.knownSources().size;
    let done = 0;
    for (const program of this.programs.programs()) {
      progress.report(Math.round((100 * done++) / Math.max(1, total)));
      await breathe();
      checkCancelled(token);
      if (!program) continue;
      const list = await inSlices(this.programs.diagnosticsOf(program), () => token.isCancellationRequested);
      checkCancelled(token);
      for (const diagnostic of list?.value ?? []) {
        const { file, id, message, range } = diagnostic;
        let said = found.get(file);
        if (!said) found.set(file, (said = new Map()));
        said.set(`${range.start.line}:${range.start.character}:${id}:${message}`, diagnostic);
      }
    }
    const reports = new Map<Uri, Report & { readonly text: string }>();
    for (const [uri, said] of found) {
      const own = [...said.values()].map((diagnostic) => toDiagnostic(diagnostic, workspace, client()));
      const others = new Map((open.get(uri)?.items ?? []).map((item) => [JSON.stringify(item), item]));
      for (const item of own) others.set(JSON.stringify(item), item);
      const items = [...others.values()];
      const text = JSON.stringify(items);
      const before = this.reports.get(uri);
      reports.set(uri, before?.text === text ? before : { id: `closed ${++this.ids}`, items, text });
    }
    this.reports = reports;
    return reports;
  }
}
