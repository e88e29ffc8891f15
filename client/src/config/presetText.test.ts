import { expect, test } from "vitest";
import { summarize, withPreset } from "./presetText.ts";

test("a file without a preset is the default machine", () => {
  expect(summarize('{ "entry": "main.nnasm" }')).toEqual({ preset: "default", customised: false });
});

test("settings beside the preset are a change", () => {
  expect(summarize('{ "preset": "nn64", "nu": { "cip": 32 } }')).toEqual({ preset: "nn64", customised: true });
});

test("comments and trailing commas are allowed", () => {
  expect(summarize('{ // which\n "preset": "nn64", }').preset).toBe("nn64");
});

test.each([
  ["{", "CloseBraceExpected"],
  ["[]", "not a JSON object"],
  ["", "ValueExpected"],
])("%j is a problem, not an exception", (text, problem) => {
  expect(summarize(text).problem).toBe(problem);
});

test("changing the preset keeps comments, order and other settings", () => {
  const text = '{\n  // the entry\n  "entry": "a.nnasm",\n  "preset": "nn64", // small\n  "nu": { "cip": 8 }\n}\n';
  expect(withPreset(text, "nn256")).toBe(text.replace("nn64", "nn256"));
});

test("a preset is added where there is none, also to an empty file", () => {
  expect(JSON.parse(withPreset('{\n  "entry": "a.nnasm"\n}\n', "nn32"))).toEqual({ entry: "a.nnasm", preset: "nn32" });
  expect(JSON.parse(withPreset("", "nn32"))).toEqual({ preset: "nn32" });
});

test("line ends stay as they are", () => {
  expect(withPreset('{\r\n  "entry": "a.nnasm"\r\n}\r\n', "nn32")).toBe(
    '{\r\n  "entry": "a.nnasm",\r\n  "preset": "nn32"\r\n}\r\n',
  );
});
