import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { type Sweep, sweepProblem } from "@nnasm/sim-core/compare";
import * as vscode from "vscode";
import type { CommandLine } from "../shared/command-line.ts";
import { DataPanel } from "../shared/data-panel.ts";

const LAST_AXES = "nnasm.sweep.axes";

/** Sweeps: run from a program, or read from a file that `nnasm sweep --json` has written. */
export class SweepPanels implements vscode.Disposable {
  private readonly panel: DataPanel<Sweep>;
  private readonly commandLine: CommandLine;
  private readonly memory: vscode.Memento;

  constructor(extensionUri: vscode.Uri, commandLine: CommandLine, memory: vscode.Memento) {
    this.panel = new DataPanel(extensionUri, { viewType: "nnasm.sweep", title: "NNASM Sweep", page: "sweep" });
    this.commandLine = commandLine;
    this.memory = memory;
  }

  dispose(): void {
    this.panel.dispose();
  }

  /** Asks for keys and values, runs the program on every combination and shows what came out. */
  async run(program: vscode.Uri): Promise<void> {
    const axes = await vscode.window.showInputBox({
      title: `Sweep ${path.basename(program.fsPath)}`,
      prompt: "Keys of nnp.json and the values that each takes",
      placeHolder: "nu.cip=8,16,32 ddr.bytesPerCycle=4,8",
      value: this.memory.get<string>(LAST_AXES) ?? "nu.cip=8,16,32 ddr.bytesPerCycle=4,8",
      validateInput: axesProblem,
    });
    if (axes === undefined) return;
    await this.memory.update(LAST_AXES, axes);
    const folder = path.dirname(program.fsPath);
    const args = axes
      .trim()
      .split(/\s+/)
      .flatMap((axis) => ["--set", axis]);
    try {
      const sweep = await this.commandLine.runJson(
        `Sweep of ${path.basename(program.fsPath)}`,
        ["sweep", path.basename(program.fsPath), ...args],
        folder,
      );
      if (sweep !== undefined) this.show(sweep, folder);
    } catch (error) {
      void vscode.window.showErrorMessage(
        `The sweep failed: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  /** Shows a file that `nnasm sweep --json` has written. */
  async open(file: vscode.Uri | undefined): Promise<void> {
    const [chosen] = file
      ? [file]
      : ((await vscode.window.showOpenDialog({ title: "Open Sweep", filters: { "JSON of nnasm sweep": ["json"] } })) ??
        []);
    if (!chosen) return;
    try {
      this.show(JSON.parse(await readFile(chosen.fsPath, "utf8")), path.dirname(chosen.fsPath));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      void vscode.window.showErrorMessage(`${path.basename(chosen.fsPath)} can't be read: ${reason}`);
    }
  }

  private show(value: unknown, folder: string): void {
    const problem = sweepProblem(value);
    if (problem === undefined) this.panel.show(value as Sweep, folder);
    else void vscode.window.showErrorMessage(`This is no sweep, ${problem}. nnasm sweep --json writes one.`);
  }
}

/** What is wrong with the form of the axes that somebody types; unknown keys are named by the command, which knows them. */
function axesProblem(text: string): string | undefined {
  const parts = text.trim().split(/\s+/).filter(Boolean);
  if (parts.length === 0) return "At least one key with values, for example nu.cip=8,16";
  for (const part of parts) {
    const [, key, values] = /^([\w.]+)=(.+)$/.exec(part) ?? [];
    if (key === undefined || values === undefined) return `${part} is not KEY=VALUE,VALUE`;
    if (values.split(",").includes("")) return `${part} has an empty value`;
  }
  return undefined;
}
