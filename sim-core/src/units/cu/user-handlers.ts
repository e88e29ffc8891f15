/** Instructions that a workspace adds: their operands, their costs, and calls of the workspace's code. */
import {
  type ControlUnitContext,
  type ControlUnitInstruction,
  ENUMS,
  extractField,
  type Instruction,
  operandField,
  type RegisterOperand,
  type UserSemantics,
} from "../../isa/index.ts";
import { checkFeatureMap, MachineFault, type Tensor } from "../../machine/index.ts";
import { CU } from "../accounting.ts";
import { callUser, FaultingContext, type UserCall, userFault, valueText } from "../user-code.ts";
import { prepareUserWork } from "../xu/index.ts";
import type { ControlUnit } from "./control-unit.ts";
import * as data from "./data-access.ts";
import type { Handler } from "./handler.ts";
import { common, descriptor, whenFree } from "./issue.ts";

/** The handler of a user instruction. Without semantics it faults: an instruction set may be known without its module. */
export function userHandler(instruction: Instruction, semantics: UserSemantics | undefined): Handler {
  if (!semantics) {
    return (_cu, word) => {
      const message = `${instruction.mnemonic}: the module that says what it does is not loaded`;
      throw new MachineFault("user", word, message, "name the project's nnp.json when the program is started");
    };
  }
  return instruction.row.unit === "xu" ? operation(instruction, semantics) : execution(instruction, semantics);
}

/** Value of an operand that is no tensor: a register's, or a written number. */
function operandValue(
  cu: ControlUnit,
  { row }: Instruction,
  operand: Instruction["row"]["operands"][number],
  word: number,
): number {
  const field = extractField(operandField(row, operand), word);
  if (operand.type === "x") return cu.state.x[field]!;
  return operand.type === "imm" ? field * operand.scale : field;
}

/** Cycles that source registers hold the instruction in IS beyond those that the loop looks at; sets the cause. */
function sourceStall(cu: ControlUnit, registers: readonly number[], cycle: number): number {
  let stall = 0;
  for (const register of registers) {
    const late = cu.state.readyAt[register]! - cycle;
    if (late <= stall) continue;
    stall = late;
    cu.stallCause = cu.state.readyCause[register]!;
  }
  return stall;
}

function registerReader({ row }: Instruction): (word: number) => number[] {
  const fields = row.operands
    .filter((operand): operand is RegisterOperand => operand.type === "x" && operand.access !== "write")
    .map((operand) => operandField(row, operand));
  return (word) => fields.map((field) => extractField(field, word));
}

interface Store {
  readonly address: number;
  readonly bytes: number;
  readonly value: number;
}

/**
 * What the code of a control unit instruction sees; one for all executions of an instruction. Stores wait until the code
 * has returned, so that a fault leaves nothing behind.
 */
class Context extends FaultingContext implements ControlUnitContext {
  operands: Readonly<Record<string, number>> = {};
  readonly state: Int32Array;
  accesses = 0;
  /** Cycles that the accesses cost beyond one each, and why. */
  stall = 0;
  stallCause: number = CU.memory;
  private readonly cu: ControlUnit;
  private cycle = 0;
  private stores: Store[] = [];

  constructor(call: UserCall, cu: ControlUnit) {
    super(call);
    this.cu = cu;
    this.state = cu.state.user.slice();
  }

  begin(call: UserCall, operands: Readonly<Record<string, number>>, cycle: number): void {
    this.call = call;
    this.operands = operands;
    this.cycle = cycle;
    this.state.set(this.cu.state.user);
    this.accesses = 0;
    this.stall = 0;
    this.stores = [];
    this.firstFault = undefined;
  }

  readonly load = (address: number, bytes: 1 | 2 | 4): number => {
    const at = this.checked("load", address, bytes);
    this.cu.stall = 0;
    let value = this.attempt(() => data.load(this.cu, at, bytes, this.now));
    this.count();
    for (const store of this.stores) value = overlaid(value, at, bytes, store);
    return value;
  };

  readonly store = (address: number, bytes: 1 | 2 | 4, value: number): void => {
    const at = this.checked("store", address, bytes);
    if (!Number.isInteger(value)) this.fault(`store of ${valueText(value)}, which is no integer`);
    this.attempt(() => data.checkStore(this.cu, at, bytes));
    this.stores.push({ address: at, bytes, value: value | 0 });
  };

  /** Performs the stores, in their order. */
  finish(): void {
    for (const { address, bytes, value } of this.stores) {
      this.cu.stall = 0;
      data.store(this.cu, address, bytes, value, this.now);
      this.count();
    }
    this.cu.state.user.set(this.state);
  }

  private get now(): number {
    return this.cycle + this.accesses + this.stall;
  }

  private count(): void {
    this.accesses++;
    this.stall += this.cu.stall;
    if (this.cu.stall > 0) this.stallCause = this.cu.stallCause;
  }

