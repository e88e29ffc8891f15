import * as path from "node:path";
import type { Profile } from "@nnasm/sim-core/profile";
import * as vscode from "vscode";
import type { AdviceView } from "./messages.ts";

/** A profile, and what its names mean here. */
export interface StoredProfile {
  readonly profile: Profile;
  /** File of the program. */
  readonly program: string;
  /** Folder that relative names of files, the program's too, are meant from. */
  readonly folder: vscode.Uri | undefined;
  readonly advice: AdviceView;
}

/** The latest profile: panel and heat show it. */
export class ProfileStore implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<StoredProfile>();
  readonly onDidChange = this.changed.event;
  latest: StoredProfile | undefined;

  set(stored: StoredProfile): void {
    this.latest = stored;
    this.changed.fire(stored);
  }

  dispose(): void {
    this.changed.dispose();
  }
}

export function sourceUri(file: string, { folder }: Pick<StoredProfile, "folder">): vscode.Uri {
  return path.isAbsolute(file) || folder === undefined ? vscode.Uri.file(file) : vscode.Uri.joinPath(folder, file);
}

/** The program's name, for people. */
export const nameOf = ({ program }: Pick<StoredProfile, "program">): string => path.basename(program);

/** The program's file. */
export const programOf = ({ program, folder }: StoredProfile): vscode.Uri => sourceUri(program, { folder });

/** Shows a line, counted from one, beside the panel. */
export async function openSource(file: string, line: number, stored: Pick<StoredProfile, "folder">): Promise<void> {
  const position = new vscode.Position(line - 1, 0);
  try {
    await vscode.window.showTextDocument(sourceUri(file, stored), {
      viewColumn: vscode.ViewColumn.One,
      selection: new vscode.Range(position, position),
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    await vscode.window.showErrorMessage(`${file} can't be opened: ${reason}`);
  }
}
