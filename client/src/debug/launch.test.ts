import { expect, test } from "vitest";
import { completeLaunch, launchName } from "./launch.ts";

test("F5 without a launch.json debugs the program of the open file", () => {
  expect(completeLaunch({}, "/w/main.nnasm")).toEqual({
    type: "nnasm",
    request: "launch",
    name: "Debug main.nnasm",
    program: "/w/main.nnasm",
  });
});

test("what a launch.json says stays", () => {
  const raw = { type: "nnasm", request: "launch", name: "Mine", program: "a.elf", stopOnEntry: true };
  expect(completeLaunch(raw, "/w/main.nnasm")).toEqual(raw);
});

test("without a file and a program there is a problem that says what to do", () => {
  expect(completeLaunch({}, undefined)).toEqual({
    problem: 'Open a .nnasm file, or name one in the launch configuration\'s "program".',
  });
  expect(completeLaunch({ program: " " }, undefined)).toHaveProperty("problem");
});

test("a debugger attaches to a port, and to nothing else", () => {
  expect(completeLaunch({ request: "attach", port: 4711 }, "/w/main.nnasm")).toEqual({
    type: "nnasm",
    request: "attach",
    name: "Attach to port 4711",
    port: 4711,
  });
  for (const port of [undefined, 0, 65536, 1.5]) {
    expect(completeLaunch({ request: "attach", ...(port === undefined ? {} : { port }) }, undefined)).toEqual({
      problem: expect.stringContaining("nnasm run --wait"),
    });
  }
  expect(completeLaunch({ request: "fly" }, "/w/main.nnasm")).toEqual({ problem: expect.stringContaining('"fly"') });
});

test("a launch is named after the file, whatever the path separator", () => {
  expect(launchName("Profile", "C:\\w\\net.nnasm")).toBe("Profile net.nnasm");
  expect(launchName("Run", "/w/net.elf")).toBe("Run net.elf");
});

test("relative names are meant from the workspace folder, unless the configuration names another", () => {
  expect(completeLaunch({ program: "a.nnasm" }, undefined, "/w")).toMatchObject({ program: "a.nnasm", cwd: "/w" });
  expect(completeLaunch({ program: "a.nnasm", cwd: "/x" }, undefined, "/w")).toMatchObject({ cwd: "/x" });
});
