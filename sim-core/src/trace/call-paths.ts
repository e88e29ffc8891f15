/**
 * Cycles of a trace by call path and instruction: what flame graphs with lines are made of. Calls and returns are told from the
 * instructions, as the machine does (machine/call-stack.ts).
 */
import { CallStack, isLink } from "../machine/index.ts";
import type { Trace } from "./file/index.ts";

/** Calls on the way from the program's beginning to a function; node 0 is the program itself. */
export interface CallPath {
  /** The caller's node, -1 for node 0. */
  readonly parent: number;
  /** Address of the function's first instruction. */
  readonly target: number;
  /** Address of the instruction that calls or traps; of several the first that did. */
  readonly site: number;
  readonly calls: number;
  /** Cycles by instruction in the function itself. */
  readonly cycles: ReadonlyMap<number, number>;
}

const JAL = 0x6f;
const JALR = 0x67;
const MRET = 0x30200073;

/** All call paths that occur in the trace, callers first; their cycles sum to the cycles that are traced. */
export function callPaths({ header, instructions, events, end }: Trace): CallPath[] {
  const words = codeWords(header.code);
  const stack = new CallStack();
  const sites = new Map<number, number>();
  const cycles: Map<number, number>[] = [];
  const { traps } = events;
  let trap = 0;
  let jump: { site: number; word: number } | undefined;
  const enter = (site: number, target: number, isTrap: 0 | 1): void => {
    stack.enter(site, target, isTrap);
    if (!sites.has(stack.tree.current)) sites.set(stack.tree.current, site);
  };
  const add = (pc: number, count: number): void => {
    const own = (cycles[stack.tree.current] ??= new Map<number, number>());
    own.set(pc, (own.get(pc) ?? 0) + count);
  };
  for (const { pc, ready, execute, waits, hold } of instructions.all()) {
    // A trapping instruction doesn't retire: the next that does is the handler's first.
    const isTrapped = (): boolean => trap < traps.cycle.length && traps.cycle.at(trap) < execute;
    if (jump) follow(stack, jump, isTrapped() ? traps.pc.at(trap) : pc, enter);
    jump = undefined;
    let at = ready;
    for (const { cycles: waited } of waits) {
      // What a trap costs, and what the trapping instruction has waited for, is that instruction's.
      add(isTrapped() ? traps.pc.at(trap) : pc, waited);
      at += waited;
      while (isTrapped() && traps.cycle.at(trap) < at) enter(traps.pc.at(trap++), pc, 1);
    }
    while (isTrapped()) enter(traps.pc.at(trap++), pc, 1);
    // A run that was cut may stand within what its last instruction holds up.
    add(pc, 1 + Math.min(hold, end.cycle - execute - 1));
    const word = words(pc);
    const opcode = word & 0x7f;
    if (opcode === JAL || opcode === JALR || word === MRET) jump = { site: pc, word };
  }
  const { open } = instructions;
  for (const { cycles: waited } of open.waits) add(open.pc, waited);
  if (cycles.length === 0) return [];
  return stack.tree.nodesUntil(0).map(({ parent, target, calls }, node) => ({
    parent,
    target,
    site: sites.get(node) ?? -1,
    calls,
    cycles: cycles[node] ?? new Map<number, number>(),
  }));
}

/** What a jump does to the stack, now that its target is known: the hints of the RISC-V manual for return-address stacks. */
function follow(
  stack: CallStack,
  { site, word }: { readonly site: number; readonly word: number },
  target: number,
  enter: (site: number, target: number, isTrap: 0 | 1) => void,
): void {
  const rd = (word >> 7) & 31;
  const rs1 = (word >> 15) & 31;
  if (word === MRET) stack.leaveTrap();
  else if ((word & 0x7f) === JAL) {
    if (isLink(rd)) enter(site, target, 0);
  } else {
    if (isLink(rs1) && rd !== rs1) stack.leave(target);
    if (isLink(rd)) enter(site, target, 0);
  }
}

/** The word at an address; 0 where the trace has no code. */
function codeWords(code: Trace["header"]["code"]): (address: number) => number {
  return (address) => {
    for (const { address: first, words } of code) {
      const word = words[(address - first) / 4];
      if (word !== undefined) return word;
    }
    return 0;
  };
}
