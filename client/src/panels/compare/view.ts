import * as path from "node:path";
import { type CompareReport, reportProblem } from "@nnasm/sim-core/compare";
import * as vscode from "vscode";
import { activeSource } from "../../commands/activeSource.ts";
import type { CommandLine } from "../shared/command-line.ts";
import { DataPanel } from "../shared/data-panel.ts";

/** One side as arguments of `nnasm compare`. */
interface Side {
  readonly file: string;
  readonly set: readonly string[];
}

/** Compares two runs: programs on machines, traces, profiles. */
export class ComparePanels implements vscode.Disposable {
  private readonly panel: DataPanel<CompareReport>;
  private readonly commandLine: CommandLine;
  private readonly entryFile: (file: vscode.Uri) => Promise<vscode.Uri>;

  /** @param entryFile program that a source belongs to */
  constructor(
    extensionUri: vscode.Uri,
    commandLine: CommandLine,
    entryFile: (file: vscode.Uri) => Promise<vscode.Uri>,
  ) {
    this.panel = new DataPanel(extensionUri, { viewType: "nnasm.compare", title: "NNASM Comparison", page: "compare" });
    this.commandLine = commandLine;
    this.entryFile = entryFile;
  }

  dispose(): void {
    this.panel.dispose();
  }

  /** Asks for two runs and shows what differs. @param given a file that is the first one */
  async run(given: vscode.Uri | undefined): Promise<void> {
    const first = await this.askSide("A", given);
    if (!first) return;
    const second = await this.askSide("B", undefined, first);
    if (!second) return;
    const folder = path.dirname(first.file);
    const sets = (name: string, { set }: Side): string[] => set.flatMap((value) => [`--set-${name}`, value]);
    const args = [
      "compare",
      ...[first, second].map(({ file }) => path.relative(folder, file)),
      ...sets("a", first),
      ...sets("b", second),
    ];
    try {
      const report = await this.commandLine.runJson("Comparing two runs", args, folder);
      if (report === undefined) return;
      const problem = reportProblem(report);
      if (problem !== undefined) throw new Error(problem);
      this.panel.show(report as CompareReport, folder);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      void vscode.window.showErrorMessage(`The runs can't be compared: ${reason}`);
    }
  }

  private async askSide(name: string, given: vscode.Uri | undefined, before?: Side): Promise<Side | undefined> {
    const file = given?.fsPath ?? (await this.askFile(name, before));
    if (file === undefined) return undefined;
    if (/\.(nntrace|json)$/.test(file)) return { file, set: [] };
    const text = await vscode.window.showInputBox({
      title: `Run ${name}: Machine of ${path.basename(file)}`,
      prompt: "Values laid over nnp.json; nothing for the machine as it is",
      placeHolder: "nu.cip=8 ddr.bytesPerCycle=4",
      validateInput: (value) => {
        const wrong = value
          .trim()
          .split(/\s+/)
          .find((part) => part !== "" && !/^[\w.]+=.+$/.test(part));
        return wrong === undefined ? undefined : `${wrong} is not KEY=VALUE`;
      },
    });
    return text === undefined ? undefined : { file, set: text.trim().split(/\s+/).filter(Boolean) };
  }

  private async askFile(name: string, before: Side | undefined): Promise<string | undefined> {
    const source = activeSource();
    const program = source && (await this.entryFile(source)).fsPath;
    const candidates = [...new Set([before?.file, program].filter((file) => file !== undefined))];
    const items = [
      ...candidates.map((file) => ({ label: path.basename(file), description: path.dirname(file), file })),
      { label: "$(folder-opened) Trace, profile or program...", description: "", file: undefined },
    ];
    const chosen = await vscode.window.showQuickPick(items, {
      title: `Run ${name}`,
      placeHolder: "A program, which is run, a trace file, or a profile as JSON",
    });
    if (!chosen || chosen.file !== undefined) return chosen?.file;
    const [file] =
      (await vscode.window.showOpenDialog({
        title: `Run ${name}`,
        filters: { "Traces, profiles, programs": ["nntrace", "json", "nnasm", "elf"], "All files": ["*"] },
      })) ?? [];
    return file?.fsPath;
  }
}
