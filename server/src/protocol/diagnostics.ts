/** Publishes diagnostics as the user types: a little after the last keystroke, and never of an outdated text. */
import type { Diagnostic } from "@nnasm/sim-core/diagnostics";
import type { Steps } from "@nnasm/sim-core/flow";
import type { StaticTiming } from "@nnasm/sim-core/static-timing";
import type { CancellationToken, Diagnostic as LspDiagnostic } from "vscode-languageserver";
import { timesToCome, timingOf } from "../analysis/cycles.ts";
import { isLarge } from "../analysis/large.ts";
import type { Snapshot } from "../analysis/snapshot.ts";
import { canonicalUri, type Uri } from "../workspace/uri.ts";
import { isSource } from "../workspace/workspace.ts";
import { toDiagnostic } from "./convert.ts";
import type { Context } from "./feature.ts";
import { refreshViews } from "./refresh.ts";
import { inSlices } from "./slices.ts";

/** Bounds of the wait behind a keystroke, in milliseconds. */
const SHORTEST = 5;
const LONGEST = 250;
/** The shortest pause in typing behind which the cycles of a large program are looked for, in milliseconds, */
const SHORT_PAUSE = 40;
/** and the one behind which lints are, which look at everything. */
const PAUSE = 300;

/** Whether lints of large programs are waited for, or those of an earlier text told in the meantime. */
export type Pace = "soon" | "complete";

/** What is to be said of a file, under an id that changes with it. */
export interface Report {
  readonly id: string;
  readonly items: readonly LspDiagnostic[];
}

/** Which files are told without being asked: all, those that no editor shows, or none, because the client asks for all. */
type Push = "all" | "closed" | "none";

