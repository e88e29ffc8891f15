/** Exported traces in speedscope, which imports three of their formats: what it makes of them, and what its table shows. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchChromium } from "../../scripts/vscode/browser.ts";
import { nnasm } from "../profile/programs.ts";
import { describeWith, EXTERNALS, findExternal, ROOT, temporaryFolder } from "../tools/index.ts";

const PAGE = pathToFileURL(path.join(ROOT, "node_modules/speedscope/dist/release/index.html")).href;
const CALLS = "debug-adapter/test/programs/calls.nnasm";
const NETWORK = "test-fixtures/fashion-mnist/fashion.nnasm";

/** A profile as speedscope writes it itself, whatever it has read. */
interface Imported {
  readonly shared: { readonly frames: readonly { name: string; file?: string; line?: number }[] };
  readonly profiles: readonly {
    readonly name: string;
    readonly type: "sampled" | "evented";
    readonly unit: string;
    readonly startValue: number;
    readonly endValue: number;
    readonly samples: readonly (readonly number[])[];
    readonly weights: readonly number[];
    readonly events: readonly { type: "O" | "C"; frame: number; at: number }[];
  }[];
}

describeWith(EXTERNALS.chromium, "speedscope", () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await launchChromium(findExternal(EXTERNALS.chromium)!);
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  });
  afterAll(() => browser?.close());

  /** Hands an export to the page as a person does, and takes what the page exports in turn. */
  async function imported(program: string, cycles: number, format: string, file: string): Promise<Imported> {
    const folder = temporaryFolder();
    const trace = path.join(folder, "run.nntrace");
    await nnasm("run", program, "-m", String(cycles), "--quiet", "--trace", trace);
    await nnasm("trace", trace, "--export", format, "-o", path.join(folder, file));
    await page.goto("about:blank");
    await page.goto(PAGE);
    await page.setInputFiles("input[type=file]", path.join(folder, file));
    const download = page.waitForEvent("download");
    await page.getByText("Export", { exact: false }).last().click();
    return JSON.parse(await readFile(await (await download).path(), "utf8")) as Imported;
  }

  /** Cycles by line of the program, as `nnasm profile` has them. */
  async function lineCycles(program: string, cycles: number): Promise<Map<string, number>> {
    const { stdout } = await nnasm("profile", program, "-m", String(cycles), "--json");
    const { lines } = JSON.parse(stdout) as { lines: { file: string; line: number; cycles: number }[] };
    return new Map(lines.map(({ file, line, cycles: own }) => [`${file}:${line}`, own]));
  }

  function ownByFrame({ shared, profiles }: Imported, keyOf: (frame: Imported["shared"]["frames"][0]) => string) {
    const found = new Map<string, number>();
    const [profile] = profiles;
    const add = (frame: number, weight: number): void => {
      const key = keyOf(shared.frames[frame]!);
      if (weight > 0) found.set(key, (found.get(key) ?? 0) + weight);
    };
    if (profile!.type === "sampled") {
      for (const [i, stack] of profile!.samples.entries()) add(stack.at(-1)!, profile!.weights[i]!);
    } else {
      const open: number[] = [];
      let at = profile!.startValue;
      for (const event of profile!.events) {
        if (open.length > 0) add(open.at(-1)!, event.at - at);
        at = event.at;
        if (event.type === "O") open.push(event.frame);
        else expect(open.pop()).toBe(event.frame);
      }
      expect(open).toEqual([]);
    }
    return found;
  }

  it("takes our speedscope file: cycles by line are the profile's, and its table tells lines apart", async () => {
    const read = await imported(CALLS, 100_000, "speedscope", "run.speedscope.json");
    const lines = await lineCycles(CALLS, 100_000);
    expect(ownByFrame(read, ({ file, line }) => `${file}:${line}`)).toEqual(lines);
    expect(read.profiles.map(({ unit }) => unit)).toEqual(["none"]);
    await page.keyboard.press("3");
    const shown = async (): Promise<string[]> => page.locator("tr", { hasText: "%" }).allInnerTexts();
    await expect.poll(async () => (await shown()).length).toBeGreaterThan(1);
    const most = Math.max(...lines.values());
    const [hottest] = [...lines].find(([, cycles]) => cycles === most)!;
    const row = (await shown()).find((text) => text.trim().endsWith(`:${hottest.split(":").at(-1)}`));
    expect(row).toContain(most.toLocaleString("en-US"));
  });

  it("takes our .cpuprofile: a cycle is a microsecond", async () => {
    const read = await imported(CALLS, 100_000, "cpuprofile", "run.cpuprofile");
    expect(ownByFrame(read, ({ file, line }) => `${file}:${line}`)).toEqual(await lineCycles(CALLS, 100_000));
    expect(read.profiles[0]!.unit).toBe("microseconds");
  });

  it("takes our Trace Event Format: a thread for each unit and the layers, with the cycles that each was busy", async () => {
    const read = await imported(NETWORK, 300_000, "perfetto", "run.json");
    const names = read.profiles.map(({ name }) => name.replace(/ \(.*/, ""));
    expect(names).toEqual(["CU", "NU", "DMA0", "DMA1", "LAYERS"]);
    const folder = temporaryFolder();
    const trace = path.join(folder, "run.nntrace");
    await nnasm("run", NETWORK, "-m", "300000", "--quiet", "--trace", trace);
    const { units } = JSON.parse((await nnasm("trace", trace, "--json")).stdout) as {
      units: { unit: string; busyCycles: number }[];
    };
    for (const { unit, busyCycles } of units) {
      const profile = read.profiles[names.indexOf(unit.toUpperCase())]!;
      const own = ownByFrame({ ...read, profiles: [profile] }, () => unit);
      expect([unit, own.get(unit)]).toEqual([unit, busyCycles]);
    }
    const layers = ownByFrame({ ...read, profiles: [read.profiles.at(-1)!] }, ({ name }) => name.replace(/ \{.*/, ""));
    expect([...layers.keys()]).toEqual(expect.arrayContaining(["conv1", "pool1", "fc"]));
    expect([...layers.values()].reduce((sum, cycles) => sum + cycles, 0)).toBeLessThanOrEqual(300_000);
  });
});
