/** Expressions that mean the same wherever they stand: numbers and what operators make of them. */
import type { Expression, Integer } from "../syntax/tree.ts";
import { binary, lower12, unary, upper20 } from "./integer.ts";

/** The value of an expression without names and places; undefined for all others, and where there is something to report. */
export function constantValue(node: Expression): Integer | undefined {
  switch (node.kind) {
    case "number":
      return node.value;
    case "group":
      return constantValue(node.inner);
    case "unary": {
      const value = constantValue(node.operand);
      return value === undefined ? undefined : unary(node.operator, value);
    }
    case "binary": {
      // Long sums lean to the left, and recursion must end somewhere: theirs are left to the evaluator.
      const left = node.left.kind === "binary" ? undefined : constantValue(node.left);
      const right = left === undefined ? undefined : constantValue(node.right);
      return left === undefined || right === undefined ? undefined : binary(node.operator, left, right);
    }
    case "modifier": {
      if (node.modifier !== "hi" && node.modifier !== "lo") return undefined;
      const value = constantValue(node.inner);
      if (value === undefined) return undefined;
      return node.modifier === "hi" ? upper20(value) : lower12(value);
    }
    default:
      return undefined;
  }
}
