/** Which programs are tests, without assembling anything. */
import { existsSync } from "node:fs";
import path from "node:path";
import { type ParsedFile, parseFile, type Statement, stringText } from "@nnasm/sim-core/asm";
import { UserError } from "../errors.ts";
import { diskHost, findSources, isFolder, readFile } from "../files.ts";
import { isText } from "../sources.ts";
import { expectedChecks, expectedFolder } from "./expected-files.ts";
import type { TestCheck, TestItem } from "./protocol.ts";

/** Programs of this name are tests whatever stands in them: they have to exit with 0. */
const TEST_NAME = ".test.nnasm";

/** Names of tests have `/` between folders on every system. */
export const testName = (file: string): string => path.normalize(file).split(path.sep).join("/");

/**
 * Tests among what the command line names: files are tests in any case; in folders those that have `.expect` statements, files
 * of expected results beside them, or a name that ends with `.test.nnasm`, and that no other source there includes.
 * @param names files and folders, relative to `cwd`
 * @returns tests without repetition, in the order of their names
 * @throws UserError for names of nothing
 */
export function findTests(cwd: string, names: readonly string[]): TestItem[] {
  const found = new Map<string, TestItem>();
  const add = (item: TestItem): void => void found.set(item.file, item);
  for (const name of names) {
    if (isFolder(cwd, name)) for (const item of testsIn(cwd, name)) add(item);
    else add({ file: testName(name), checks: checksOf(cwd, name, parsed(cwd, name)) });
  }
  return [...found.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
}

function testsIn(cwd: string, folder: string): TestItem[] {
  const sources = findSources(cwd, folder).map((file) => ({ file: path.normalize(file), tree: parsed(cwd, file) }));
  const included = new Set(sources.flatMap(({ file, tree }) => (tree ? includesOf(file, tree) : [])));
  return sources.flatMap(({ file, tree }): TestItem[] => {
    if (included.has(file)) return [];
    const checks = checksOf(cwd, file, tree);
    return checks.length > 0 || file.endsWith(TEST_NAME) || hasExpectedFolder(cwd, file)
      ? [{ file: testName(file), checks }]
      : [];
  });
}

const hasExpectedFolder = (cwd: string, file: string): boolean => existsSync(path.resolve(cwd, expectedFolder(file)));

/** The tree of a source; undefined for ELF files, which carry their expectations inside. */
function parsed(cwd: string, file: string): ParsedFile | undefined {
  const bytes = readFile(cwd, file);
  return isText(bytes) ? parseFile(file, Buffer.from(bytes).toString("utf8")) : undefined;
}

function checksOf(cwd: string, file: string, tree: ParsedFile | undefined): TestCheck[] {
  const written: TestCheck[] = [];
  for (const { statement, line, text } of directives(tree, ".expect")) {
    const { start, end } = statement.operandText;
    const name = `.expect ${text.slice(start, end).trim()}`;
    written.push({ name, file: testName(file), line, column: (statement.name?.start ?? 0) + 1 });
  }
  return [...written, ...expectedChecks(cwd, file)];
}

/** Statements of a directive, with their lines from one. */
function* directives(
  tree: ParsedFile | undefined,
  name: string,
): Generator<{ readonly statement: Statement; readonly line: number; readonly text: string }> {
  if (!tree) return;
  for (const [index, { statements, text }] of tree.lines.entries()) {
    for (const statement of statements) {
      if (statement.form === "directive" && statement.name?.name === name) {
        yield { statement, line: tree.firstLines[index]! + 1, text };
      }
    }
  }
}

/** Files that a source names in `.include`. */
function includesOf(file: string, tree: ParsedFile): string[] {
  const found: string[] = [];
  for (const { statement } of directives(tree, ".include")) {
    const [operand] = statement.operands;
    if (operand?.kind === "string") found.push(path.normalize(path.join(path.dirname(file), stringText(operand.text))));
  }
  return found;
}

/** A source with everything that it includes, for sources that don't assemble: the assembler says it of all others. */
export function includeClosure(cwd: string, file: string): string[] {
  const found = new Set<string>();
  const follow = (name: string): void => {
    const text = found.has(name) ? undefined : diskHost(cwd).readText(name);
    found.add(name);
    if (text !== undefined) for (const each of includesOf(name, parseFile(name, text))) follow(each);
  };
  follow(path.normalize(file));
  return [...found];
}

/** Tests with `part` in their names, in upper or lower case. */
export function matchingTests(tests: readonly TestItem[], part = ""): readonly TestItem[] {
  return tests.filter(({ file }) => file.toLowerCase().includes(part.toLowerCase()));
}

/**
 * @param names what the tests were looked for in
 * @throws UserError when nothing is left to run
 */
export function filterTests(
  tests: readonly TestItem[],
  names: readonly string[],
  filter: string | undefined,
): readonly TestItem[] {
  if (tests.length === 0) {
    throw new UserError(
      `there are no tests in ${names.map((name) => (name === "." ? "this folder" : name)).join(", ")}`,
      "a test has .expect statements, a folder NAME.expected beside it, or a name that ends with .test.nnasm",
    );
  }
  const kept = matchingTests(tests, filter);
  if (kept.length === 0)
    throw new UserError(`-k ${filter} fits none of the tests`, "nnasm test --list prints their names");
  return kept;
}
