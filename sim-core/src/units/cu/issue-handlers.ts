/** Issues to the units' queues: checked here, with all state copied, so that faults are precise. */
import { ENUMS, type Mnemonic } from "../../isa/index.ts";
import { DESCRIPTOR_WORDS, MachineFault, type Tensor, unpackDescriptor } from "../../machine/index.ts";
import { CU } from "../accounting.ts";
import { type DmaKind, prepareDmaWork } from "../dma/index.ts";
import { type NuKind, prepareNuWork } from "../nu/index.ts";
import type { Operation } from "../operation.ts";
import type { UnitQueue } from "../queue.ts";
import type { ControlUnit } from "./control-unit.ts";
import { type Handler, type HandlerMnemonic, rdOf, rs1Of, rs2Of } from "./handler.ts";

const descriptor = (cu: ControlUnit, register: number): Tensor =>
  unpackDescriptor(cu.state.descriptors, register * DESCRIPTOR_WORDS);

/** What every operation carries; takes the queue's next token. */
function common(cu: ControlUnit, queue: UnitQueue<Operation>, mnemonic: Mnemonic, cycle: number) {
  return {
    mnemonic,
    ...queue.takeIssue(),
    pc: cu.state.pc,
    layer: cu.state.layer,
    issueCycle: cycle,
    startCycle: -1,
    endCycle: -1,
  };
}

/** T-Q-2: a full queue holds the CU before the operation gets its token. */
function whenFree(
  cu: ControlUnit,
  queue: UnitQueue<Operation>,
  cycle: number,
  issue: (issueCycle: number) => void,
): number {
  const stall = cu.waitUntil(cycle, CU.queueFull, () => !queue.full || queue.halted !== undefined);
  if (stall >= 0) {
    cu.executesAt(cycle + stall);
    cu.checkHalted(queue.unitIndex);
    issue(cycle + stall);
  }
  return stall;
}

/** Operands of NU operations: which of rd (out), rs1 (in) and rs2 (second) they have. */
const nuIssue =
  (kind: NuKind, operands: "out in" | "out in second" | "out" | "in" | "out second"): Handler =>
  (cu, word, cycle) => {
    const { queue } = cu.units.nu;
    return whenFree(cu, queue, cycle, (issueCycle) => {
      const named = operands.split(" ");
      const first = descriptor(cu, named.includes("out") ? rdOf(word) : rs1Of(word));
      const input = named.includes("in") ? descriptor(cu, rs1Of(word)) : first;
      const second = named.includes("second") ? descriptor(cu, rs2Of(word)) : undefined;
      const { nu } = cu.state;
      const work = prepareNuWork(kind, first, input, second, nu, cu.config, cu.memories);
      nu[ENUMS.nufield.prefetch] = 0;
      cu.units.issue(queue, {
        ...common(cu, queue, `nu.${kind}`, issueCycle),
        out: first,
        inputs: [...(named.includes("in") ? [input] : []), ...(second ? [second] : [])],
        work,
        cuWaitAtIssue: cu.units.cuWaitCycles,
      });
    });
  };

const dmaIssue =
  (kind: DmaKind): Handler =>
  (cu, word, cycle) => {
    const channel = (word >>> 25) & 3;
    const queue = cu.units.dma[channel]?.queue;
    if (!queue) {
      const has = cu.config.dma.channels;
      throw new MachineFault(
        "illegalInstruction",
        word,
        `DMA channel ${channel} doesn't exist, this machine has ${has}`,
      );
    }
    return whenFree(cu, queue, cycle, (issueCycle) => {
      const out = descriptor(cu, rdOf(word));
      const input = kind === "fill" ? undefined : descriptor(cu, rs1Of(word));
      const value = kind === "fill" ? cu.state.x[rs1Of(word)]! : 0;
      const work = prepareDmaWork(kind, out, input, value, cu.config, cu.memories);
      cu.units.issue(queue, {
        ...common(cu, queue, `dma.${kind}`, issueCycle),
        out,
        inputs: input ? [input] : [],
        work,
      });
    });
  };

export const ISSUE_HANDLERS = {
  "dma.ld": dmaIssue("ld"),
  "dma.st": dmaIssue("st"),
  "dma.copy": dmaIssue("copy"),
  "dma.ldw": dmaIssue("ldw"),
  "dma.fill": dmaIssue("fill"),
  "nu.conv": nuIssue("conv", "out in second"),
  "nu.dwconv": nuIssue("dwconv", "out in second"),
  "nu.pwconv": nuIssue("pwconv", "out in second"),
  "nu.fc": nuIssue("fc", "out in second"),
  "nu.matmul": nuIssue("matmul", "out in second"),
  "nu.deconv": nuIssue("deconv", "out in second"),
  "nu.bconv": nuIssue("bconv", "out in second"),
  "nu.accz": nuIssue("accz", "out"),
  "nu.accld": nuIssue("accld", "in"),
  "nu.accconv": nuIssue("accconv", "out in second"),
  "nu.accst": nuIssue("accst", "out second"),
  "nu.gmaxpool": nuIssue("gmaxpool", "out in"),
  "nu.sub": nuIssue("sub", "out in second"),
  "nu.mul": nuIssue("mul", "out in second"),
  "nu.maxpool": nuIssue("maxpool", "out in"),
  "nu.avgpool": nuIssue("avgpool", "out in"),
  "nu.gavgpool": nuIssue("gavgpool", "out in"),
  "nu.add": nuIssue("add", "out in second"),
} as const satisfies Partial<Record<HandlerMnemonic, Handler>>;
