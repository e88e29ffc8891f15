/** Sparsity masks are authoritative: a masked block is left out. One that holds something else than zero is a mistake. */

import type { Unit } from "../isa/index.ts";
import { hex, readBlocked } from "../machine/index.ts";
import { maskBlockOf, type NuOperation, type Operation } from "../units/index.ts";
import type { Check, Checked, Found } from "./check.ts";
import { type Finding, Findings, type FindingsState } from "./finding.ts";

export class MaskedCheck implements Check {
  readonly listener = { completed: (unit: Unit, operation: Operation) => this.completed(unit, operation) };
  private readonly machine: Checked;
  private readonly found: Findings;

  constructor(machine: Checked, found: Found) {
    this.machine = machine;
    this.found = new Findings(found);
  }

  get findings(): readonly Finding[] {
    return this.found.all;
  }

  get omissions(): readonly string[] {
    return this.found.omissions;
  }

  capture(): FindingsState {
    return this.found.capture();
  }

  restore(state: unknown): void {
    this.found.restore(state as FindingsState);
  }

  private completed(unit: Unit, operation: Operation): void {
    if (unit !== "nu") return;
    const { work, mask, pc, mnemonic, endCycle } = operation as NuOperation;
    const weights = work.second;
    if (!mask || !weights) return;
    const values = readBlocked(weights, this.machine.memories, weights.zeroPoint);
    const { h, w, c } = weights;
    for (let at = 0; at < values.length; at++) {
      if (values[at] === 0) continue;
      const o = Math.floor(at / (h * w * c));
      const kh = Math.floor(at / (w * c)) % h;
      const kw = Math.floor(at / c) % w;
      const block = maskBlockOf(weights, o, kh, kw, at % c);
      if ((mask[block >> 3]! >> (block & 7)) & 1) continue;
      if (this.found.isKnown(String(pc))) return;
      this.found.add(String(pc), {
        id: "masked",
        message: `${mnemonic} leaves out block ${block} of its weights by the mask at ${hex(work.mask)}, but element [${o}, ${kh}, ${kw}, ${at % c}] there is ${values[at]}, not zero`,
        hint: "make the mask from the weights that are really in WM, or set the weights of masked blocks to their zero point",
        pc,
        related: [],
        address: weights.base,
        bytes: 0,
        cycle: endCycle,
      });
      return;
    }
  }
}
