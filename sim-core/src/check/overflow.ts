/**
 * Accumulators that leave int32: the machine's wrap around, which hardly any network means. Sums are computed again as
 * exact numbers, unless the shapes alone show that they fit; with 8-bit data they nearly always do.
 */
import type { Unit } from "../isa/index.ts";
import {
  elementRange,
  elements,
  FLAG_PER_TENSOR_TABLE,
  readElements,
  readTable,
  type Tensor,
} from "../machine/index.ts";
import { addConvolution, addMatrixProduct, type NuOperation, type NuWork, type Operation } from "../units/index.ts";
import type { Check, Checked, Found } from "./check.ts";
import { type Finding, Findings, type FindingsState } from "./finding.ts";

const LIMIT = 2 ** 31;

interface State {
  readonly held: Float64Array;
  readonly findings: FindingsState;
}

/** Largest magnitude of a real value of the tensor. */
function largest(t: Tensor): number {
  const [min, max] = elementRange(t.dtype);
  return Math.max(Math.abs(min - t.zeroPoint), Math.abs(max - t.zeroPoint));
}

export class OverflowCheck implements Check {
  readonly listener = { started: (unit: Unit, operation: Operation) => this.started(unit, operation) };
  private readonly machine: Checked;
  private readonly found: Findings;
  /** The accumulators, without wrapping. */
  private held = new Float64Array();

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

  capture(): State {
    return { held: this.held.slice(), findings: this.found.capture() };
  }

  restore(state: unknown): void {
    const { held, findings } = state as State;
    this.held = held.slice();
    this.found.restore(findings);
  }

  /** What the operation reads is complete when it starts, in programs without races. */
  private started(unit: Unit, operation: Operation): void {
    if (unit !== "nu") return;
    const { work, mask } = operation as NuOperation;
    const { memories } = this.machine;
    switch (work.kind) {
      case "accz":
        this.held = new Float64Array(elements(work.out));
        break;
      case "accld":
        this.held = Float64Array.from(readElements(work.input, memories));
        break;
      case "accconv":
        if (this.held.length !== elements(work.out)) return;
        addConvolution(work, mask, this.held, memories);
        break;
      // Sums that leave the range on the way and come back are right in the end.
      case "accst":
        if (this.held.length === elements(work.out)) this.look(operation, this.held, work.second);
        break;
      case "matmul": {
        if (fits(work, work.input.c)) return;
        const sums = new Float64Array(elements(work.out));
        addMatrixProduct(work, sums, memories);
        this.look(operation, sums, work.out);
        break;
      }
      case "conv":
      case "dwconv":
      case "pwconv":
      case "fc":
      case "deconv": {
        const weights = work.second!;
        const products = work.kh * work.kw * (work.kind === "dwconv" ? 1 : weights.c);
        if (fits(work, products)) return;
        const sums = new Float64Array(elements(work.out));
        addConvolution(work, mask, sums, memories);
        this.look(operation, sums, weights);
        break;
      }
      default:
    }
  }

  /** @param owner tensor whose table adds the biases */
  private look({ mnemonic, pc, startCycle, out }: Operation, sums: Float64Array, owner: Tensor | undefined): void {
    const shared = ((owner?.flags ?? 0) & FLAG_PER_TENSOR_TABLE) !== 0;
    const bias = owner?.table ? readTable(owner.table, out.c, shared, this.machine.memories).bias : undefined;
    for (let i = 0; i < sums.length; i++) {
      const sum = sums[i]! + (bias?.[i % out.c] ?? 0);
      if (sum >= -LIMIT && sum < LIMIT) continue;
      if (this.found.isKnown(String(pc))) return;
      const { h, w, c } = out;
      const element = [Math.floor(i / (h * w * c)), Math.floor(i / (w * c)) % h, Math.floor(i / c) % w, i % c];
      this.found.add(String(pc), {
        id: "overflow",
        message: `${mnemonic}: the accumulator of output element [${element.join(", ")}] is ${sum}, which wraps around to ${sum | 0}`,
        hint: "split the sum over several operations, or use smaller scales for inputs and weights",
        pc,
        related: [],
        address: out.base,
        bytes: 0,
        cycle: startCycle,
      });
      return;
    }
  }
}

/** Whether sums of so many products fit whatever the data; half of the range is left to the bias. */
const fits = ({ input, second }: NuWork, products: number): boolean =>
  largest(input) * largest(second!) * products < LIMIT / 2;
