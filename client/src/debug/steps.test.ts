import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BACK_TO_CURSOR, CYCLE_COMMANDS, cycleIn, GO_TO_CYCLE, STEP_COMMANDS } from "./steps.ts";

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { command: string; title: string }[];
    readonly menus: Readonly<Record<string, readonly { command: string; when: string }[]>>;
  };
}

const { contributes } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as Manifest;
const protocol = readFileSync(new URL("../../../debug-adapter/PROTOCOL.md", import.meta.url), "utf8");

test("every step has a title, is offered only while NNASM is debugged, and asks for what the adapter knows", () => {
  // What shows a view is no step.
  const declared = contributes.commands
    .map(({ command }) => command)
    .filter((name) => name.startsWith("nnasm.debug.") && !name.startsWith("nnasm.debug.show"));
  expect(declared.sort()).toEqual(
    [...Object.keys(STEP_COMMANDS), ...Object.keys(CYCLE_COMMANDS), GO_TO_CYCLE, BACK_TO_CURSOR].sort(),
  );
  for (const name of declared) {
    const places = Object.values(contributes.menus)
      .flat()
      .filter(({ command }) => command === name);
    expect(places.length).toBeGreaterThan(0);
    for (const { when } of places) expect([name, when]).toEqual([name, expect.stringContaining("debugType == nnasm")]);
  }
  const requests = [...Object.values(STEP_COMMANDS).map(({ request }) => request), ...Object.values(CYCLE_COMMANDS)];
  for (const request of [...requests, "nnasm/goToCycle", "nnasm/runTo"]) {
    expect(protocol).toContain(`| ${request} | yes:`);
  }
  expect(STEP_COMMANDS["nnasm.debug.stepBackInto"]?.arguments(2)).toEqual({ threadId: 2 });
  expect(STEP_COMMANDS["nnasm.debug.backToLayer"]?.arguments(1)).toEqual({ kind: "layer" });
});

test("cycles are read as they are shown", () => {
  expect(["12", " 1,234,567 ", "1_000", "1 000", "0"].map(cycleIn)).toEqual([12, 1_234_567, 1000, 1000, 0]);
  expect(["", "-1", "1.5", "x", "9".repeat(20), ",5"].map(cycleIn)).toEqual(Array(6).fill(undefined));
});
