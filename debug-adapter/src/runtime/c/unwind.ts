/** From a function to its callers, as the call frames of the debug information say. */
import {
  type CallFrames,
  type ExpressionContext,
  expressionAt,
  type Found,
  type FrameRow,
  locate,
  type RegisterRule,
} from "@nnasm/sim-core/elf";
import { EvaluationError } from "../expression/types.ts";
import type { Machine } from "../inspect/machine.ts";
import { memoryOf } from "../inspect/machine.ts";
import { generalRegister } from "../inspect/registers.ts";
import type { CProgram } from "./c-program.ts";

/** Where the value lies that a register has in a frame. */
type SavedRegister =
  | { readonly kind: "live"; readonly register: number }
  | { readonly kind: "memory"; readonly address: number }
  | { readonly kind: "value"; readonly value: number };

/** A function that hasn't returned yet, with the registers as they are in it. */
export interface CFrame {
  /** The instruction that the frame stands at: the pc, or the call. */
  readonly address: number;
  /** Where the frame goes on. */
  readonly pc: number;
  /**
   * Where its variables are looked up: compilers let a variable leave its register within the call that overwrites it, one
   * byte before the instruction behind.
   */
  readonly lookup: number;
  /** Canonical frame address; undefined where nothing tells it. */
  readonly cfa: number | undefined;
  /** Whom the frame returns to, as far as it is known. */
  readonly caller: CFrame | undefined;
  register(number: number): number | undefined;
  /** @throws EvaluationError where the register's place isn't known */
  setRegister(number: number, value: number): void;
}

const REGISTERS = 32;
const SP = 2;
/** Saved by the called function, so that a caller's are there even where no rule names them: sp, gp, tp, s0..s11. */
const PRESERVED: ReadonlySet<number> = new Set([2, 3, 4, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27]);
/** More frames are a recursion without an end, or a stack that was overwritten. */
const MAX_FRAMES = 4096;

/** The frame that the machine stands in; its callers are worked out when they are asked for. */
export function innermostFrame(machine: Machine, program: CProgram): CFrame {
  const saved = Array.from({ length: REGISTERS }, (_, register): SavedRegister => ({ kind: "live", register }));
  const { pc } = machine.simulator.state;
  return new Frame(machine, program.info.frames, pc, pc, saved, 0);
}

class Frame implements CFrame {
  readonly address: number;
  readonly pc: number;
  readonly lookup: number;
  private readonly machine: Machine;
  private readonly frames: CallFrames;
  private readonly saved: readonly (SavedRegister | undefined)[];
  private readonly depth: number;
  private readonly row: FrameRow | undefined;
  readonly cfa: number | undefined;
  private callerFrame: CFrame | undefined | null = null;

  constructor(
    machine: Machine,
    frames: CallFrames,
    address: number,
    pc: number,
    saved: readonly (SavedRegister | undefined)[],
    depth: number,
  ) {
    this.machine = machine;
    this.frames = frames;
    this.address = address;
    this.pc = pc;
    this.lookup = pc === address ? pc : pc - 1;
    this.saved = saved;
    this.depth = depth;
    this.row = frames.rowAt(address);
    this.cfa = this.row && this.frameAddress(this.row);
  }

  register(number: number): number | undefined {
    const place = this.saved[number];
    switch (place?.kind) {
      case "live":
        return generalRegister(this.machine, place.register).read();
      case "memory":
        return wordAt(this.machine, place.address);
      default:
        return place?.value;
    }
  }

  setRegister(number: number, value: number): void {
    const place = this.saved[number];
    if (place?.kind === "live") generalRegister(this.machine, place.register).write(value | 0);
    else if (place?.kind === "memory") {
      const word = new Uint8Array(Int32Array.of(value).buffer);
      if (!memoryOf(this.machine).writeMemory(place.address, word)) throw new EvaluationError("the stack is no memory");
    } else throw new EvaluationError("where this register's value was saved is not known");
  }

  get caller(): CFrame | undefined {
    if (this.callerFrame === null) this.callerFrame = this.unwound();
    return this.callerFrame;
  }

  private frameAddress({ cfa }: FrameRow): number | undefined {
    if ("register" in cfa) {
      const base = this.register(cfa.register);
      return base === undefined ? undefined : (base + cfa.offset) >>> 0;
    }
    return this.computed(cfa.expression, undefined);
  }

