/** How instructions that end blocks go on, and what hardware loops are set up. */
import { CSRS, csrName } from "../isa/index.ts";
import { isLink } from "../machine/index.ts";
import type { Constants } from "./constants.ts";
import type { BlockEnd, FlowInstruction, HardwareLoop } from "./model.ts";

/** Number of the host's service that ends the program. */
const SYS_EXIT = 93;
const A7 = 17;
/** Address of the device register that ends the program (docs/machine.md, Memories). */
const EXIT_REGISTER = 0x4000_0004;

export interface EndContext {
  readonly constants: Constants;
  readonly setsTrapVector: boolean;
  /** Address of the `tohost` word, if the program has one. */
  readonly tohost: number | undefined;
  /** Whether t0 holds a return address there, as far as the stretch of code before can tell. */
  readonly linkInT0: boolean;
}

const end = (kind: BlockEnd["kind"], targets: readonly number[] = [], unknown = false, certain = true): BlockEnd => ({
  kind,
  targets,
  unknown,
  certain,
});

const MAY_STOP = end("exit", [], false, false);
const STOPS = end("exit");

/** How the program goes on behind an instruction; undefined when simply with the next one. */
export function endOf(at: FlowInstruction, context: EndContext): BlockEnd | undefined {
  const { instruction, operands, target } = at;
  switch (instruction.row.timing) {
    case "branch":
      return end("branch", [target!]);
    case "jump":
      return end(operands[0] === 0 ? "jump" : "call", [target!]);
    case "jumpReg":
      return indirectEnd(at, context);
    case "store":
      return storeEnd(at, context);
    case "system":
      return systemEnd(at, context);
    case "csr":
      return writesReadOnlyCsr(at) ? MAY_STOP : undefined;
    default:
      return undefined;
  }
}

function indirectEnd({ operands }: FlowInstruction, { constants, linkInT0 }: EndContext): BlockEnd {
  const [rd, offset, rs1] = operands as [number, number, number];
  const base = constants.get(rs1);
  const isCall = rd !== 0;
  if (base !== undefined) return end(isCall ? "call" : "jump", [((base + offset) & ~1) >>> 0]);
  if (isCall) return end("call", [], true);
  if (offset === 0 && isLink(rs1) && (rs1 === 1 || linkInT0)) return end("return");
  return end("indirect", [], true);
}

function storeEnd({ instruction, operands }: FlowInstruction, { constants, tohost }: EndContext): BlockEnd | undefined {
  const [rs2, offset, rs1] = operands as [number, number, number];
  const base = constants.get(rs1);
  if (base === undefined) return undefined;
  const address = (base + offset) >>> 0;
  if (address === EXIT_REGISTER) return STOPS;
  const value = constants.get(rs2);
  const stops = address === tohost && instruction.mnemonic === "sw" && value !== undefined && (value & 1) === 1;
  return stops ? STOPS : undefined;
}

function systemEnd({ instruction }: FlowInstruction, context: EndContext): BlockEnd | undefined {
  switch (instruction.mnemonic) {
    case "ecall":
      if (context.constants.get(A7) !== SYS_EXIT) return undefined;
      return context.setsTrapVector ? MAY_STOP : STOPS;
    case "ebreak":
      return MAY_STOP;
    case "mret":
      return end("trapReturn");
    default:
      return undefined;
  }
}

/** The CSR that an instruction names and whether it writes it. */
function csrAccess({ instruction, operands }: FlowInstruction): { csr: number; writes: boolean } | undefined {
  const position = instruction.row.operands.findIndex(({ type }) => type === "csr");
  if (position < 0) return undefined;
  const isExchange = instruction.mnemonic === "csrrw" || instruction.mnemonic === "csrrwi";
  return { csr: operands[position]!, writes: isExchange || operands[position + 1] !== 0 };
}

/** Writing a CSR that can only be read is illegal; `unimp` is made of that. */
function writesReadOnlyCsr(at: FlowInstruction): boolean {
  const access = csrAccess(at);
  const name = access?.writes ? csrName(access.csr) : undefined;
  return name !== undefined && !CSRS[name].writable;
}

const LOOP_CSRS: ReadonlySet<number> = new Set(
  [CSRS.lpstart0, CSRS.lpend0, CSRS.lpcount0, CSRS.lpstart1, CSRS.lpend1, CSRS.lpcount1].map(({ number }) => number),
);

export function csrFacts(instructions: readonly FlowInstruction[]): { setsTrapVector: boolean; setsLoops: boolean } {
  let setsTrapVector = false;
  let setsLoops = false;
  for (const at of instructions) {
    if (at.instruction.row.timing !== "csr") continue;
    const access = csrAccess(at);
    if (!access?.writes) continue;
    if (access.csr === CSRS.mtvec.number) setsTrapVector = true;
    // A count of 0 only switches a loop off.
    if (LOOP_CSRS.has(access.csr) && !isZero(at)) setsLoops = true;
  }
  return { setsTrapVector, setsLoops };
}

const isZero = ({ instruction, operands }: FlowInstruction): boolean =>
  (instruction.mnemonic === "csrrw" || instruction.mnemonic === "csrrwi") && operands[2] === 0;

/** Bounds that `lp.start` and `lp.end` have set, by loop, on the way down the code. */
export class LoopSetups {
  readonly found: HardwareLoop[] = [];
  /** True when an arming stands where its bounds can't be told. */
  unknown = false;
  private start: (number | undefined)[] = [];
  private end: (number | undefined)[] = [];

  forget(): void {
    this.start = [];
    this.end = [];
  }

  step({ index, address, instruction, operands, target }: FlowInstruction, constants: Constants): void {
    const level = operands[0]!;
    switch (instruction.mnemonic) {
      case "lp.start":
        this.start[level] = target;
        break;
      case "lp.end":
        this.end[level] = target;
        break;
      case "lp.counti":
        this.arm(level, index, operands[1]);
        break;
      case "lp.count":
        this.arm(level, index, unsigned(constants.get(operands[1]!)));
        break;
      case "lp.setupi":
      case "lp.setup": {
        const count = instruction.mnemonic === "lp.setupi" ? operands[1] : unsigned(constants.get(operands[1]!));
        this.found.push({ level, setup: index, start: address + 4, end: target!, count });
        this.start[level] = address + 4;
        this.end[level] = target;
        break;
      }
    }
  }

  private arm(level: number, setup: number, count: number | undefined): void {
    const start = this.start[level];
    const end = this.end[level];
    // A count of 0 switches the loop off, whatever its bounds.
    if (count === 0) return;
    if (start === undefined || end === undefined) this.unknown = true;
    else this.found.push({ level, setup, start, end, count });
  }
}

const unsigned = (value: number | undefined): number | undefined => (value === undefined ? undefined : value >>> 0);
