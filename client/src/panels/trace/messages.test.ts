import { describe, expect, it } from "vitest";
import { parseToExtension } from "./messages.ts";

describe("messages of the webview", () => {
  it("pass when they have their shape, with nothing but what it names", () => {
    expect(parseToExtension({ type: "ready" })).toEqual({ type: "ready" });
    const argument = { from: -5.5, to: 10, pixels: 100, more: "x" };
    expect(parseToExtension({ type: "ask", id: 3, method: "window", argument })).toEqual({
      type: "ask",
      id: 3,
      method: "window",
      argument: { from: -5.5, to: 10, pixels: 100 },
    });
    expect(parseToExtension({ type: "notes", notes: [{ cycle: 1, text: "a" }] })).toEqual({
      type: "notes",
      notes: [{ cycle: 1, text: "a" }],
    });
    expect(parseToExtension({ type: "travel", cycle: 7 })).toEqual({ type: "travel", cycle: 7 });
  });

  it.each([
    null,
    { type: "ask", id: 1, method: "open", argument: { file: "/etc/passwd" } },
    { type: "ask", id: 1, method: "constructor", argument: {} },
    { type: "ask", id: 1, method: "window", argument: { from: 0, to: Number.NaN, pixels: 5 } },
    { type: "ask", id: 1, method: "window", argument: { from: 0, to: 10, pixels: 1e9 } },
    { type: "ask", id: 1, method: "rows", argument: { first: 0, count: 1e7 } },
    { type: "ask", id: 1, method: "heat", argument: { low: 0, high: 9, from: 0, to: 9, columns: 1e5, rows: 1 } },
    { type: "ask", id: 1, method: "heatItem", argument: { low: 0, high: 9, from: 0 } },
    { type: "ask", id: -1, method: "rows", argument: { first: 0, count: 1 } },
    { type: "open", file: "a", line: 0 },
    { type: "travel", cycle: 1.5 },
    { type: "notes", notes: [{ cycle: "1", text: "a" }] },
    { type: "other" },
  ])("are refused otherwise: %j", (message) => {
    expect(parseToExtension(message)).toBeUndefined();
  });
});
