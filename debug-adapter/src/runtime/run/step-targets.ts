/** What a step from a line can go into: its macro calls and the functions that it calls. */
import { abiName, extractField, FORMATS } from "@nnasm/sim-core/isa";
import { isLink } from "@nnasm/sim-core/machine";
import { hex32 } from "../inspect/format.ts";
import type { Machine } from "../inspect/machine.ts";
import { shownPlace } from "../inspect/stack.ts";
import { sharedCalls } from "../program/expansions.ts";
import type { Place } from "../program/lines.ts";
import { type Goal, stepOn } from "./steps.ts";

export interface StepTarget {
  readonly kind: "macro" | "function";
  /** For people: `macro halve`, `function factorial`. */
  readonly label: string;
  /** First instruction of the macro's body, or the one that calls. */
  readonly address: number;
  /** Where the call is written. */
  readonly place: Place | undefined;
  /** How many macro calls enclose it. */
  readonly depth: number;
}

/** Instructions of a line that are looked through. */
const MAX_INSTRUCTIONS = 4096;

/** Calls on the line where the CU stands, from the instruction at the pc on, in order. */
export function stepTargets(machine: Machine): StepTarget[] {
  const { pc } = machine.simulator.state;
  const { expansions } = machine.sources;
  const chain = expansions.chainAt(pc);
  const open = machine.openCalls(pc);
  const opened = chain.slice(0, open);
  const here = shownPlace(machine, pc, chain, open);
  const targets: StepTarget[] = [];
  if (!here) return targets;
  for (let address = pc; address < pc + MAX_INSTRUCTIONS * 4; address += 4) {
    const at = expansions.chainAt(address);
    if (sharedCalls(opened, at) < open) break;
    const place = shownPlace(machine, address, at, open);
    if (place?.file !== here.file || place.line !== here.line) break;
    const entered = at[open];
    if (entered?.start === address && entered.isEntry) {
      const label = `${entered.kind === "macro" ? "macro" : "inlined"} ${entered.name}`;
      targets.push({ kind: "macro", label, address, place, depth: open });
    }
    const callee = calledAt(machine, address);
    if (callee !== undefined) targets.push({ kind: "function", label: callee, address, place, depth: open });
  }
  return targets;
}

/** Into one of the calls of the line, over the others. A line that goes elsewhere before it gets there ends as a step does. */
export function stepInto(machine: Machine, { kind, address }: StepTarget): Goal {
  const { state } = machine.simulator;
  const { depth } = state.calls;
  const over = stepOn(machine, "line", false);
  const openBefore = machine.openCalls(state.pc);
  let isThere = false;
  return {
    get singly() {
      return over.singly;
    },
    get landings() {
      return over.landings;
    },
    reached() {
      const { calls } = state;
      isThere =
        kind === "macro"
          ? state.pc === address && calls.depth === depth
          : calls.depth === depth + 1 && calls.calls[0]?.site === address;
      return isThere || over.reached();
    },
    openCalls: () => (isThere && kind === "macro" ? openBefore + 1 : undefined) ?? over.openCalls?.() ?? 0,
  };
}

/** What the instruction at an address calls; undefined when it calls nothing. */
function calledAt(machine: Machine, address: number): string | undefined {
  const { simulator, isa } = machine;
  const word = simulator.cu.code.word(address);
  const mnemonic = isa.decode(word)?.mnemonic;
  const rd = (word >>> 7) & 31;
  if (mnemonic !== "jal" && mnemonic !== "jalr") return undefined;
  if (!isLink(rd)) return undefined;
  if (mnemonic === "jal") return functionText(machine, address + extractField(FORMATS.J.offset20, word) * 2);
  const register = (word >>> 15) & 31;
  const offset = extractField(FORMATS.I.imm12, word);
  const before = simulator.cu.code.word(address - 4);
  // The pair that `call` stands for; any other register is known when the call is made.
  if (isa.decode(before)?.mnemonic === "auipc" && ((before >>> 7) & 31) === register) {
    return functionText(machine, address - 4 + (before & 0xfffff000) + offset);
  }
  if (address !== simulator.state.pc) return `function in ${abiName(register)}`;
  const target = (simulator.state.x[register]! + offset) >>> 0;
  return `${functionText(machine, target)} (in ${abiName(register)})`;
}

const functionText = (machine: Machine, target: number): string =>
  `function ${machine.symbols.describe(target >>> 0) ?? hex32(target)}`;
