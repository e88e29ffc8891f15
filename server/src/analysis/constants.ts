/** Values of expressions, as far as they are numbers: for hints, not for encoding. */
import type { AsmSymbol, BinaryOperator, Expression, Operand } from "@nnasm/sim-core/asm";

const BINARY: Readonly<Record<BinaryOperator, (a: bigint, b: bigint) => bigint | undefined>> = {
  "*": (a, b) => a * b,
  "/": (a, b) => (b === 0n ? undefined : a / b),
  "%": (a, b) => (b === 0n ? undefined : a % b),
  "<<": (a, b) => (b < 0n || b > 63n ? 0n : a << b),
  ">>": (a, b) => (b < 0n || b > 63n ? 0n : BigInt.asUintN(64, a) >> b),
  "|": (a, b) => a | b,
  "&": (a, b) => a & b,
  "^": (a, b) => a ^ b,
  "!": (a, b) => a | ~b,
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  // Comparisons give all ones for true, as in GNU as.
  "==": (a, b) => (a === b ? -1n : 0n),
  "!=": (a, b) => (a !== b ? -1n : 0n),
  "<": (a, b) => (a < b ? -1n : 0n),
  ">": (a, b) => (a > b ? -1n : 0n),
  "<=": (a, b) => (a <= b ? -1n : 0n),
  ">=": (a, b) => (a >= b ? -1n : 0n),
  "&&": (a, b) => (a !== 0n && b !== 0n ? 1n : 0n),
  "||": (a, b) => (a !== 0n || b !== 0n ? 1n : 0n),
};

const UNARY: Readonly<Record<string, (a: bigint) => bigint>> = {
  "-": (a) => -a,
  "+": (a) => a,
  "~": (a) => ~a,
  "!": (a) => (a === 0n ? 1n : 0n),
};

function evaluate(node: Expression, symbols: ReadonlyMap<string, AsmSymbol>): bigint | undefined {
  switch (node.kind) {
    case "number":
      return BigInt(node.value);
    case "name": {
      const value = symbols.get(node.name)?.value;
      return value === undefined || !Number.isSafeInteger(value) ? undefined : BigInt(value);
    }
    case "group":
      return evaluate(node.inner, symbols);
    case "unary": {
      const value = evaluate(node.operand, symbols);
      return value === undefined ? undefined : wrap(UNARY[node.operator]!(value));
    }
    case "binary":
      return evaluateChain(node, symbols);
    default:
      return undefined;
  }
}

/** `a + b + c`: from the left, without going deeper for each part. */
function evaluateChain(
  node: Extract<Expression, { kind: "binary" }>,
  symbols: ReadonlyMap<string, AsmSymbol>,
): bigint | undefined {
  const chain = [node];
  for (const { left } of chain) if (left.kind === "binary") chain.push(left);
  let value = evaluate(chain.at(-1)!.left, symbols);
  for (const { operator, right } of chain.reverse()) {
    const other = evaluate(right, symbols);
    if (value === undefined || other === undefined) return undefined;
    value = wrap(BINARY[operator](value, other));
  }
  return value;
}

/** Expressions have 64 bits. */
const wrap = (value: bigint | undefined): bigint | undefined =>
  value === undefined ? undefined : BigInt.asIntN(64, value);

/** The value of an expression that depends on nothing but numbers and symbols; undefined when it isn't known. */
export function constantValue(node: Operand, symbols: ReadonlyMap<string, AsmSymbol>): number | undefined {
  if (node.kind === "string" || node.kind === "memory" || node.kind === "keyword" || node.kind === "at")
    return undefined;
  const value = evaluate(node, symbols);
  return value === undefined ? undefined : Number(value);
}
