/** Bytes of files that directives take in. */
import { stringText } from "../syntax/literals.ts";
import type { Operand, StringNode } from "../syntax/tree.ts";
import type { Unit } from "../unit.ts";

/** The bytes of a file behind `skip`, all or just `count`; undefined after a message. */
export function readBinary(
  unit: Unit,
  file: StringNode,
  skipNode: Operand | undefined,
  countNode: Operand | undefined,
): Uint8Array | undefined {
  const { host } = unit.options;
  const name = stringText(file.text);
  const resolved = host.resolve(unit.place.file, name);
  unit.dependencies.add(resolved);
  const bytes = host.readBytes(resolved);
  unit.binaries.set(resolved, bytes);
  if (!bytes) {
    unit.report("missing-include", { file: name, resolved }, unit.place, file);
    return undefined;
  }
  const skip = skipNode ? unit.bounded(skipNode, "the skip", 0, 2 ** 32) : 0;
  const count = countNode ? unit.bounded(countNode, "the count", 0, 2 ** 32) : undefined;
  if (skip === undefined || (countNode && count === undefined)) return undefined;
  if (skip > bytes.length) {
    unit.report("incbin-range", { file: name, bytes: bytes.length, skip }, unit.place, skipNode ?? file);
    return undefined;
  }
  if (count !== undefined && skip + count > bytes.length) {
    unit.report("incbin-short", { file: name, bytes: bytes.length, skip, count }, unit.place, countNode ?? file);
    return undefined;
  }
  return bytes.subarray(skip, count === undefined ? undefined : skip + count);
}
