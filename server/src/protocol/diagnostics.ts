/** Publishes diagnostics as the user types: a little after the last keystroke, and never of an outdated text. */
import type { Diagnostic } from "@nnasm/sim-core/diagnostics";
import type { Uri } from "../workspace/uri.ts";
import { toDiagnostic } from "./convert.ts";
import type { Context } from "./feature.ts";

/** Bounds of the wait behind a keystroke, in milliseconds. */
const SHORTEST = 5;
const LONGEST = 250;

export class DiagnosticsPublisher {
  private readonly context: Context;
  /** What every file was last told, as text; closed files without diagnostics are left out. */
  private readonly published = new Map<Uri, string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private round = 0;

  constructor(context: Context) {
    this.context = context;
  }

  /**
   * Publishes soon; a newer call replaces one that waits or runs. The wait grows with the time that assembling takes,
   * so that small programs answer at once and typing in a large one doesn't pile up work.
   */
  schedule(): void {
    clearTimeout(this.timer);
    const round = ++this.round;
    const wait = Math.min(LONGEST, Math.max(SHORTEST, this.context.workspace.assemblyMilliseconds / 4));
    this.timer = setTimeout(() => void this.run(() => round !== this.round), wait);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.round++;
  }

  private async run(outdated: () => boolean): Promise<void> {
    try {
      const files = await this.context.workspace.diagnostics(outdated);
      if (!files) return;
      this.publish(files);
      this.refresh();
    } catch (error) {
      // A defect of ours; the server goes on, and the next keystroke tries again.
      this.context.connection.console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }

  private publish(files: ReadonlyMap<Uri, readonly Diagnostic[]>): void {
    for (const uri of this.published.keys()) if (!files.has(uri)) this.tell(uri, []);
    // An open file without diagnostics is told so once: that is how a client knows that it was looked at.
    for (const uri of this.context.workspace.documents.uris()) if (!files.has(uri)) this.tell(uri, []);
    for (const [uri, diagnostics] of files) this.tell(uri, diagnostics);
  }

  /** Other open files may show names that have changed. */
  private refresh(): void {
    const { connection, client, workspace } = this.context;
    const { tokensRefresh, inlayHintRefresh } = client();
    if ((!tokensRefresh && !inlayHintRefresh) || !workspace.namesChanged()) return;
    // A client that has gone away in the meantime needs no answer.
    if (tokensRefresh) void connection.languages.semanticTokens.refresh().catch(() => undefined);
    if (inlayHintRefresh) void connection.languages.inlayHint.refresh().catch(() => undefined);
  }

  private tell(uri: Uri, list: readonly Diagnostic[]): void {
    const { connection, workspace, client } = this.context;
    const diagnostics = list.map((diagnostic) => toDiagnostic(diagnostic, workspace, client()));
    const document = workspace.documents.get(uri);
    const text = `${document?.uri ?? ""}${JSON.stringify(diagnostics)}`;
    if (this.published.get(uri) === text) return;
    if (diagnostics.length > 0 || document) this.published.set(uri, text);
    else this.published.delete(uri);
    void connection.sendDiagnostics({
      uri: workspace.documents.spelling(uri),
      ...(document ? { version: document.version } : {}),
      diagnostics,
    });
  }
}
