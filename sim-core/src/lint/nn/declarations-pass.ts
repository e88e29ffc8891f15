/** Lints of `.tensor` declarations: elements outside of the memories, and elements that tensors share. */
import { type Expression, type Statement, statementAt } from "../../asm/index.ts";
import { ENUMS } from "../../isa/index.ts";
import { AddressSpace, ByteSet, extent, hex, type Tensor, tensorMemory } from "../../machine/index.ts";
import type { ProgramTensor } from "../../program/index.ts";
import type { LintContext } from "../context.ts";
import type { LintPass } from "../lint.ts";
import { Tensors } from "./places.ts";

interface Declared {
  readonly tensor: ProgramTensor;
  readonly low: number;
  readonly high: number;
  readonly set: ByteSet;
}

export const DECLARATIONS: LintPass = {
  ids: ["tensor-outside", "tensor-overlap"],
  run(context) {
    const space = new AddressSpace(context.config);
    const declared = context.program.tensors.map((tensor) => declaredOf(tensor, context));
    for (const { tensor, low, high } of declared) {
      if (tensorMemory(tensorOf(tensor, context), space) !== undefined) continue;
      const bytes = high - low;
      report(context, "tensor-outside", tensor, {
        message: `\`${tensor.name}\` (${bytes} bytes at ${hex(low)}) doesn't lie within one memory of this machine`,
        hint: "move it, make it smaller, or raise the memory's size in nnp.json",
      });
    }
    if (context.isOn("tensor-overlap")) new Overlaps(context, declared).report();
  },
};

/** A declaration as an operation would see it. */
function tensorOf(declared: ProgramTensor, { config }: LintContext): Tensor {
  const [n, h, w, c] = declared.dims;
  const [sn, sh, sw, sc] = declared.strides;
  const blocked = declared.layout === "blocked";
  const { base, zeroPoint, table } = declared;
  const dtype = ENUMS.dtype[declared.dtype];
  const layout = ENUMS.layout[declared.layout];
  const [cip, cop] = blocked ? [config.nu.cip, config.nu.cop] : [0, 0];
  return { base, n, h, w, c, sn, sh, sw, sc, dtype, layout, flags: 0, zeroPoint, table, cip, cop };
}

function declaredOf(tensor: ProgramTensor, context: LintContext): Declared {
  const plain = tensorOf(tensor, context);
  const { address, bytes } = extent(plain);
  return { tensor, low: address, high: address + bytes, set: ByteSet.tensor(plain) };
}

function report(
  context: LintContext,
  id: "tensor-outside" | "tensor-overlap",
  tensor: ProgramTensor,
  finding: Parameters<LintContext["report"]>[2],
): void {
  const symbol = context.assembly.symbols.get(tensor.name);
  if (symbol?.file && symbol.range) context.report(id, { file: symbol.file, range: symbol.range }, finding);
}

class Overlaps {
  private readonly context: LintContext;
  private readonly declared: readonly Declared[];
  private readonly anchors = new Map<string, ReadonlySet<string> | undefined>();

  constructor(context: LintContext, declared: readonly Declared[]) {
    this.context = context;
    this.declared = [...declared].sort((a, b) => a.low - b.low || a.high - b.high);
  }

  report(): void {
    const { declared } = this;
    const tensors = new Tensors(this.context);
    for (let i = 0; i < declared.length; i++) {
      const first = declared[i]!;
      for (let k = i + 1; k < declared.length && declared[k]!.low < first.high; k++) {
        const second = declared[k]!;
        if (this.isMeant(first, second)) continue;
        const common = first.set.intersection(second.set);
        if (!common) continue;
        const { address, bytes } = common;
        report(this.context, "tensor-overlap", second.tensor, {
          message: `\`${second.tensor.name}\` and \`${first.tensor.name}\` share ${bytes === 1 ? "a byte" : `${bytes} bytes`} at ${hex(address)}`,
          hint: `move one of them; if they are meant to share memory, write one's place in terms of the other: at=${first.tensor.name}.base`,
          related: tensors.placeOf(first.tensor.name, `\`${first.tensor.name}\` ends at ${hex(first.high)}`),
        });
      }
    }
  }

  /** Whether the sources say that two tensors share memory, or where they lie can't be read from the sources. */
  private isMeant(a: Declared, b: Declared): boolean {
    if (a.tensor.base === b.tensor.base) return true;
    const [first, second] = [this.anchorsOf(a.tensor.name), this.anchorsOf(b.tensor.name)];
    return !first || !second || [...first].some((anchor) => second.has(anchor));
  }

  /** Symbols in whose terms a tensor's place is written, its own included; undefined when the sources don't show it. */
  private anchorsOf(name: string): ReadonlySet<string> | undefined {
    if (this.anchors.has(name)) return this.anchors.get(name);
    // A place in terms of itself is an error of its own; here it ends the search.
    this.anchors.set(name, new Set());
    const statement = this.statementOf(name);
    const own = `${name}.base`;
    let anchors: Set<string> | undefined;
    if (statement) {
      anchors = new Set([own]);
      for (const operand of statement.operands) {
        if (operand.kind !== "keyword" || operand.name.name !== "at" || operand.value.kind === "string") continue;
        for (const symbol of namesIn(operand.value)) {
          anchors.add(symbol);
          const other = symbol.endsWith(".base") ? this.anchorsOf(symbol.slice(0, -".base".length)) : undefined;
          for (const anchor of other ?? []) anchors.add(anchor);
        }
      }
    }
    this.anchors.set(name, anchors);
    return anchors;
  }

  /** The declaration, unless a macro makes it. */
  private statementOf(name: string): Statement | undefined {
    const { assembly } = this.context;
    const symbol = assembly.symbols.get(name);
    const file = assembly.files.find((each) => each.name === symbol?.file);
    const statement = file && symbol?.range && statementAt(file, symbol.range.start)?.statement;
    return statement && [".tensor", ".weights"].includes(statement.name?.name ?? "") ? statement : undefined;
  }
}

function namesIn(node: Expression): string[] {
  switch (node.kind) {
    case "name":
      return [node.name];
    case "group":
      return namesIn(node.inner);
    case "unary":
      return namesIn(node.operand);
    case "binary":
      return [...namesIn(node.left), ...namesIn(node.right)];
    default:
      return [];
  }
}