  private checked(what: "load" | "store", address: number, bytes: number): number {
    const isAddress = Number.isInteger(address) && address >= -(2 ** 31) && address < 2 ** 32;
    if (!isAddress || (bytes !== 1 && bytes !== 2 && bytes !== 4)) {
      this.fault(`${what}(${valueText(address)}, ${valueText(bytes)}): it takes an address and 1, 2 or 4 bytes`);
    }
    return address >>> 0;
  }

  private attempt<T>(access: () => T): T {
    try {
      return access();
    } catch (error) {
      if (error instanceof MachineFault) throw this.failed(error);
      throw error;
    }
  }
}

/** What a load gives where an earlier store of the same instruction has changed some of its bytes. */
function overlaid(value: number, address: number, bytes: number, store: Store): number {
  let result = value;
  for (let byte = 0; byte < bytes; byte++) {
    const from = address + byte - store.address;
    if (from < 0 || from >= store.bytes) continue;
    const stored = (store.value >>> (8 * from)) & 0xff;
    result = ((result & ~(0xff << (8 * byte))) | (stored << (8 * byte))) >>> 0;
  }
  return result;
}

function execution(instruction: Instruction, semantics: UserSemantics): Handler {
  const { mnemonic, row } = instruction;
  const { cycles, useDelay } = row.user!;
  const code = semantics.instructions[mnemonic] as ControlUnitInstruction;
  const run = (call: UserCall, context: Context): unknown => callUser(call, context, () => code.execute(context));
  const inputs = row.operands.filter((operand) => operand.type !== "x" || operand.access !== "write");
  const result = row.operands.find((operand) => operand.type === "x" && operand.access !== "read");
  const sources = registerReader(instruction);
  let context: Context | undefined;
  return (cu, word, cycle) => {
    const call = { mnemonic, semantics, value: word };
    context ??= new Context(call, cu);
    const late = sourceStall(cu, sources(word), cycle);
    const lateCause = cu.stallCause;
    cu.executesAt(cycle + late);
    const operands = Object.fromEntries(
      inputs.map((operand) => [operand.name, operandValue(cu, instruction, operand, word)]),
    );
    context.begin(call, operands, cycle + late);
    const value: unknown = run(call, context);
    if (result && !(Number.isInteger(value) && (value as number) >= -(2 ** 31) && (value as number) < 2 ** 32)) {
      throw userFault(call, `execute gave ${valueText(value)}`, `${result.name} takes an integer -2^31 .. 2^32-1`);
    }
    if (!result && value !== undefined) {
      throw userFault(
        call,
        `execute gave ${valueText(value)}`,
        "the instruction has no destination register: return nothing",
      );
    }
    context.finish();
    // T-USER-1, T-USER-3: one access a cycle, and what each of them costs by itself.
    const own = Math.max(cycles, context.accesses) - 1;
    const extra = late + own + context.stall;
    if (result) {
      const target = extractField(operandField(row, result), word);
      // T-USER-2.
      if (useDelay === 0) cu.setRegister(target, (value as number) | 0);
      else cu.setRegisterLater(target, (value as number) | 0, cycle + extra + 1 + useDelay, CU.user);
    }
    cu.stallCause =
      own >= late && own >= context.stall ? CU.user : context.stall >= late ? context.stallCause : lateCause;
    return extra;
  };
}

function operation(instruction: Instruction, semantics: UserSemantics): Handler {
  const { mnemonic, row } = instruction;
  const descriptors = row.operands.filter((operand) => operand.type === "td");
  const values = row.operands.filter((operand) => operand.type !== "td");
  const sources = registerReader(instruction);
  const dtypes = new Map(
    Object.entries(row.user!.dtypes).map(([name, list]) => [name, list.map((dtype) => ENUMS.dtype[dtype])]),
  );
  return (cu, word, cycle) => {
    const late = sourceStall(cu, sources(word), cycle);
    const { queue } = cu.units.xu;
    const waited = whenFree(cu, queue, cycle + late, (issueCycle) => {
      const tensors: Record<string, Tensor> = {};
      const inputs: Tensor[] = [];
      let out!: Tensor;
      for (const operand of descriptors) {
        const tensor = descriptor(cu.state, extractField(operandField(row, operand), word));
        checkFeatureMap(tensor, operand.name, dtypes.get(operand.name)!, mnemonic, cu.memories);
        tensors[operand.name] = tensor;
        if (operand.access === "write") out = tensor;
        else inputs.push(tensor);
      }
      const operands = Object.fromEntries(
        values.map((operand) => [operand.name, operandValue(cu, instruction, operand, word)]),
      );
      const { bytesPerCycle } = cu.config.xu;
      const user = { mnemonic, word, operands, tensors, out, state: cu.state.user.slice(), bytesPerCycle };
      const cycles = prepareUserWork(user, semantics);
      const work = { user, cycles };
      cu.units.issue(queue, { ...common(cu, queue, mnemonic, issueCycle), out, inputs, work });
    });
    return waited < 0 ? waited : late + waited;
  };
}
