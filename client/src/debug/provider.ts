import * as vscode from "vscode";
import { activeSource } from "../commands/activeSource.ts";
import type { LanguageService } from "../language/client.ts";
import { completeLaunch, launchName } from "./launch.ts";

/** Lets F5 work without a launch.json and fills in what a launch.json leaves open. */
export class LaunchProvider implements vscode.DebugConfigurationProvider {
  private readonly language: LanguageService;

  constructor(language: LanguageService) {
    this.language = language;
  }

  async provideDebugConfigurations(): Promise<vscode.DebugConfiguration[]> {
    const entry = await this.entryOfActiveSource();
    if (entry === undefined) return [];
    const base = { type: "nnasm", request: "launch", program: entry };
    return [
      { ...base, name: launchName("Debug", entry) },
      { ...base, name: launchName("Profile", entry), profile: true },
    ];
  }

  async resolveDebugConfiguration(
    folder: vscode.WorkspaceFolder | undefined,
    config: vscode.DebugConfiguration,
  ): Promise<vscode.DebugConfiguration | undefined> {
    const entry = config.program === undefined ? await this.entryOfActiveSource() : undefined;
    const complete = completeLaunch(config, entry, folder?.uri.fsPath);
    if ("problem" in complete) {
      await vscode.window.showErrorMessage(complete.problem);
      return undefined;
    }
    return { ...config, ...complete };
  }

  private async entryOfActiveSource(): Promise<string | undefined> {
    const source = activeSource();
    return source === undefined ? undefined : (await this.language.entryFile(source)).fsPath;
  }
}
