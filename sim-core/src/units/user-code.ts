/** Calls of a workspace's own code: whatever goes wrong in it becomes a typed fault that names instruction and module. */
import type { UserSemantics } from "../isa/index.ts";
import { MachineFault } from "../machine/index.ts";

/** Value of the fault: the instruction's word, or its address when only that is known. */
export interface UserCall {
  readonly mnemonic: string;
  readonly semantics: UserSemantics;
  readonly value: number;
}

export function userFault({ mnemonic, semantics, value }: UserCall, message: string, hint?: string): MachineFault {
  return new MachineFault("user", value, `${mnemonic} (${semantics.module}): ${message}`, hint);
}

/** Line and column in the module, when the error's stack tells them. */
function placeIn(module: string, error: Error): string | undefined {
  const name = module.split(/[\\/]/).at(-1) ?? module;
  const line = error.stack?.split("\n").find((frame) => frame.includes(name));
  const place = /:(\d+):(\d+)\)?$/.exec(line ?? "");
  return place ? `thrown at ${name}:${place[1]}:${place[2]}` : undefined;
}

/**
 * Calls user code. A fault of the machine that the code has caught counts all the same: what faulted has not happened.
 * @param context what the code was given; it remembers its first fault
 * @throws MachineFault
 */
export function callUser<T>(call: UserCall, context: FaultingContext, code: () => T): T {
  let result: T;
  try {
    result = code();
  } catch (error) {
    if (context.firstFault) throw context.firstFault;
    if (error instanceof Error)
      throw userFault(call, `${error.name}: ${error.message}`, placeIn(call.semantics.module, error));
    throw userFault(call, `it threw ${String(error)}`);
  }
  if (context.firstFault) throw context.firstFault;
  return result;
}

/** The part of every context by which user code ends an instruction. Functions are bound: code may take them out of it. */
export class FaultingContext {
  firstFault: MachineFault | undefined;
  protected call: UserCall;

  constructor(call: UserCall) {
    this.call = call;
  }

  readonly fault = (message: string): never => {
    throw this.failed(userFault(this.call, String(message)));
  };

  protected failed(fault: MachineFault): MachineFault {
    this.firstFault ??= fault;
    return fault;
  }
}

/** For messages: what a value is, shortly. */
export function valueText(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 20));
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return `an array`;
  return typeof value === "object" && value !== null
    ? "an object"
    : typeof value === "function"
      ? "a function"
      : String(value);
}
