/** Which groups of values belong to a frame. */
import type { Unit } from "@nnasm/sim-core/isa";
import { variableScopes } from "../c/c-nodes.ts";
import { counterScope } from "./counters.ts";
import type { Machine } from "./machine.ts";
import { memoryScope, symbolScope } from "./memories.ts";
import type { Scope } from "./node.ts";
import { pipelineScope } from "./pipeline.ts";
import { csrScope, loopScope, registerScope, userStateScope } from "./registers.ts";
import type { StackFrame } from "./stack.ts";
import { descriptorScope, tensorScope } from "./tensors.ts";
import { operationScope, queueScope, stickyScope, stickyStates, tokenScope, unitScope } from "./units.ts";

export function controlScopes(machine: Machine, frame?: StackFrame): Scope[] {
  return [
    ...(machine.c ? variableScopes(machine, machine.c, frame?.c) : []),
    registerScope(machine),
    descriptorScope(machine),
    ...(machine.symbols.tensors.length > 0 ? [tensorScope(machine)] : []),
    unitScope(machine),
    tokenScope(machine),
    pipelineScope(machine),
    ...stickyStates(machine).map((state) => stickyScope(machine, state)),
    ...(machine.isa.user ? [userStateScope(machine)] : []),
    loopScope(machine),
    csrScope(machine),
    counterScope(machine),
    memoryScope(machine),
    symbolScope(machine),
  ];
}

export function unitScopes(machine: Machine, unit: Unit, frame: StackFrame): Scope[] {
  return [...(frame.operation ? [operationScope(machine, frame.operation)] : []), queueScope(machine, unit)];
}
