/** Issues to the DMA channels: checked here, with all state copied, so that faults are precise; and sticky state. */
import { ENUMS } from "../../isa/index.ts";
import { DMA_FIELDS, dmaResetState, MachineFault } from "../../machine/index.ts";
import { type DmaKind, type DmaWork, prepareDmaWork } from "../dma/index.ts";
import type { ControlUnit } from "./control-unit.ts";
import { type Handler, type HandlerMnemonic, rdOf, rs1Of, rs2Of, rs3Of } from "./handler.ts";
import { common, descriptor, type PrepareIssue, whenFree } from "./issue.ts";

export const dmaChannelOf = (word: number): number => (word >>> 25) & 3;

export const prepareDmaIssue =
  (kind: DmaKind): PrepareIssue<DmaWork> =>
  (word, state, config, memories) => {
    const out = descriptor(state, rdOf(word));
    const input = kind === "fill" ? undefined : descriptor(state, rs1Of(word));
    const value = kind === "fill" ? state.x[rs1Of(word)]! : 0;
    const index = kind === "gather" ? descriptor(state, rs2Of(word)) : undefined;
    const extras = index ? { index, state: state.dma } : { state: state.dma };
    const work = prepareDmaWork(kind, out, input, value, config, memories, extras);
    return { out, inputs: [input, index].filter((tensor) => tensor !== undefined), work };
  };

const dmaIssue = (kind: DmaKind): Handler => {
  const prepare = prepareDmaIssue(kind);
  return (cu, word, cycle) => {
    const channel = dmaChannelOf(word);
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
      const prepared = prepare(word, cu.state, cu.config, cu.memories);
      cu.units.issue(queue, { ...common(cu, queue, `dma.${kind}`, issueCycle), ...prepared });
    });
  };
};

function checkField(number: number, word: number): void {
  if (DMA_FIELDS[number]) return;
  throw new MachineFault("illegalInstruction", word, `the DMA has no state field number ${number}`);
}

function setField(cu: ControlUnit, number: number, value: number, word: number): void {
  checkField(number, word);
  const max = number === ENUMS.dmafield.padsel ? 1 : 65535;
  if (number !== ENUMS.dmafield.padval && (value < 0 || value > max)) {
    throw new MachineFault(
      "illegalInstruction",
      word,
      `DMA field ${DMA_FIELDS[number]} = ${value}, it takes 0 to ${max}`,
    );
  }
  cu.state.dma[number] = value;
}

export const DMA_HANDLERS = {
  "dma.ld": dmaIssue("ld"),
  "dma.st": dmaIssue("st"),
  "dma.copy": dmaIssue("copy"),
  "dma.ldw": dmaIssue("ldw"),
  "dma.fill": dmaIssue("fill"),
  "dma.trans": dmaIssue("trans"),
  "dma.pad": dmaIssue("pad"),
  "dma.gather": dmaIssue("gather"),
  "dma.ldz": dmaIssue("ldz"),
  "dma.stz": dmaIssue("stz"),
  "dma.margin": (cu, word) => {
    const { padt, padb, padl, padr } = ENUMS.dmafield;
    const { dma } = cu.state;
    dma[padt] = rdOf(word);
    dma[padb] = rs1Of(word);
    dma[padl] = rs2Of(word);
    dma[padr] = rs3Of(word);
    return 0;
  },
  "dma.reset": (cu) => {
    cu.state.dma.set(dmaResetState());
    return 0;
  },
  "dma.get": (cu, word) => {
    checkField(rs1Of(word), word);
    cu.setRegister(rdOf(word), cu.state.dma[rs1Of(word)]!);
    return 0;
  },
  "dma.set": (cu, word) => {
    setField(cu, rdOf(word), cu.state.x[rs1Of(word)]!, word);
    return 0;
  },
} as const satisfies Partial<Record<HandlerMnemonic, Handler>>;