export class DiagnosticsPublisher {
  private readonly context: Context;
  /** What every file was last told, as text; closed files without diagnostics are left out. */
  private readonly published = new Map<Uri, string>();
  /** The last report of each file, with its text. */
  private readonly reports = new Map<Uri, Report & { readonly text: string }>();
  /** Of open files the id of the report that the client has asked for and got. */
  private readonly given = new Map<Uri, string>();
  private ids = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private round = 0;
  private asksForAll = false;
  /** Looks that tell findings of an earlier text. */
  private readonly incomplete = new WeakSet<object>();
  private readonly listeners: (() => void)[] = [];
  /** Who waits for the end of the next round. */
  private readonly waiting = new Set<() => void>();
  /** Who waits for cycles of large programs. */
  private readonly waitingForTimes = new Set<() => void>();
  private isDisposed = false;
  /** How long finding the cycles of large programs took the last time. */
  private timingMilliseconds = 0;

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
    this.timer = setTimeout(() => void this.run(() => round !== this.round), this.wait);
  }

  /** How long to wait for further keystrokes, in milliseconds. */
  get wait(): number {
    return Math.min(LONGEST, Math.max(SHORTEST, this.context.workspace.assemblyMilliseconds / 4));
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.round++;
    this.isDisposed = true;
    this.wake();
    for (const resolve of this.waitingForTimes) resolve();
  }

  /** From now on the client asks for everything: what it was told unasked is taken back. */
  pullAll(): void {
    if (this.asksForAll) return;
    this.asksForAll = true;
    for (const uri of [...this.published.keys()]) this.tell(uri, []);
  }

  /** Takes note of what the client has got on its request. */
  answered(uri: Uri, { id }: Report): void {
    this.given.set(uri, id);
  }

  /** Whether the client shows something outdated that it has asked for: after a change on disk it wouldn't ask again. */
  private givenIsOld(reports: ReadonlyMap<Uri, Report>): boolean {
    let isOld = false;
    for (const [uri, id] of this.given) {
      const report = this.context.workspace.documents.get(uri) ? reports.get(uri) : undefined;
      if (!report) this.given.delete(uri);
      isOld ||= report !== undefined && report.id !== id;
    }
    return isOld;
  }

  /** Calls back after every look at the programs. */
  onRound(callback: () => void): void {
    this.listeners.push(callback);
  }

  /** Settled when something may have changed. */
  nextRound(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.add(resolve);
    });
  }

  /**
   * The present reports of all files of programs with an open file, open files without diagnostics included.
   * @param outdated asked now and then; when true, the work ends and the result is undefined
   */
  async compute(outdated: () => boolean, pace: Pace): Promise<ReadonlyMap<Uri, Report> | undefined> {
    const { workspace, client } = this.context;
    let files: Map<Uri, readonly Diagnostic[]> | undefined;
    while (!files) {
      let assembled = await workspace.diagnostics(outdated);
      // Files that are still on their way would be told as missing; those that come may include others.
      while (assembled && (await workspace.settled())) assembled = await workspace.diagnostics(outdated);
      if (!assembled) return undefined;
      // Lints take their time: an edit in between begins it all anew.
      const { round } = this;
      files = await this.withLints(assembled, () => outdated() || round !== this.round, pace);
      if (!files && outdated()) return undefined;
    }
    const result = new Map<Uri, Report>();
    if (this.incomplete.has(files)) this.incomplete.add(result);
    const uris = new Set([...files.keys(), ...workspace.documents.uris()]);
    for (const uri of this.reports.keys()) if (!uris.has(uri)) this.reports.delete(uri);
    for (const uri of uris) {
      const items = (files.get(uri) ?? []).map((diagnostic) => toDiagnostic(diagnostic, workspace, client()));
      const text = JSON.stringify(items);
      const before = this.reports.get(uri);
      const report = before?.text === text ? before : { id: String(++this.ids), items, text };
      this.reports.set(uri, report);
      result.set(uri, report);
    }
    return result;
  }

  /** Adds what the lints say of the programs of all open files. */
  private async withLints(
    assembled: ReadonlyMap<Uri, readonly Diagnostic[]>,
    outdated: () => boolean,
    pace: Pace,
  ): Promise<Map<Uri, readonly Diagnostic[]> | undefined> {
    const { workspace, lints } = this.context;
    const files = new Map(assembled);
    lints.retain(new Set([...workspace.documents.uris()].filter(isSource).map((uri) => workspace.programOf(uri))));
    const seen = new Set<readonly Diagnostic[]>();
    const keys = new Set<string>();
    for (const uri of workspace.documents.uris()) {
      if (!isSource(uri)) continue;
      // Between assembling and lints, and between two programs, requests and edits get their turn.
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (outdated()) return undefined;
      let found: readonly Diagnostic[];
      if (pace === "soon") {
        const soon = lints.soon(uri);
        if (!soon.isCurrent) this.incomplete.add(files);
        found = soon.found;
      } else {
        const complete = await inSlices(lints.steps(uri), outdated);
        if (!complete) return undefined;
        found = complete.value;
      }
      if (seen.has(found)) continue;
      seen.add(found);
      for (const finding of found) {
        const { file, id, message, range } = finding;
        // What two programs have in common is told once.
        const key = `${file}:${range.start.line}:${range.start.character}:${id}:${message}`;
        if (keys.has(key)) continue;
        keys.add(key);
        files.set(file, [...(files.get(file) ?? []), finding]);
      }
    }
    return files;
  }

  private async run(outdated: () => boolean): Promise<void> {
    const isComplete = await this.look(outdated, "soon");
    if (outdated()) return;
    const large = this.largePrograms();
    if (large.length > 0) {
      // The longer it took the last time, the later it begins: a person who types waits for nothing.
      await sleep(Math.min(LONGEST, Math.max(SHORT_PAUSE, this.timingMilliseconds / 2)));
      const started = performance.now();
      for (const snapshot of large) {
        if (outdated()) return;
        const timing = timesToCome(snapshot);
        if (timing && !timing.isReady) await inSlices(stepsOf(timing), outdated);
      }
      if (outdated()) return;
      this.timingMilliseconds = performance.now() - started;
    }
    for (const resolve of this.waitingForTimes) resolve();
    this.waitingForTimes.clear();
    if (isComplete) return;
    if (large.length > 0) await sleep(PAUSE);
    if (!outdated()) await this.look(outdated, "complete");
  }

  /** Open files of large programs. */
  private largePrograms(): Snapshot[] {
    const { workspace } = this.context;
    const snapshots = [...workspace.documents.uris()].filter(isSource).flatMap((uri) => workspace.snapshot(uri) ?? []);
    return snapshots.filter(({ assembly }) => isLarge(assembly));
  }

  /**
   * Settled when the cycles of the program that an open file belongs to can be told: at once, but for large programs, where
   * it takes a pause in typing. Editors show what they had until then.
   */
  async timed(uri: string, token: CancellationToken): Promise<void> {
    const { workspace } = this.context;
    const isMissing = () => {
      const snapshot = workspace.documents.get(canonicalUri(uri)) && workspace.snapshot(uri);
      return snapshot?.assembly.program !== undefined && timingOf(snapshot) === undefined;
    };
    while (!this.isDisposed && !token.isCancellationRequested && isMissing()) {
      await new Promise<void>((resolve) => {
        this.waitingForTimes.add(resolve);
        token.onCancellationRequested(() => resolve());
      });
    }
  }

  /** @returns whether nothing of the present text remains to be said */
  private async look(outdated: () => boolean, pace: Pace): Promise<boolean> {
    const { connection, workspace } = this.context;
    try {
      const started = performance.now();
      const reports = await this.compute(outdated, pace);
      if (!reports) return true;
      connection.tracer.log(
        `looked at ${reports.size} files in ${Math.round(performance.now() - started)} ms`,
        [...reports].map(([uri, { items }]) => `${items.length} diagnostics in ${uri}`).join("\n"),
      );
      this.publish(reports);
      refreshViews(this.context, { names: workspace.namesChanged(), diagnostics: this.givenIsOld(reports) });
      for (const each of this.listeners) each();
      this.wake();
      return !this.incomplete.has(reports);
    } catch (error) {
      // A defect of ours; the server goes on, and the next keystroke tries again.
      connection.console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
      return true;
    }
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }

  private publish(reports: ReadonlyMap<Uri, Report>): void {
    const { documents } = this.context.workspace;
    const push = this.push;
    const isTold = (uri: Uri): boolean => push === "all" || (push === "closed" && !documents.get(uri));
    for (const uri of [...this.published.keys()]) if (!reports.has(uri) || !isTold(uri)) this.tell(uri, []);
    // An open file without diagnostics is told so once: that is how a client knows that it was looked at.
    for (const [uri, { items }] of reports) if (isTold(uri)) this.tell(uri, items);
  }

  private get push(): Push {
    if (this.asksForAll) return "none";
    return this.context.client().pullsDiagnostics ? "closed" : "all";
  }

  private tell(uri: Uri, diagnostics: readonly LspDiagnostic[]): void {
    const { connection, workspace } = this.context;
    const document = workspace.documents.get(uri);
    const text = `${document?.uri ?? ""}${JSON.stringify(diagnostics)}`;
    if (this.published.get(uri) === text) return;
    const isKept = diagnostics.length > 0 || (document && this.push === "all");
    if (isKept) this.published.set(uri, text);
    else this.published.delete(uri);
    void connection.sendDiagnostics({
      uri: workspace.documents.spelling(uri),
      ...(document ? { version: document.version } : {}),
      diagnostics: [...diagnostics],
    });
  }
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function* stepsOf(timing: StaticTiming): Steps<void> {
  for (; !timing.isReady; timing.advance()) yield;
}
