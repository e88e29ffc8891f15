/**
 * Data types and the tensors that have them: a tensor's supertype is its data type, a data type's subtypes are the
 * program's tensors of it. Registers have no hierarchy: nothing declares one, and its family stands in the hover.
 */
import { type ParsedFile, rangeIn, type SourceLine, type Statement } from "@nnasm/sim-core/asm";
import type { Position, Range } from "@nnasm/sim-core/diagnostics";
import { ENUMS } from "@nnasm/sim-core/isa";
import { namedAt } from "./occurrences.ts";
import type { Snapshot } from "./snapshot.ts";
import { targetAt } from "./target.ts";
import { shapeText, tensorOf } from "./tensors.ts";

export interface TypeItem {
  readonly kind: "tensor" | "dtype";
  readonly name: string;
  readonly detail: string;
  readonly file: string;
  /** The declaration; for a data type the first one that uses it. */
  readonly range: Range;
  readonly selection: Range;
}

interface Declaration {
  readonly name: string;
  readonly dtype: string;
  readonly tensor: TypeItem;
  readonly typeRange: Range;
}

/** The tensors that the program's files declare, in source order. */
function* declarations({ assembly }: Snapshot): Iterable<Declaration> {
  for (const file of assembly.files) {
    if (!file.text.includes(".tensor")) continue;
    for (const [index, line] of file.lines.entries()) {
      for (const statement of line.statements) {
        const found = declaration(assembly, file, line, file.firstLines[index]!, statement);
        if (found) yield found;
      }
    }
  }
}

function declaration(
  assembly: Snapshot["assembly"],
  file: ParsedFile,
  line: SourceLine,
  firstLine: number,
  statement: Statement,
): Declaration | undefined {
  const [name, type] = statement.operands;
  if (statement.name?.name !== ".tensor" || name?.kind !== "name" || type?.kind !== "name") return undefined;
  const tensor = assembly.symbols.get(name.name)?.tensor;
  if (!tensor) return undefined;
  const item: TypeItem = {
    kind: "tensor",
    name: name.name,
    detail: shapeText(tensor),
    file: file.name,
    range: rangeIn(line, firstLine, statement),
    selection: rangeIn(line, firstLine, name),
  };
  return { name: name.name, dtype: tensor.dtype, tensor: item, typeRange: rangeIn(line, firstLine, type) };
}

function typeItem(snapshot: Snapshot, dtype: string): TypeItem | undefined {
  const users = [...declarations(snapshot)].filter((each) => each.dtype === dtype);
  const [first] = users;
  if (!first) return undefined;
  const { file, range } = first.tensor;
  const detail = `data type of ${users.length} ${users.length === 1 ? "tensor" : "tensors"}`;
  return { kind: "dtype", name: dtype, detail, file, range, selection: first.typeRange };
}

/** The tensor or data type that a position names. */
export function typeAt(snapshot: Snapshot, position: Position): TypeItem | undefined {
  const target = targetAt(snapshot.file, position);
  if (
    target?.role === "operand" &&
    target.statement.name?.name === ".tensor" &&
    target.operandIndex === 1 &&
    target.node.kind === "name" &&
    Object.hasOwn(ENUMS.dtype, target.node.name)
  ) {
    return typeItem(snapshot, target.node.name);
  }
  const named = namedAt(snapshot, position);
  const owner = named && !named.macro ? tensorOf(snapshot.assembly, named.name) : undefined;
  return owner === undefined ? undefined : [...declarations(snapshot)].find(({ name }) => name === owner)?.tensor;
}

export function supertypesOf(snapshot: Snapshot, { kind, name }: Pick<TypeItem, "kind" | "name">): TypeItem[] {
  const dtype = kind === "tensor" ? snapshot.assembly.symbols.get(name)?.tensor?.dtype : undefined;
  const item = dtype === undefined ? undefined : typeItem(snapshot, dtype);
  return item ? [item] : [];
}

export function subtypesOf(snapshot: Snapshot, { kind, name }: Pick<TypeItem, "kind" | "name">): TypeItem[] {
  if (kind !== "dtype") return [];
  return [...declarations(snapshot)].filter(({ dtype }) => dtype === name).map(({ tensor }) => tensor);
}
