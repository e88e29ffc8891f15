import { type ChildProcess, spawn } from "node:child_process";
import * as vscode from "vscode";

/** A terminal that fails earlier than this (ms) is said by VS Code to have "failed to launch". */
const LAUNCH_TIME = 600;

/** Shows a run of the command line in VS Code's terminal panel; its problem matcher reads the same text. */
export class BuildTerminal implements vscode.Pseudoterminal {
  private readonly written = new vscode.EventEmitter<string>();
  private readonly closed = new vscode.EventEmitter<number>();
  private readonly script: string;
  private readonly args: readonly string[];
  private readonly cwd: string | undefined;
  private child: ChildProcess | undefined;
  readonly onDidWrite = this.written.event;
  readonly onDidClose = this.closed.event;

  constructor(script: string, args: readonly string[], cwd: string | undefined) {
    this.script = script;
    this.args = args;
    this.cwd = cwd;
  }

  open(): void {
    const write = (text: string): void => this.written.fire(text.replace(/\r?\n/g, "\r\n"));
    write(`> nnasm ${this.args.join(" ")}\n`);
    const child = spawn(process.execPath, [this.script, ...this.args], {
      cwd: this.cwd,
      // On the desktop process.execPath is Electron, which this variable turns into a plain Node. Escape sequences of colours
      // would stand between the problem matcher and the text.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: "1", NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    child.stdout?.setEncoding("utf8").on("data", write);
    child.stderr?.setEncoding("utf8").on("data", write);
    child.once("error", (error) => {
      write(`The command line could not be started: ${error.message}\n`);
      this.closed.fire(1);
    });
    const started = Date.now();
    child.once("close", (code) => {
      const wait = code === 0 ? 0 : Math.max(0, started + LAUNCH_TIME - Date.now());
      setTimeout(() => this.closed.fire(code ?? 1), wait);
    });
  }

  close(): void {
    this.child?.kill();
  }
}
