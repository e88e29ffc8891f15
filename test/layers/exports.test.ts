import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { ROOT } from "../tools/index.ts";
import { unusedExports } from "./exports.ts";

/** What others than our modules call. */
const CALLED_BY_OTHERS: ReadonlySet<string> = new Set([
  "client/src/extension.ts: activate",
  // Thrown at callers, who may want to tell it apart.
  "sim-core/src/engine/simulator.ts: ModeError",
]);
/** Compiled by another compiler, which calls them; and samples for users. */
const NOT_OURS = /^sim-core\/kernels\/|\.d\.ts$|^sdk\/|^test-fixtures\/samples\//;

test("what a file exports is imported somewhere", async () => {
  const list = ["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "*.ts", "*.tsx"];
  const { stdout } = await promisify(execFile)("git", list, { cwd: ROOT, maxBuffer: 2 ** 24 });
  const names = stdout.split("\n").filter((name) => name !== "" && !NOT_OURS.test(name));
  const files = await Promise.all(
    names.map(async (name) => ({ name, text: await readFile(path.join(ROOT, name), "utf8").catch(() => "") })),
  );
  expect(files.length).toBeGreaterThan(500);
  expect(unusedExports(files).filter((one) => !CALLED_BY_OTHERS.has(one))).toEqual([]);
});

test("an export that nobody imports is found, and no other", () => {
  const maker = [
    "export const used = 1;",
    "export const lonely = 2;",
    "export async function late() {}",
    "export class Renamed {}",
    "export function* whole() {}",
    "export interface Shape {}",
    "const own = used + lonely;",
  ].join("\n");
  const user = [
    'import maker, { type Shape, used } from "./maker.ts";',
    'export { Renamed as Other } from "./maker.ts";',
    'const { late } = await import("./maker.ts");',
  ].join("\n");
  const files = [
    { name: "maker.ts", text: maker },
    { name: "user.ts", text: user },
  ];
  expect(unusedExports(files)).toEqual(["maker.ts: lonely", "maker.ts: whole"]);
  const all = { name: "all.ts", text: 'import * as maker from "./maker.ts";\nmaker.whole();\n' };
  expect(unusedExports([...files, all])).toEqual(["maker.ts: lonely"]);
});
