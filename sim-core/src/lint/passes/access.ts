/** Loads and stores at misaligned addresses, as far as constants made nearby tell. */
import type { AsmSymbol } from "../../asm/index.ts";
import { Constants, type FlowInstruction, instructionsOf } from "../../flow/index.ts";
import type { LintContext, LintFix } from "../context.ts";
import { fixOf, lineBefore } from "../edits.ts";
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
              fix: () => aligning(context, address, access.bytes),
            });
          }
        }
        constants.step(at);
      }
    }
  },
};

/** Aligns what is declared at or shortly before an address, when that aligns the address as well. */
function aligning(context: LintContext, address: number, bytes: number): LintFix | undefined {
  let nearest: AsmSymbol | undefined;
  for (const symbol of context.assembly.symbols.values()) {
    const { kind, section, value } = symbol;
    if (kind !== "label" || section === undefined || value === undefined || value > address) continue;
    if (value > (nearest?.value ?? -1)) nearest = symbol;
  }
  if (!nearest?.file || !nearest.range || (address - nearest.value!) % bytes !== 0) return undefined;
  const line = lineBefore(context, { file: nearest.file, range: nearest.range }, `.balign ${bytes}`);
  return fixOf(`Align \`${nearest.name}\` to ${bytes} bytes`, line);
}

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
