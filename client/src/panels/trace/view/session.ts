/** Debug sessions as traces see them: where their machines stand, and how to take them to another cycle. */
import * as vscode from "vscode";

const baseName = (file: string): string => file.split(/[\\/]/).at(-1) ?? file;

export class MachineSessions implements vscode.Disposable {
  /** Sessions that are there, with the cycle at which each stands; undefined while it runs. */
  private readonly cycles = new Map<vscode.DebugSession, number | undefined>();
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly registered: vscode.Disposable[];
  /** Fires when a session comes, stops, runs or goes. */
  readonly onDidChange = this.changed.event;

  constructor() {
    this.registered = [
      vscode.debug.registerDebugAdapterTrackerFactory("nnasm", {
        createDebugAdapterTracker: (session) => ({ onDidSendMessage: (message) => this.heard(session, message) }),
      }),
      vscode.debug.onDidTerminateDebugSession((session) => {
        if (this.cycles.delete(session)) this.changed.fire();
      }),
    ];
  }

  dispose(): void {
    vscode.Disposable.from(...this.registered, this.changed).dispose();
  }

  /** The session of a program, by its name: the active one when it fits. */
  of(program: string): { readonly session: vscode.DebugSession; readonly cycle: number | undefined } | undefined {
    const fitting = [...this.cycles.keys()].filter(({ configuration }) => {
      const { program: own } = configuration as { program?: unknown };
      return typeof own !== "string" || stem(own) === stem(program);
    });
    const active = vscode.debug.activeDebugSession;
    const session = fitting.find((one) => one === active) ?? fitting.at(-1);
    return session && { session, cycle: this.cycles.get(session) };
  }

  /** @throws what the adapter answers */
  async cycleOf(session: vscode.DebugSession): Promise<number> {
    const answer = (await session.customRequest("evaluate", { expression: "cycles()", context: "watch" })) as {
      result: string;
    };
    const cycle = Number(/^\d+/.exec(answer.result.replaceAll(",", ""))?.[0]);
    if (!Number.isSafeInteger(cycle)) throw new Error(`the debugger doesn't tell its cycle: ${answer.result}`);
    return cycle;
  }

  private heard(session: vscode.DebugSession, message: unknown): void {
    const { type, event, command } = message as { type?: string; event?: string; command?: string };
    if (type === "event" && event === "stopped") void this.stopped(session);
    // Whatever moves the machine answers at once, and is followed by a stop.
    else if (type === "event" && (event === "continued" || event === "initialized")) this.set(session, undefined);
    else if (type === "response" && command === "continue") this.set(session, undefined);
  }

  private async stopped(session: vscode.DebugSession): Promise<void> {
    // A machine that has gone on again meanwhile tells of its next stop.
    const cycle = await this.cycleOf(session).catch(() => undefined);
    this.set(session, cycle);
  }

  private set(session: vscode.DebugSession, cycle: number | undefined): void {
    this.cycles.set(session, cycle);
    this.changed.fire();
  }
}

/** A program's source and its ELF file are the same program. */
const stem = (file: string): string => baseName(file).replace(/\.(nnasm|elf)$/, "");
