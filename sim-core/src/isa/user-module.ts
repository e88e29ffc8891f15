/**
 * What a workspace writes to say what its instructions do: an ES module whose default export has one entry for each
 * instruction of the instruction file. docs/user-instructions.md explains it; sdk/user-instructions.d.ts is a copy of
 * this file for workspaces, so that it may import nothing.
 *
 * Functions must be pure: what they return may depend on what the machine gives them and on nothing else, and they keep
 * nothing. State lives in `state`, which the machine saves, restores and goes back in time with.
 */

/** Default export of the module, by mnemonic. */
export type InstructionModule = Readonly<Record<string, ControlUnitInstruction | ExtensionPortInstruction>>;

/** An instruction with `"unit": "cu"`. */
export interface ControlUnitInstruction {
  /**
   * Executes the instruction.
   * @returns the value of the destination register, an integer -2^31 .. 2^32-1; nothing when there is none
   */
  execute(context: ControlUnitContext): number | undefined;
}

/** What a control unit instruction sees. Valid during the call only. */
export interface ControlUnitContext {
  /** Operands by name: values of source registers (signed 32 bits), written numbers, the old value of a `readwrite` register. */
  readonly operands: Readonly<Record<string, number>>;
  /** 256 words that all user instructions share; changes count when the function returns. */
  readonly state: Int32Array;
  /** Loads 1, 2 or 4 bytes as an unsigned number; faults like a load instruction. */
  readonly load: (address: number, bytes: 1 | 2 | 4) => number;
  /** Stores the low 1, 2 or 4 bytes of a value; faults like a store instruction. Memory changes when the function returns. */
  readonly store: (address: number, bytes: 1 | 2 | 4, value: number) => void;
  /** Ends the instruction with a fault; nothing of it takes effect. */
  readonly fault: (message: string) => never;
}

/** An instruction with `"unit": "xu"`: an operation that goes to the extension port's queue. */
export interface ExtensionPortInstruction {
  /** Refuses operands with `context.fault`, when the operation is issued. Tensors have been checked against the file's `dtypes`. */
  check?(context: OperationContext): void;
  /** Cycles that the port works on the operation, beyond its setup; asked when the operation is issued. An integer, 0 .. 2^31-1. */
  cycles(context: OperationContext): number;
  /**
   * Performs the operation, when it completes.
   * @returns stored values of the output's elements in the order n, h, w, c: integers that its data type holds
   */
  execute(context: ExecutionContext): ArrayLike<number>;
}

/** An operation as it was issued. */
export interface OperationContext {
  /** Operands that are no tensors, by name: register values (signed 32 bits) and written numbers. */
  readonly operands: Readonly<Record<string, number>>;
  /** Descriptor operands by name. */
  readonly tensors: Readonly<Record<string, TensorShape>>;
  /** Copy of the shared state as it was at the issue; changes of it are lost. */
  readonly state: Int32Array;
  /** Keys of nnp.json that the cost of an accelerator depends on. */
  readonly config: { readonly bytesPerCycle: number };
  /** Refuses the operation: a fault at the issue, and in `execute` one that halts the port. */
  readonly fault: (message: string) => never;
}

export interface ExecutionContext extends OperationContext {
  /** Stored values of a tensor operand's elements in the order n, h, w, c. */
  readonly read: (operand: string) => Int32Array;
}

export interface TensorShape {
  readonly n: number;
  readonly h: number;
  readonly w: number;
  readonly c: number;
  readonly dtype: "int8" | "uint8" | "int16" | "int32" | "int4" | "bit";
  readonly zeroPoint: number;
}

/** The functions of a loaded module that fit the instruction file. */
export interface UserSemantics {
  /** Name of the module, for messages. */
  readonly module: string;
  readonly instructions: InstructionModule;
}
