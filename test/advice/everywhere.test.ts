/** The command's two ways to advice, a debug session and the panel say the same. */
import { cpSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Finding } from "@nnasm/sim-core/advice";
import { describe, expect, test } from "vitest";
import { adviceIn, parseProfile } from "../../client/src/panels/profile/model.ts";
import { launch, startClient } from "../../debug-adapter/test/adapter.ts";
import { runNnasm, temporaryFolder } from "../tools/index.ts";
import { SHOWS } from "./shows.ts";

const RULE = {
  id: "slow",
  when: "layer.cycles > 100",
  message: "it is slow",
  edit: "hurry",
  saves: "layer.cycles / 2",
};

/** A folder with the program of a rule's show, and a rule of the project's own. */
function show(rule: string): string {
  const folder = temporaryFolder();
  cpSync(path.join(SHOWS, rule), path.join(folder, rule), { recursive: true });
  cpSync(path.join(SHOWS, "pattern.nnasm"), path.join(folder, "pattern.nnasm"));
  writeFileSync(path.join(folder, rule, "nnp.json"), JSON.stringify({ advice: [RULE] }));
  return path.join(folder, rule);
}

/** Findings without the names of files, which the command makes relative to its folder. */
const plain = (findings: readonly Finding[]) =>
  findings.map((finding) => ({ ...finding, places: finding.places.map(({ address, line }) => ({ address, line })) }));

async function commandPrints(cwd: string): Promise<{ readonly advice: readonly Finding[] }> {
  return JSON.parse((await runNnasm(["profile", "--advice", "--json", "bad.nnasm"], { cwd })).stdout);
}

describe.each(["double-buffer"])("%s", (rule) => {
  test("at the end of a profiled run, and when asked for, a session has what both commands print", async () => {
    const cwd = show(rule);
    const client = await startClient();
    const bodies: { findings: readonly Finding[]; note?: string; update?: boolean }[] = [];
    client.on("nnasm/profile", ({ body }) => bodies.push(body));
    const ended = client.waitForEvent("terminated");
    await launch(client, { program: path.join(cwd, "bad.nnasm"), profile: true });
    await client.configurationDoneRequest();
    await ended;
    expect(bodies).toHaveLength(2);
    expect(bodies[0]!.note).toContain("need no record");
    // Who has closed the first one need not see the second.
    expect(bodies.map(({ update }) => update)).toEqual([undefined, true]);
    const [, { findings, note }] = bodies as [object, (typeof bodies)[0]];
    expect(note).toBeUndefined();
    expect(findings.map((finding) => finding.rule)).toEqual(expect.arrayContaining([rule, "slow"]));

    const asked = await client.customRequest("nnasm/profile", { advice: true });
    expect(asked.body.findings).toEqual(findings);

    const { advice: said } = await commandPrints(cwd);
    expect(plain(findings)).toEqual(plain(said));
    // The panel takes an event, an answer, or the command's file.
    const shown = adviceIn(bodies[1]);
    expect(shown).toEqual({ findings });
    expect(adviceIn(asked.body)).toEqual(shown);
    expect(plain(adviceIn(await commandPrints(cwd)).findings)).toEqual(plain(shown.findings));
    expect(adviceIn(bodies[0]).note).toBe(bodies[0]!.note);
    expect(parseProfile(bodies[1])).toEqual(parseProfile(asked.body));
    const { code, stdout } = await runNnasm(["check", "--json", "--fail-on", "any", "bad.nnasm"], { cwd });
    expect(code).toBe(3);
    expect(JSON.parse(stdout).files[0].advice).toEqual(said);
  });
});

test("a profile without advice is told apart from one with nothing to say", () => {
  expect(adviceIn({ advice: [] })).toEqual({ findings: [] });
  expect(adviceIn({})).toEqual({ findings: [], note: "no advice came with this profile" });
  expect(adviceIn(undefined).findings).toEqual([]);
  expect(adviceIn({ advice: [{ rule: "slow" }] })).toEqual({
    findings: [],
    note: "what came with this profile is no advice, advice[0].title is no string",
  });
});
