/** The data memory: banks. */
import { UNITS, type Unit } from "../../isa/index.ts";
import { extent, type Tensor } from "../../machine/index.ts";
import type { Facts } from "../facts.ts";
import { type Draft, percent, type Rule } from "../model.ts";

const bankOf = ({ config }: Facts, { base }: Tensor): number =>
  Math.floor(base / config.dm.bankBytes) % config.dm.banks;

/** The operation of the winning unit that ran beside the losing one the longest. */
function beside(facts: Facts, index: number, winner: Unit): number | undefined {
  const { startCycle, endCycle } = facts.at(index);
  let best: number | undefined;
  let most = 0;
  for (const other of facts.completed) {
    if (other === index || facts.recorded(other).unit !== winner) continue;
    const { startCycle: from, endCycle: to } = facts.at(other);
    const common = Math.min(to, endCycle) - Math.max(from, startCycle);
    if (common > most) [best, most] = [other, common];
  }
  return best;
}

export const BANK_CONFLICTS: Rule = {
  id: "bank-conflicts",
  title: "streams meet in the same banks",
  why: "A bank serves one access a cycle; streams that begin in the same bank and go on at the same pace meet again and again.",
  needs: "operations",
  thresholds: { lost: percent(5, "cycles lost over banks, of the operations' time") },
  evaluate(facts) {
    return (["nu", "vu"] as const).flatMap((unit) =>
      facts.byInstruction(unit).flatMap((group): Draft[] => {
        const lostTo = new Map<number, number>();
        const lost = new Map<number, number>();
        for (const index of group) {
          (facts.at(index).lostTo ?? []).forEach((cycles, winner) => {
            if (cycles === 0) return;
            lostTo.set(winner, (lostTo.get(winner) ?? 0) + cycles);
            lost.set(index, (lost.get(index) ?? 0) + cycles);
          });
        }
        const cycles = [...lost.values()].reduce((sum, one) => sum + one, 0);
        const share = Math.round((cycles / facts.sum(group)) * 1000) / 10;
        if (cycles === 0 || share < this.thresholds.lost!.value) return [];
        const [[winner] = [0]] = [...lostTo].sort((a, b) => b[1] - a[1]);
        const worst = [...lost].sort((a, b) => b[1] - a[1])[0]![0];
        const { pc, mnemonic, inputs, out } = facts.at(worst);
        const name = UNITS[winner]!;
        const own = name === unit;
        const other = own ? worst : beside(facts, worst, name);
        const moved = own ? out : other === undefined ? out : facts.at(other).out;
        const { banks, bankBytes } = facts.config.dm;
        const [from, to] = [bankOf(facts, inputs[0]!), (bankOf(facts, inputs[0]!) + banks / 2) % banks];
        const base = moved.base + ((to - bankOf(facts, moved) + banks) % banks) * bankBytes;
        const nu = facts.nu(worst)?.work;
        // Cores that share out rows or images begin at a distance that decides about all their accesses.
        const shared = own && nu && facts.config.nu.cores > 1 && nu.split !== "channels";
        return [
          {
            message: `${group.length} x ${mnemonic} lose ${cycles} cycles to ${own ? "their own other stream" : name}: input from bank ${from}, ${own ? "output" : `${name}'s output`} from bank ${bankOf(facts, moved)}`,
            addresses: [pc, ...(other === undefined || own ? [] : [facts.at(other).pc])],
            operations: [...lost.keys()],
            measured: [
              { name: "lost over banks", value: cycles, unit: "cycles" },
              { name: "banks", value: banks, unit: `of ${bankBytes} bytes` },
            ],
            crossed: ["lost", share],
            savedCycles: facts.savedByDurations(lost.keys(), (index) => facts.cyclesOf(index) - lost.get(index)!),
            edit: shared
              ? `make the rows of ${mnemonic}'s tensors at ${facts.placeText(pc)} ${bankBytes} bytes longer (td.strhw with a row stride of ${nu.input.sh + bankBytes} and ${nu.out.sh + bankBytes} bytes), so that the cores' parts begin in different banks`
              : `move the tensor at 0x${moved.base.toString(16)} (${extent(moved).bytes} bytes) to 0x${base.toString(16)}, which is bank ${to}: ${((to - bankOf(facts, moved) + banks) % banks) * bankBytes} bytes of .space in front of it, or at=`,
            confidence: "medium",
          },
        ];
      }),
    );
  },
};
