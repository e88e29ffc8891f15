/** Issues to the DMA channels: checked here, with all state copied, so that faults are precise. */
import { MachineFault } from "../../machine/index.ts";
import { type DmaKind, prepareDmaWork } from "../dma/index.ts";
import { type Handler, type HandlerMnemonic, rdOf, rs1Of } from "./handler.ts";
import { common, descriptor, whenFree } from "./issue.ts";

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

export const DMA_HANDLERS = {
  "dma.ld": dmaIssue("ld"),
  "dma.st": dmaIssue("st"),
  "dma.copy": dmaIssue("copy"),
  "dma.ldw": dmaIssue("ldw"),
  "dma.fill": dmaIssue("fill"),
} as const satisfies Partial<Record<HandlerMnemonic, Handler>>;
