/** Data types and layouts that operations were issued with: descriptors are data, so a listener has to look. */
import type { MachineListener, Simulator } from "../engine/index.ts";
import { extractField, operandField, type Unit } from "../isa/index.ts";
import { DESCRIPTOR_WORDS, dtypeName, layoutName, unpackDescriptor } from "../machine/index.ts";
import type { Operation } from "../units/index.ts";

/** A descriptor operand of an instruction, and where the word names its register. */
interface DescriptorOperand {
  readonly key: string;
  register(word: number): number;
}

/** Give it to `Simulator.setListener`: it hears of operations only, which are far apart. */
export class TensorTypes implements MachineListener {
  private readonly simulator: Pick<Simulator, "cu" | "state" | "isa">;
  private readonly operands = new Map<string, readonly DescriptorOperand[]>();
  /** Counts by `mnemonic operand`, then by `dtype layout`. */
  readonly counts = new Map<string, Record<string, number>>();

  constructor(simulator: Pick<Simulator, "cu" | "state" | "isa">) {
    this.simulator = simulator;
  }

  issued(_unit: Unit, { mnemonic, pc }: Operation): void {
    const { cu, state } = this.simulator;
    const word = cu.code.word(pc);
    for (const { key, register } of this.operandsOf(mnemonic)) {
      const { dtype, layout } = unpackDescriptor(state.descriptors, register(word) * DESCRIPTOR_WORDS);
      const types = `${dtypeName(dtype)} ${layoutName(layout)}`;
      const counts = this.counts.get(key) ?? {};
      counts[types] = (counts[types] ?? 0) + 1;
      this.counts.set(key, counts);
    }
  }

  private operandsOf(mnemonic: string): readonly DescriptorOperand[] {
    let found = this.operands.get(mnemonic);
    if (!found) {
      const row = this.simulator.isa.get(mnemonic)?.row;
      const descriptors = row?.operands.filter(({ type }) => type === "td") ?? [];
      found = descriptors.map((operand) => {
        const field = operandField(row!, operand);
        return { key: tensorKey(mnemonic, operand.name), register: (word) => extractField(field, word) };
      });
      this.operands.set(mnemonic, found);
    }
    return found;
  }
}

export const tensorKey = (mnemonic: string, operand: string): string => `${mnemonic} ${operand}`;
