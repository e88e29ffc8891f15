/** Operations of the extension port that a workspace's own code performs. */
import type { ExecutionContext, ExtensionPortInstruction, TensorShape, UserSemantics } from "../../isa/index.ts";
import {
  dtypeName,
  elementRange,
  elements,
  type MachineFault,
  type Memories,
  readElements,
  shapeText,
  type Tensor,
  writeElements,
} from "../../machine/index.ts";
import { callUser, FaultingContext, type UserCall, userFault, valueText } from "../user-code.ts";

/** One operation as it was issued: plain data, so that snapshots can hold it. */
export interface UserWork {
  readonly mnemonic: string;
  /** The instruction's word. */
  readonly word: number;
  /** Values of registers at the issue and written numbers, by operand. */
  readonly operands: Readonly<Record<string, number>>;
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly out: Tensor;
  /** Copy of the shared state. */
  readonly state: Int32Array;
  readonly bytesPerCycle: number;
}

/** Longest operation, in cycles: numbers beyond it are mistakes. */
const MAX_CYCLES = 2 ** 31 - 1;

const shapeOf = ({ n, h, w, c, dtype, zeroPoint }: Tensor): TensorShape => ({
  n,
  h,
  w,
  c,
  dtype: dtypeName(dtype) as TensorShape["dtype"],
  zeroPoint,
});

class Context extends FaultingContext implements ExecutionContext {
  readonly operands: Readonly<Record<string, number>>;
  readonly tensors: Readonly<Record<string, TensorShape>>;
  readonly state: Int32Array;
  readonly config: { readonly bytesPerCycle: number };
  private readonly work: UserWork;
  private readonly memories: Memories | undefined;

  constructor(call: UserCall, work: UserWork, memories: Memories | undefined) {
    super(call);
    this.work = work;
    this.memories = memories;
    this.operands = { ...work.operands };
    this.tensors = Object.fromEntries(Object.entries(work.tensors).map(([name, tensor]) => [name, shapeOf(tensor)]));
    this.state = work.state.slice();
    this.config = { bytesPerCycle: work.bytesPerCycle };
  }

  readonly read = (operand: string): Int32Array => {
    const tensor = Object.hasOwn(this.work.tensors, operand) ? this.work.tensors[operand] : undefined;
    if (!tensor)
      throw this.misread(`${valueText(operand)} is none of its tensors: ${Object.keys(this.work.tensors).join(", ")}`);
    if (!this.memories) throw this.misread("data are there in execute only");
    return readElements(tensor, this.memories);
  };

  private misread(why: string): MachineFault {
    return this.failed(userFault(this.call, `read: ${why}`));
  }
}

const instructionOf = ({ semantics, mnemonic }: UserCall): ExtensionPortInstruction =>
  semantics.instructions[mnemonic] as ExtensionPortInstruction;

const callOf = ({ mnemonic, word }: UserWork, semantics: UserSemantics): UserCall => ({
  mnemonic,
  semantics,
  value: word,
});

/**
 * Checks an operation when it is issued and asks what it costs.
 * @returns cycles beyond the port's setup
 * @throws MachineFault
 */
export function prepareUserWork(work: UserWork, semantics: UserSemantics): number {
  const call = callOf(work, semantics);
  const instruction = instructionOf(call);
  const check = new Context(call, work, undefined);
  if (instruction.check) callUser(call, check, () => instruction.check!(check));
  const context = new Context(call, work, undefined);
  const cycles: unknown = callUser(call, context, () => instruction.cycles(context));
  if (Number.isInteger(cycles) && (cycles as number) >= 0 && (cycles as number) <= MAX_CYCLES) return cycles as number;
  throw userFault(call, `cycles gave ${valueText(cycles)}`, `it must give an integer 0..${MAX_CYCLES}`);
}

/**
 * Performs an operation when it completes.
 * @throws MachineFault; nothing is written then
 */
export function executeUserWork(work: UserWork, semantics: UserSemantics, memories: Memories): void {
  const call = callOf(work, semantics);
  const context = new Context(call, work, memories);
  const values: unknown = callUser(call, context, () => instructionOf(call).execute(context));
  writeElements(work.out, memories, checked(values, work.out, call));
}

function checked(values: unknown, out: Tensor, call: UserCall): Int32Array {
  const count = elements(out);
  const length = typeof values === "object" && values !== null ? (values as { length?: unknown }).length : undefined;
  if (length !== count) {
    const found = typeof length === "number" ? `${length} elements` : valueText(values);
    const hint = `the output is ${shapeText(out)}: give ${count} elements in the order n, h, w, c`;
    throw userFault(call, `execute gave ${found}`, hint);
  }
  const list = values as ArrayLike<unknown>;
  const [low, high] = elementRange(out.dtype);
  for (let index = 0; index < count; index++) {
    const value = list[index];
    if (Number.isInteger(value) && (value as number) >= low && (value as number) <= high) continue;
    const hint = `elements of the output are ${dtypeName(out.dtype)}: integers ${low}..${high}`;
    throw userFault(call, `execute gave ${valueText(value)} as element ${index}`, hint);
  }
  return Int32Array.from(list as ArrayLike<number>);
}
