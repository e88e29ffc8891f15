/** The C side of the stopped machine: its frames, and what names mean in one of them. */
import { type CScope, type CVariable, expressionAt, locate } from "@nnasm/sim-core/elf";
import type { Value } from "../expression/value.ts";
import type { Machine } from "../inspect/machine.ts";
import { CObject } from "./c-object.ts";
import type { CProgram } from "./c-program.ts";
import { constantStorage, storageOf } from "./storage.ts";
import { type CFrame, contextOf, innermostFrame } from "./unwind.ts";

/** A frame as people count them: a function, or a body that was inlined into one. */
export interface CContext {
  readonly frame: CFrame;
  /** The scopes that belong to it, outermost first. */
  readonly scopes: readonly CScope[];
}

export class CDebug {
  readonly program: CProgram;
  private readonly debugged: () => Machine;
  /** The frame that expressions are about; absent: the innermost one. */
  selected: CContext | undefined;

  /** @param debugged the machine that this becomes a part of */
  constructor(debugged: () => Machine, program: CProgram) {
    this.debugged = debugged;
    this.program = program;
  }

  private get machine(): Machine {
    return this.debugged();
  }

  /** Frames of functions that the call frames lead to, innermost first. */
  *frames(): Iterable<CFrame> {
    for (let frame: CFrame | undefined = innermostFrame(this.machine, this.program); frame; frame = frame.caller)
      yield frame;
  }

  /**
   * What belongs to one of the frames that an address is shown as.
   * @param bodies how many inlined bodies it stands in, counted from outside
   */
  context(frame: CFrame, bodies: number): CContext | undefined {
    const path = this.program.pathAt(frame.address);
    if (!path) return undefined;
    const scopes: CScope[] = [];
    let depth = 0;
    for (const scope of path.scopes) {
      if (scope.kind === "inlined") depth++;
      if (depth === bodies) scopes.push(scope);
    }
    return scopes.length > 0 ? { frame, scopes } : undefined;
  }

  /** The frame in which the machine stands, where nobody has chosen another. */
  get innermost(): CContext | undefined {
    const { pc } = this.machine.simulator.state;
    if (!this.program.functionAt(pc)) return undefined;
    return this.context(innermostFrame(this.machine, this.program), this.machine.openCalls(pc));
  }

  /** What a name means in the chosen frame: a variable, or `variable.member`, which is one word of expressions. */
  name(name: string): Value | undefined {
    const [first = "", ...members] = name.split(".");
    const variable = this.variable(first, this.chosen);
    return members.reduce<Value | undefined>((value, member) => {
      const typed = value?.kind === "typed" || value?.kind === "scalar" ? value.typed : undefined;
      return typed?.member(member);
    }, variable);
  }

  /** The innermost block's variable comes first, then those of the blocks around it, then global ones. */
  private variable(name: string, context: CContext | undefined): Value | undefined {
    for (const { variables } of [...(context?.scopes ?? [])].reverse()) {
      const found = variables.find((variable) => variable.name === name);
      if (found) return this.object(found, context?.frame).value();
    }
    const global = this.program.global(name);
    return global && this.object(global, undefined).value();
  }

  private get chosen(): CContext | undefined {
    return this.selected ?? this.innermost;
  }

  *names(): Iterable<string> {
    for (const { variables } of this.chosen?.scopes ?? []) for (const { name } of variables) yield name;
    for (const { name } of this.program.globalVariables) yield name;
  }

  object(variable: CVariable, frame: CFrame | undefined): CObject {
    const { type, location, constant } = variable;
    const at = frame?.lookup ?? 0;
    const expression = location && expressionAt(location, at);
    // Variables outside of functions need no frame, only their address.
    const where = frame ? contextOf(this.machine, this.program, frame) : NOWHERE;
    const found = expression && locate(expression, where);
    const storage = found
      ? storageOf(this.machine, frame, found)
      : constant === undefined
        ? undefined
        : constantStorage(constant);
    return new CObject(this.machine, type, storage);
  }
}

const NOWHERE = {
  register: () => undefined,
  memory: () => undefined,
  frameBase: () => undefined,
  callFrameAddress: () => undefined,
  entryValue: () => undefined,
};
