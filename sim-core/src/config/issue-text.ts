/** What a schema finds wrong with a value, in the words of the other messages. */
import type * as z from "zod";
import { nearest } from "../diagnostics/index.ts";

const TYPES: Readonly<Record<string, string>> = {
  number: "a number",
  int: "a whole number",
  string: "a text",
  boolean: "true or false",
  object: "an object { ... }",
  record: "an object { ... }",
  array: "a list [ ... ]",
};

export interface IssueText {
  readonly message: string;
  readonly hint?: string;
  /** Where in a text value it is, counted from one. */
  readonly column?: number;
}

const shown = (value: unknown): string =>
  Array.isArray(value) ? "a list" : typeof value === "object" && value !== null ? "an object" : JSON.stringify(value);

const sizeOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0);

/** @param value what stands there; undefined when nothing does */
export function issueText(issue: z.core.$ZodIssue, value: unknown): IssueText {
  switch (issue.code) {
    case "invalid_type": {
      const expected = TYPES[issue.expected] ?? issue.expected;
      if (value === undefined) return { message: `${expected} is missing` };
      return { message: `must be ${expected}, not ${shown(value)}` };
    }
    case "too_small":
      if (issue.origin === "string" && value === "") return { message: "must not be empty" };
      if (issue.origin === "array")
        return { message: `must have at least ${issue.minimum} of them, not ${sizeOf(value)}` };
      if (issue.origin === "number" || issue.origin === "int")
        return { message: `must be ${issue.inclusive ? "at least" : "more than"} ${issue.minimum}, not ${value}` };
      break;
    case "too_big":
      if (issue.origin === "array")
        return { message: `must have at most ${issue.maximum} of them, not ${sizeOf(value)}` };
      if (issue.origin === "number" || issue.origin === "int")
        return { message: `must be ${issue.inclusive ? "at most" : "less than"} ${issue.maximum}, not ${value}` };
      break;
    case "invalid_value": {
      const values = issue.values.map((each) => JSON.stringify(each)).join(", ");
      if (value === undefined) return { message: `is missing: one of ${values}` };
      const near = typeof value === "string" ? nearest(value, issue.values.map(String)) : undefined;
      return {
        message: `must be one of ${values}, not ${shown(value)}`,
        ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
      };
    }
    case "custom":
      // Checks of our own may say more.
      return { message: issue.message, ...(issue.params as Pick<IssueText, "hint" | "column"> | undefined) };
    default:
  }
  return { message: issue.message };
}

/** What stands at a path of a value. */
export const valueAt = (root: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    root,
  );
