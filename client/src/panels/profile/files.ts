/** Profiles to and from files. */
import * as path from "node:path";
import { reportHtml, reportTables, tableCsv } from "@nnasm/sim-core/profile";
import * as vscode from "vscode";
import type { ExportForm } from "./messages.ts";
import { adviceIn, parseProfile } from "./model.ts";
import { nameOf, programOf, type StoredProfile } from "./store.ts";

/** Asks for a file of `nnasm profile --json` and reads it; undefined when none was chosen or it is none. */
export async function readProfileFile(given?: vscode.Uri): Promise<StoredProfile | undefined> {
  const [file] = given
    ? [given]
    : ((await vscode.window.showOpenDialog({ title: "Open Profile", filters: { Profiles: ["json"] } })) ?? []);
  if (!file) return undefined;
  const name = path.basename(file.fsPath);
  let body: unknown;
  try {
    body = JSON.parse(Buffer.from(await vscode.workspace.fs.readFile(file)).toString("utf8"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    await vscode.window.showErrorMessage(`${name} can't be read: ${reason}`);
    return undefined;
  }
  const profile = parseProfile(body);
  if (typeof profile === "string") {
    await vscode.window.showErrorMessage(
      `${name} is no profile: ${profile}. "nnasm profile --json > ${name}" writes one.`,
    );
    return undefined;
  }
  const program = typeof body === "object" && body !== null && "file" in body ? String(body.file) : name;
  // The command names files from the folder in which it ran: the workspace's, or the one that holds the profile.
  const folder = vscode.workspace.getWorkspaceFolder(file)?.uri ?? vscode.Uri.joinPath(file, "..");
  return { profile, program, folder, advice: adviceIn(body) };
}

/** Asks where to, and writes the profile there: one file, or for CSV a folder of tables. */
export async function exportProfile(stored: StoredProfile, form: ExportForm): Promise<void> {
  const { profile, advice } = stored;
  const program = nameOf(stored);
  const start = vscode.workspace.workspaceFolders?.[0]?.uri;
  const name = program.replace(/\.[^.]*$/, "");
  const contents = new Map<vscode.Uri, string>();
  let shown: vscode.Uri;
  if (form === "csv") {
    const [folder] =
      (await vscode.window.showOpenDialog({
        title: "Folder for the tables",
        openLabel: "Write tables",
        canSelectFolders: true,
        canSelectFiles: false,
        ...(start && { defaultUri: start }),
      })) ?? [];
    if (!folder) return;
    for (const table of reportTables(profile)) {
      contents.set(vscode.Uri.joinPath(folder, `${name}.${table.id}.csv`), tableCsv(table));
    }
    shown = folder;
  } else {
    const file = await vscode.window.showSaveDialog({
      ...(start && { defaultUri: vscode.Uri.joinPath(start, `${name}.profile.${form}`) }),
      filters: form === "html" ? { Report: ["html"] } : { Profile: ["json"] },
    });
    if (!file) return;
    const text =
      form === "html"
        ? reportHtml(profile, program)
        : `${JSON.stringify({ file: programOf(stored).fsPath, ...profile, advice: advice.findings })}\n`;
    contents.set(file, text);
    shown = file;
  }
  try {
    for (const [file, text] of contents) await vscode.workspace.fs.writeFile(file, Buffer.from(text));
    void vscode.window.showInformationMessage(`The profile is in ${vscode.workspace.asRelativePath(shown)}.`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    await vscode.window.showErrorMessage(`The profile can't be written: ${reason}`);
  }
}
