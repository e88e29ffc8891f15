/** Results of expressions as nodes. */

import { objectInFormat, objectNode } from "../c/c-nodes.ts";
import { CObject } from "../c/c-object.ts";
import { EvaluationError, SCALAR_TYPES } from "../expression/types.ts";
import type { Value } from "../expression/value.ts";
import { addressText, formattedText, scalarText, type ValueFormat } from "./format.ts";
import type { Machine } from "./machine.ts";
import type { ValueNode } from "./node.ts";
import { tensorNode } from "./tensors.ts";

/**
 * @param name the expression's text
 * @param suffix what stood behind its last comma
 * @throws EvaluationError when the suffix names no format
 */
export function valueNode(
  machine: Machine,
  name: string,
  value: Value,
  format: ValueFormat,
  suffix: string | undefined,
): ValueNode {
  const symbolize = (address: number) => machine.symbols.describe(address);
  if (value.kind === "tensor") {
    if (suffix !== undefined) throw new EvaluationError("formats are for numbers, not for tensors");
    return { ...tensorNode(machine, name, value.tensor), expression: name };
  }
  const object = value.kind === "typed" || value.kind === "scalar" ? value.typed : undefined;
  if (object instanceof CObject) {
    const node = objectNode(machine, name, name, object, format);
    return suffix === undefined ? node : { ...node, value: objectInFormat(object, suffix) };
  }
  if (value.kind === "pointer") {
    const text = suffix ? formattedText("uint32", value.address, suffix) : addressText(value.address, symbolize);
    return { name, value: text, type: `${value.to}*`, expression: name, address: value.address };
  }
  if (value.kind === "typed") throw new EvaluationError(`${value.typed.type} can't be shown`);
  const { type, value: number, target, isAddress } = value;
  const text =
    suffix !== undefined
      ? formattedText(type, number, suffix)
      : isAddress
        ? addressText(number, symbolize)
        : scalarText(type, number, format);
  const address = target?.address ?? (isAddress ? number >>> 0 : undefined);
  return {
    name,
    value: text,
    type,
    expression: name,
    ...(address === undefined ? {} : { address }),
    ...(target?.address === undefined ? {} : { bytes: SCALAR_TYPES[type].bytes }),
  };
}
