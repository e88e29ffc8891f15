/** What stands at a position of a file: the innermost node, and its part in its statement. */
import {
  type Expression,
  type LabelNode,
  type Operand,
  type ParsedFile,
  rangeIn,
  type SourceLine,
  type Span,
  type Statement,
  statementAt,
} from "@nnasm/sim-core/asm";
import type { Position, Range } from "@nnasm/sim-core/diagnostics";

interface TargetBase {
  readonly line: SourceLine;
  /** Number of the line's first line of text. */
  readonly firstLine: number;
  readonly statement: Statement;
  /** Of the node. */
  readonly range: Range;
}

/** A label, a statement's name, or a node of an operand. */
export type Target =
  | (TargetBase & { readonly role: "label"; readonly node: LabelNode })
  | (TargetBase & { readonly role: "name"; readonly node: NonNullable<Statement["name"]> })
  | (TargetBase & { readonly role: "operand"; readonly node: Operand; readonly operandIndex: number });

/** A node together with the nodes around it, the innermost last. */
function path(node: Operand, column: number): Operand[] {
  const found = [node];
  for (const at of found) {
    const next = childrenOf(at).find((child) => touches(child, column));
    if (next) found.push(next);
  }
  return found;
}

/** The nodes directly in a node, in source order. */
export function childrenOf(node: Operand): readonly Operand[] {
  switch (node.kind) {
    case "unary":
      return [node.operand];
    case "binary":
      return [node.left, node.right];
    case "group":
    case "modifier":
      return [node.inner];
    case "memory":
      return [node.offset, node.base];
    case "keyword":
      return [node.name, node.value];
    default:
      return [];
  }
}

/** Calls `visit` for a node and everything in it, in source order. A sum of thousands of parts is thousands of nodes deep. */
export function walk(node: Operand, visit: (node: Operand) => void): void {
  const pending = [node];
  for (let next = pending.pop(); next; next = pending.pop()) {
    visit(next);
    pending.push(...childrenOf(next).toReversed());
  }
}

/** All expressions of kind `name` in an operand. */
export function namesIn(operand: Operand): Extract<Expression, { kind: "name" }>[] {
  const names: Extract<Expression, { kind: "name" }>[] = [];
  walk(operand, (node) => {
    if (node.kind === "name") names.push(node);
  });
  return names;
}

const touches = (span: Span, column: number): boolean => span.start <= column && column <= span.end;

/** The node that a position lies in or at the end of; undefined in blanks and comments. */
export function targetAt(file: ParsedFile, position: Position): Target | undefined {
  const found = statementAt(file, position);
  if (!found?.statement) return undefined;
  const { line, firstLine, column } = found;
  // A position between two statements, as in `a;b`, belongs to the one that begins there, else to the one before.
  const candidates = line.statements.filter((statement) => touches(statement, column)).reverse();
  for (const statement of candidates) {
    const at = <N extends Span>(node: N) => ({
      line,
      firstLine,
      statement,
      node,
      range: rangeIn(line, firstLine, node),
    });
    const label = statement.labels.find((node) => touches(node, column));
    if (label) return { ...at(label), role: "label" };
    const { name, operands } = statement;
    if (name && touches(name, column)) return { ...at(name), role: "name" };
    const operandIndex = operands.findIndex((operand) => touches(operand, column));
    const node = operandIndex < 0 ? undefined : path(operands[operandIndex]!, column).at(-1);
    if (node) return { ...at(node), role: "operand", operandIndex };
  }
  return undefined;
}
