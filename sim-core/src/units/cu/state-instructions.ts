/**
 * Instructions by what they do to registers, descriptors and sticky state, without a running machine: for analyses that
 * follow programs. The machine's own handlers execute them, so that there is one text of every meaning.
 */
import { UNITS } from "../../isa/index.ts";
import type { MachineState } from "../../machine/index.ts";
import { DMA_KINDS } from "../dma/index.ts";
import { NU_KINDS } from "../nu/index.ts";
import { VU_KINDS } from "../vu/index.ts";
import type { ControlUnit } from "./control-unit.ts";
import { DESCRIPTOR_HANDLERS } from "./descriptor-handlers.ts";
import { DMA_HANDLERS, dmaChannelOf, prepareDmaIssue } from "./dma-handlers.ts";
import type { Handler } from "./handler.ts";
import type { PrepareIssue } from "./issue.ts";
import { prepareNuIssue } from "./issue-handlers.ts";
import { SIMD_HANDLERS } from "./simd-handlers.ts";
import { prepareVuIssue, VU_HANDLERS } from "./vu-handlers.ts";
import { prepareXuIssue, XU_HANDLERS } from "./xu-handlers.ts";

const HANDLERS: Readonly<Record<string, Handler>> = {
  ...SIMD_HANDLERS,
  ...DESCRIPTOR_HANDLERS,
  ...VU_HANDLERS,
  ...DMA_HANDLERS,
  ...XU_HANDLERS,
};

/** The part of the control unit that such instructions use: all of them finish at once. */
class StateUnit {
  readonly state: MachineState;
  stallCause = 0;

  constructor(state: MachineState) {
    this.state = state;
  }

  setRegister(index: number, value: number): void {
    this.state.x[index === 0 ? 32 : index] = value;
  }

  setRegisterLater(index: number, value: number): void {
    this.setRegister(index, value);
  }

  thirdSourceStall(): number {
    return 0;
  }
}

/**
 * Executes an instruction that touches nothing but registers, descriptors and sticky state: packed SIMD, descriptor
 * instructions except td.ld and td.st, and those that set units.
 * @returns false for an instruction that is none of these
 * @throws MachineFault
 */
export function executeOnState(mnemonic: string, word: number, state: MachineState): boolean {
  const handler = HANDLERS[mnemonic];
  if (!handler || mnemonic === "td.ld" || mnemonic === "td.st" || ISSUES.has(mnemonic)) return false;
  // The handlers of these instructions use no more of the control unit; a test runs all of them this way.
  handler(new StateUnit(state) as unknown as ControlUnit, word, 0);
  return true;
}

/** How an issuing instruction is prepared, and for which unit (its number in tokens). */
export interface IssueInstruction {
  readonly prepare: PrepareIssue;
  readonly unitOf: (word: number) => number;
}

const always = (unit: (typeof UNITS)[number]) => () => UNITS.indexOf(unit);

/** Instructions that issue operations, by mnemonic; those of a workspace are not among them. */
export const ISSUES: ReadonlyMap<string, IssueInstruction> = new Map<string, IssueInstruction>([
  ...NU_KINDS.map((kind) => [`nu.${kind}`, { prepare: prepareNuIssue(kind), unitOf: always("nu") }] as const),
  ...VU_KINDS.map((kind) => [`vu.${kind}`, { prepare: prepareVuIssue(kind), unitOf: always("vu") }] as const),
  ...(["run", "run2", "runx"] as const).map(
    (form) => [`xu.${form}`, { prepare: prepareXuIssue(form), unitOf: always("xu") }] as const,
  ),
  ...DMA_KINDS.map((kind) => {
    const unitOf = (word: number) => UNITS.indexOf("dma0") + dmaChannelOf(word);
    return [`dma.${kind}`, { prepare: prepareDmaIssue(kind), unitOf }] as const;
  }),
]);
