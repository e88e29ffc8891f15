/** Timeline, tables, panel, command and exports tell the same numbers of the same run. */
import path from "node:path";
import { describe, expect, test } from "vitest";
import { scaled, temporaryFolder } from "../tools/index.ts";
import { fixturePrograms, limitOf, nnasm } from "./programs.ts";
import {
  chromeNumbers,
  type Numbers,
  operationNumbers,
  panelNumbers,
  speedscopeNumbers,
  summaryNumbers,
  tableNumbers,
  timelineNumbers,
} from "./views.ts";

const NETWORK = "test-fixtures/fashion-mnist/fashion.nnasm";

/** What all views say of one run; each of them from what the command has written. */
async function viewsOf(program: string, limit: number): Promise<Readonly<Record<string, Numbers>>> {
  const folder = temporaryFolder();
  const trace = path.join(folder, "run.nntrace");
  const folderOfTables = path.join(folder, "tables");
  const until = ["-m", String(limit)];
  await nnasm("run", program, ...until, "--quiet", "--trace", trace);
  const profile = await nnasm("profile", program, ...until, "--json", "--csv", folderOfTables);
  const exported = async (format: string): Promise<string> => (await nnasm("trace", trace, "--export", format)).stdout;
  const summary = summaryNumbers((await nnasm("trace", trace, "--json")).stdout);
  return {
    timeline: timelineNumbers(trace),
    summary,
    operations: operationNumbers(await exported("csv"), summary.get("cycles")!),
    perfetto: chromeNumbers(await exported("perfetto")),
    speedscope: speedscopeNumbers(await exported("speedscope")),
    tables: tableNumbers(folderOfTables),
    panel: panelNumbers(profile.stdout),
  };
}

/** Views that tell a number, by its name. */
function tellersOf(views: Readonly<Record<string, Numbers>>): Map<string, (readonly [view: string, value: number])[]> {
  const found = new Map<string, (readonly [string, number])[]>();
  for (const [view, numbers] of Object.entries(views)) {
    for (const [name, value] of numbers) found.set(name, [...(found.get(name) ?? []), [view, value]]);
  }
  return found;
}

/** Names on which views don't agree, with what each of them says. */
function different(views: Readonly<Record<string, Numbers>>): string[] {
  return [...tellersOf(views)].flatMap(([name, told]) => {
    const largest = Math.max(...told.map(([, value]) => Math.abs(value)));
    // Shares of pixels are single precision.
    const isSame = told.every(([, value]) => Math.abs(value - told[0]![1]) <= 1e-5 * largest);
    return isSame ? [] : [`${name}: ${told.map(([view, value]) => `${view} ${value}`).join(", ")}`];
  });
}

/** Of the pairs of bad and repaired programs one is enough here: their sums are looked at in all of them. */
const PROGRAMS = fixturePrograms().filter((file) => file !== NETWORK && (scaled(false, true) || !/good/.test(file)));

test.each(PROGRAMS)("%s", async (program) => {
  expect(different(await viewsOf(program, limitOf(program)))).toEqual([]);
});

describe("the network", () => {
  test("has the same numbers in all views, and each of them tells what it shows", async () => {
    const views = await viewsOf(NETWORK, limitOf(NETWORK));
    expect(different(views)).toEqual([]);
    const tellers = tellersOf(views);
    const expected: Readonly<Record<string, readonly string[]>> = {
      cycles: ["summary", "speedscope", "tables", "panel"],
      "cu branch": ["timeline", "summary", "tables", "panel"],
      "cu tokenWait": ["timeline", "summary", "tables", "panel"],
      "waits tokenWait": ["timeline", "perfetto", "tables"],
      "busy nu": ["timeline", "summary", "operations", "perfetto", "tables", "panel"],
      "busy dma0": ["timeline", "summary", "operations", "perfetto", "tables"],
      "operations nu": ["timeline", "summary", "operations", "perfetto", "tables", "panel"],
      "layer conv1 cycles": ["timeline", "perfetto", "tables", "panel"],
      "layer conv1 nuCycles": ["operations", "tables", "panel"],
      "layer conv1 macs": ["tables", "panel"],
      "layer conv1 slots.useful": ["tables", "panel"],
      "layer load weights transfers": ["operations", "tables", "panel"],
      "line fashion.nnasm:99 cycles": ["speedscope", "tables", "panel"],
      "line fashion.nnasm:99 nuCycles": ["operations", "tables", "panel"],
      "ddr read": ["timeline", "perfetto", "tables", "panel"],
      macs: ["tables", "panel"],
    };
    for (const [name, who] of Object.entries(expected)) {
      const told = tellers.get(name) ?? [];
      expect([name, told.map(([view]) => view)]).toEqual([name, who]);
      expect(told[0]![1]).toBeGreaterThan(0);
    }
  });

  test("and bank conflicts are told by timeline, export and tables", async () => {
    const views = await viewsOf("test-fixtures/advice/bank-conflicts/bad.nnasm", 50_000);
    const told = tellersOf(views).get("lost nu") ?? [];
    expect(told.map(([view]) => view)).toEqual(["timeline", "perfetto", "tables"]);
    expect(told[0]![1]).toBeGreaterThan(0);
  });
});
