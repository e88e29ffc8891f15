/**
 * Random edits on real sources with every request that the server answers in between: nothing fails, every range lies in its
 * text, edits give what they promise, and what was computed step by step equals what a fresh start computes. `npm run test:long`
 * runs more of it; SEED and EDITS choose another run.
 */
import { expect, test } from "vitest";
import { FuzzClient } from "./fuzz/client.ts";
import { changed, positionAt, random, randomEdit } from "./fuzz/edits.ts";
import { Project } from "./fuzz/project.ts";
import { Promises } from "./fuzz/promises.ts";
import { PlaceChecker } from "./fuzz/ranges.ts";
import { answeredMethods, askFor, type Spot } from "./fuzz/requests.ts";

const LONG = process.env.LONG === "1";
const EDITS = Number(process.env.EDITS ?? (LONG ? 100_000 : 2_000));
const SEED = Number(process.env.SEED ?? 20_251_122);
/** Every so many edits answers are compared with those of a fresh start: all in the long run, three of ten, by chance, else. */
const COMPARE = 10;
const COMPARED = LONG ? 1 : 0.3;
/** Every so many edits a text goes back to the original: programs that are nothing but noise say little. */
const RESET = 20;
/** Requests behind an edit that is not compared. */
const REQUESTS = 2;
const TIMEOUT = LONG ? 5 * 3_600_000 : 240_000;

/** Each gets its share of the edits. */
const PROJECTS = ["fashion-mnist", "asm", "samples/own-instructions"];

/** Answers that name themselves differ in the names. */
function comparable(answer: unknown): string {
  return (
    JSON.stringify(answer, (key, value: unknown) => (key === "resultId" || key === "version" ? undefined : value)) ?? ""
  );
}

function expectSame(kept: string, made: string): void {
  if (kept === made) return;
  let at = 0;
  while (kept[at] === made[at]) at++;
  // A readable difference of two answers with thousands of tokens takes minutes to make.
  expect(kept.slice(Math.max(0, at - 200), at + 200)).toBe(made.slice(Math.max(0, at - 200), at + 200));
}

class Run {
  private readonly project: Project;
  private readonly next: () => number;
  private readonly texts: Map<string, string>;
  private client!: FuzzClient;
  private methods: readonly string[] = [];

  constructor(folder: string, seed: number) {
    this.project = new Project(folder);
    this.next = random(seed);
    this.texts = new Map(this.project.sources);
  }

  async run(edits: number): Promise<void> {
    this.client = await this.started();
    this.methods = await answeredMethods(this.client);
    for (let edit = 1; edit <= edits; edit++) {
      const uri = this.pick([...this.texts.keys()]);
      let spot: Spot | undefined;
      try {
        await this.edit(uri, edit % RESET === 0);
        spot = this.spot(uri);
        if (edit % COMPARE === 0) await this.compare(spot);
        else for (let count = 0; count < REQUESTS; count++) await this.answer(this.pick(this.methods), spot);
        expect(this.client.errors).toBe("");
        this.checkPushed();
      } catch (error) {
        const place = spot && `${spot.position.line}:${spot.position.character}`;
        throw new Error(`edit ${edit} of ${uri} at ${place}:\n${this.texts.get(uri)}`, { cause: error });
      }
    }
    await this.client.stop();
  }

  private async started(): Promise<FuzzClient> {
    const client = new FuzzClient(this.project.host);
    await client.start(this.project.folder);
    for (const [uri, text] of this.texts) await client.open(uri, text);
    return client;
  }

  private pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!;
  }

  private async edit(uri: string, isReset: boolean): Promise<void> {
    const before = this.texts.get(uri)!;
    const original = this.project.sources.get(uri)!;
    const chosen = isReset ? { start: 0, end: before.length, text: original } : randomEdit(before, this.next);
    const range = { start: positionAt(before, chosen.start), end: positionAt(before, chosen.end) };
    await this.client.change(uri, range, chosen.text);
    this.texts.set(uri, changed(uri, before, [{ range, newText: chosen.text }]));
  }

  private spot(uri: string): Spot {
    const text = this.texts.get(uri)!;
    const place = () => Math.floor(this.next() * (text.length + 1));
    const [start, end] = [place(), place()].sort((a, b) => a - b) as [number, number];
    const range = { start: positionAt(text, start), end: positionAt(text, end) };
    return { uri, position: positionAt(text, place()), range };
  }

  private async answer(method: string, spot: Spot, client = this.client): Promise<unknown> {
    const answer = await askFor(method)!(client, spot);
    try {
      new PlaceChecker(this.texts).check(answer, spot.uri);
    } catch (cause) {
      throw new Error(`${method}: ${JSON.stringify(answer).slice(0, 2000)}`, { cause });
    }
    return answer;
  }

  private async compare(spot: Spot): Promise<void> {
    const fresh = await this.started();
    const promises = await Promises.of(this.project, this.texts, spot);
    // Completion and signature help take the last program: this makes it the present one in both.
    for (const client of [this.client, fresh]) await this.answer("textDocument/hover", spot, client);
    for (const method of this.methods) {
      if (this.next() >= COMPARED) continue;
      const kept = await this.answer(method, spot);
      expectSame(`${method} ${comparable(kept)}`, `${method} ${comparable(await this.answer(method, spot, fresh))}`);
      await promises.check(this.client, method, kept);
    }
    expect(fresh.errors).toBe("");
    await fresh.stop();
  }

  /** Diagnostics that came by themselves, if they are about the present text. */
  private checkPushed(): void {
    const checker = new PlaceChecker(this.texts);
    for (const [uri, { version, diagnostics }] of this.client.pushed)
      if (version === this.client.version(uri)) checker.check(diagnostics, uri);
  }
}

test("the fuzzer knows how to ask for everything that the server answers", async () => {
  const client = new FuzzClient(new Project("asm").host);
  await client.start("file:///p");
  const methods = await answeredMethods(client);
  await client.stop();
  expect(methods.length).toBeGreaterThan(40);
  expect(methods.filter((method) => !askFor(method))).toEqual([]);
});

test(`${EDITS} random edits, seed ${SEED}`, { timeout: TIMEOUT }, async () => {
  for (const [index, folder] of PROJECTS.entries())
    await new Run(folder, SEED + index).run(Math.ceil(EDITS / PROJECTS.length));
});
