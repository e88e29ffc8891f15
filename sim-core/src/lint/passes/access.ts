/** Loads and stores at misaligned addresses, as far as constants made nearby tell. */
import { Constants, type FlowInstruction, instructionsOf } from "../../flow/index.ts";
import type { LintPass } from "../lint.ts";

export const ACCESS: LintPass = {
  ids: ["misaligned-access"],
  run(context) {
    const { graph, config } = context;
    const constants = new Constants();
    for (const block of graph.blocks) {
      if (!graph.reached.has(block.index)) continue;
      constants.forget();
      for (const at of instructionsOf(graph, block)) {
        const access = accessOf(at);
        const base = access && constants.get(access.base);
        if (access && base !== undefined && (access.always || config.cu.misaligned === "trap")) {
          const address = (base + access.offset) >>> 0;
          if (address % access.bytes !== 0) {
            context.report("misaligned-access", at, {
              message: `0x${address.toString(16)} is no multiple of ${access.bytes}, which \`${at.instruction.mnemonic}\` needs`,
              hint: `align the data: .balign ${access.bytes}`,
            });
          }
        }
        constants.step(at);
      }
    }
  },
};

interface Access {
  readonly base: number;
  readonly offset: number;
  readonly bytes: number;
  /** Misaligned descriptors fault on every machine. */
  readonly always: boolean;
}

const DESCRIPTOR_ALIGNMENT = 16;

function accessOf({ instruction, operands }: FlowInstruction): Access | undefined {
  const { row, mnemonic } = instruction;
  if (row.timing === "load" || row.timing === "store") {
    const [, offset, base] = operands as [number, number, number];
    // The low bits of funct3 are the logarithm of the size.
    return { base, offset, bytes: 1 << ((row.fixed.funct3 ?? 0) & 3), always: false };
  }
  if (mnemonic === "td.ld" || mnemonic === "td.st") {
    return { base: operands[1]!, offset: 0, bytes: DESCRIPTOR_ALIGNMENT, always: true };
  }
  return undefined;
}