  private unwound(): CFrame | undefined {
    const { row, cfa, machine } = this;
    if (!row || cfa === undefined || this.depth >= MAX_FRAMES) return undefined;
    const saved = Array.from({ length: REGISTERS }, (_, register) =>
      this.savedBy(register, row.rules.get(register), cfa),
    );
    const back = saved[row.returnRegister];
    // What the return address was before it was overwritten isn't known further out.
    const returns = back && new Returned(machine, back).value;
    // Start-up code has no caller.
    if (returns === undefined || returns === 0 || returns % 4 !== 0) return undefined;
    saved[row.returnRegister] = undefined;
    saved[SP] = { kind: "value", value: cfa | 0 };
    const pc = returns >>> 0;
    // Behind a call that never returns may lie another function: the call itself tells whose frame it is.
    return new Frame(machine, this.frames, pc - 4, pc, saved, this.depth + 1);
  }

  private savedBy(register: number, rule: RegisterRule | undefined, cfa: number): SavedRegister | undefined {
    switch (rule?.kind) {
      case undefined:
        // The return address of a function that hasn't saved it is still in its register.
        return PRESERVED.has(register) || register === 1 ? this.saved[register] : undefined;
      case "same":
        return this.saved[register];
      case "undefined":
        return undefined;
      case "offset":
        return { kind: "memory", address: (cfa + rule.offset) >>> 0 };
      case "valueOffset":
        return { kind: "value", value: (cfa + rule.offset) | 0 };
      case "register":
        return this.saved[rule.register];
      case "expression": {
        const address = this.computed(rule.expression, cfa);
        return address === undefined ? undefined : { kind: "memory", address: address >>> 0 };
      }
      case "valueExpression": {
        const value = this.computed(rule.expression, cfa);
        return value === undefined ? undefined : { kind: "value", value };
      }
    }
  }

  /** Expressions of call frames begin with the frame address on the stack. */
  private computed(expression: Uint8Array, cfa: number | undefined): number | undefined {
    const seed = cfa === undefined ? [] : [0x0c, cfa & 0xff, (cfa >>> 8) & 0xff, (cfa >>> 16) & 0xff, cfa >>> 24];
    const found = locate(Uint8Array.of(...seed, ...expression), {
      register: (number) => this.register(number),
      memory: (address, bytes) => memoryOf(this.machine).readMemory(address, bytes),
      frameBase: () => undefined,
      callFrameAddress: () => undefined,
      entryValue: () => undefined,
    });
    return found?.kind === "memory" ? found.address : found?.kind === "value" ? found.value : undefined;
  }
}

class Returned {
  readonly value: number | undefined;

  constructor(machine: Machine, place: SavedRegister) {
    this.value =
      place.kind === "value"
        ? place.value
        : place.kind === "live"
          ? generalRegister(machine, place.register).read()
          : wordAt(machine, place.address);
  }
}

function wordAt(machine: Machine, address: number): number | undefined {
  const bytes = memoryOf(machine).readMemory(address, 4);
  return bytes && new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);
}

/** What location expressions of a frame's variables may ask for. */
export function contextOf(machine: Machine, program: CProgram, frame: CFrame): ExpressionContext {
  const found = program.functionAt(frame.address);
  const context: ExpressionContext = {
    register: (number) => frame.register(number),
    memory: (address, bytes) => memoryOf(machine).readMemory(address, bytes),
    callFrameAddress: () => frame.cfa,
    frameBase: () => {
      const expression = found?.frameBase && expressionAt(found.frameBase, frame.lookup);
      const base = expression && locate(expression, { ...context, frameBase: () => undefined });
      return base && addressIn(base, frame);
    },
    // What the caller put there, where it says so.
    entryValue: (register) => {
      const { caller } = frame;
      const site =
        caller && program.functionAt(caller.address)?.callSites.find((one) => one.returnAddress === caller.pc);
      const expression = site?.values.get(register);
      const value = expression && caller && locate(expression, contextOf(machine, program, caller));
      return value?.kind === "value" || value?.kind === "memory" ? numberOf(value) : undefined;
    },
  };
  return context;
}

const numberOf = (found: Found): number | undefined =>
  found.kind === "value" ? found.value : found.kind === "memory" ? found.address : undefined;

const addressIn = (found: Found, frame: CFrame): number | undefined =>
  found.kind === "register" ? frame.register(found.register) : numberOf(found);
