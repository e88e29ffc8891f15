import { describe, expect, test } from "vitest";
import { describeWith, EXTERNALS, findExternal, needsLabel } from "./index.ts";

test("commands are found on the PATH, files by their path", () => {
  expect(findExternal({ name: "sh", aptPackage: "dash" })).toMatch(/\/sh$/);
  expect(findExternal({ name: "/etc/passwd", aptPackage: "base-passwd" })).toBe("/etc/passwd");
  expect(findExternal({ name: "no-such-command", aptPackage: "none" })).toBeUndefined();
  expect(findExternal({ name: "/no/such/file", aptPackage: "none" })).toBeUndefined();
});

test("a label names every package", () => {
  expect(needsLabel(["a", "b"])).toBe("[needs apt a b]");
});

test("package names are such as apt takes", () => {
  for (const { aptPackage } of Object.values(EXTERNALS)) expect(aptPackage).toMatch(/^[a-z0-9][a-z0-9+.-]+$/);
});

let ran = false;
describeWith({ name: "sh", aptPackage: "dash" }, "a suite whose command is present", () => {
  test("runs", () => {
    ran = true;
  });
});
describe("describeWith", () => {
  test("ran the suite above", () => expect(ran).toBe(true));
});
