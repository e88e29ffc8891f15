/** The launch attributes that the extension's manifest promises, and those that the adapter reads. */
import { readFileSync } from "node:fs";
import { CHECK_IDS, DEFAULT_CHECKS } from "@nnasm/sim-core/check";
import { expect, test } from "vitest";
import { readLaunch } from "../../src/protocol/launch.ts";
import { DEFAULT_HISTORY_BYTES } from "../../src/runtime/index.ts";

interface Property {
  readonly type: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly items?: { readonly enum: readonly string[] };
}

const manifest = JSON.parse(readFileSync(new URL("../../../client/package.json", import.meta.url), "utf8")) as {
  contributes: {
    debuggers: [{ configurationAttributes: { launch: { properties: Record<string, Property> } } }];
  };
};
const { properties } = manifest.contributes.debuggers[0].configurationAttributes.launch;

test("every attribute is known, with the same values and defaults", () => {
  for (const [name, { type, default: value, enum: values }] of Object.entries(properties)) {
    const wrong = { program: "a.nnasm", [name]: type === "object" ? [type] : { no: type } };
    expect(() => readLaunch(wrong)).toThrow(`"${name}" in the launch configuration takes`);
    for (const one of values ?? []) expect(() => readLaunch({ program: "a.nnasm", [name]: one })).not.toThrow();
    if (value === undefined) continue;
    const given = readLaunch({ program: "a.nnasm", [name]: value });
    const absent = { ...readLaunch({ program: "a.nnasm" }), historyMegabytes: DEFAULT_HISTORY_BYTES / 2 ** 20 };
    const checks = DEFAULT_CHECKS;
    expect([name, { ...absent, checks }]).toEqual([name, { ...absent, checks, ...given }]);
  }
  expect(properties.checks?.items?.enum).toEqual(CHECK_IDS);
});
