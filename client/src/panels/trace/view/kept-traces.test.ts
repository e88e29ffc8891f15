import { expect, test } from "vitest";
import { tracesToForget } from "./kept-traces.ts";

const trace = (file: string, time: number, isOpen = false) => ({ file, time, isOpen });

test("the oldest traces make room for a new one, but for those that are open", () => {
  const traces = [trace("new", 30), trace("oldest", 10, true), trace("old", 20)];
  expect(tracesToForget(traces, 4)).toEqual([]);
  expect(tracesToForget(traces, 3)).toEqual(["old"]);
  expect(tracesToForget(traces, 2)).toEqual(["old", "new"]);
  expect(tracesToForget(traces, 1)).toEqual(["old", "new"]);
});
