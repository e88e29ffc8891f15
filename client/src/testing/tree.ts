/** The tests of the workspace as the Test Explorer shows them: folders, programs, and what each of them checks. */
import type { TestCheck, TestItem } from "@nnasm/cli/testing";
import * as vscode from "vscode";

/** What stands behind an item of the Test Explorer that is a program. */
export interface TestProgram {
  readonly folder: vscode.WorkspaceFolder;
  /** Its name: the path in the folder. */
  readonly file: string;
  readonly item: vscode.TestItem;
  readonly checks: ReadonlyMap<string, vscode.TestItem>;
}

export const checkKey = ({ file, line, name }: TestCheck): string => `${file}:${line} ${name}`;

export class TestTree {
  private readonly controller: vscode.TestController;
  private readonly programs = new Map<string, TestProgram>();

  constructor(controller: vscode.TestController) {
    this.controller = controller;
  }

  /** Shows these tests of a folder and no others; items that stay keep their results. */
  show(folder: vscode.WorkspaceFolder, tests: readonly TestItem[]): void {
    const wanted = new Set(tests.map(({ file }) => this.uriOf(folder, file).toString()));
    for (const [id, { folder: owner, item }] of this.programs) {
      if (owner.uri.toString() !== folder.uri.toString() || wanted.has(id)) continue;
      this.programs.delete(id);
      this.remove(item);
    }
    for (const test of tests) this.add(folder, test);
  }

  /** The program of a name, as it is shown. */
  find(folder: vscode.WorkspaceFolder, file: string): TestProgram | undefined {
    return this.programs.get(this.uriOf(folder, file).toString());
  }

  /** The programs that a run is about: those of the items in the request, without the excluded ones. */
  programsOf({ include, exclude = [] }: vscode.TestRunRequest): TestProgram[] {
    const isBelow = (item: vscode.TestItem | undefined, parents: readonly vscode.TestItem[]): boolean =>
      item !== undefined && (parents.includes(item) || isBelow(item.parent, parents));
    return [...this.programs.values()].filter(({ item, checks }) => {
      const items = [item, ...checks.values()];
      const isWanted = include === undefined || items.some((one) => isBelow(one, include));
      return isWanted && !isBelow(item, exclude);
    });
  }

  get all(): readonly TestProgram[] {
    return [...this.programs.values()];
  }

  uriOf(folder: vscode.WorkspaceFolder, file: string): vscode.Uri {
    // A path out of the folder, as of a library elsewhere, may be absolute.
    return /^(\/|[A-Za-z]:)/.test(file) ? vscode.Uri.file(file) : vscode.Uri.joinPath(folder.uri, file);
  }

  private add(folder: vscode.WorkspaceFolder, { file, checks }: TestItem): void {
    const uri = this.uriOf(folder, file);
    const id = uri.toString();
    const parent = this.parentOf(folder, file);
    const label = file.split("/").at(-1) ?? file;
    const item = parent.get(id) ?? this.controller.createTestItem(id, label, uri);
    item.range = new vscode.Range(0, 0, 0, 0);
    parent.add(item);
    const items = new Map<string, vscode.TestItem>();
    for (const check of checks) {
      const checkId = `${id}#${checkKey(check)}`;
      const checkUri = this.uriOf(folder, check.file);
      const checkItem = item.children.get(checkId) ?? this.controller.createTestItem(checkId, check.name, checkUri);
      const place = new vscode.Position(check.line - 1, check.column - 1);
      checkItem.range = new vscode.Range(place, place);
      checkItem.sortText = String(items.size).padStart(6, "0");
      items.set(checkKey(check), checkItem);
    }
    item.children.replace([...items.values()]);
    this.programs.set(id, { folder, file, item, checks: items });
  }

  /** Where the item of a file belongs: below its folders, and below the workspace's folder if there are several. */
  private parentOf(folder: vscode.WorkspaceFolder, file: string): vscode.TestItemCollection {
    let parent = this.controller.items;
    const several = (vscode.workspace.workspaceFolders?.length ?? 0) > 1;
    if (several) parent = this.folderItem(parent, folder.uri, folder.name).children;
    const names = file.split("/").slice(0, -1);
    names.forEach((name, depth) => {
      const uri = vscode.Uri.joinPath(folder.uri, ...names.slice(0, depth + 1));
      parent = this.folderItem(parent, uri, name).children;
    });
    return parent;
  }

  private folderItem(parent: vscode.TestItemCollection, uri: vscode.Uri, name: string): vscode.TestItem {
    const id = uri.toString();
    const item = parent.get(id) ?? this.controller.createTestItem(id, name, uri);
    parent.add(item);
    return item;
  }

  /** Removes an item, and folders that hold nothing more. */
  private remove(item: vscode.TestItem): void {
    const { parent } = item;
    (parent?.children ?? this.controller.items).delete(item.id);
    if (parent && parent.children.size === 0) this.remove(parent);
  }
}
