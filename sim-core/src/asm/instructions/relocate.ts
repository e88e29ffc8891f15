/** Operands of instructions that an object leaves to the linker. */
import { R_RISCV } from "../../object/index.ts";
import { type Evaluator, isAddress } from "../expression/evaluate.ts";
import { lower12, upper20 } from "../expression/integer.ts";
import type { RelocationLog } from "../object/relocation-log.ts";
import type { Address } from "../object/section.ts";
import type { Deferred } from "../object/symbols.ts";
import type { Reporter } from "../reporter.ts";
import type { Expression, Integer, ModifierNode } from "../syntax/tree.ts";
import type { InstructionFixup } from "./fixups.ts";
import { type Slot, slotBits } from "./forms.ts";
import type { OperandReader } from "./operands.ts";

/** Shape of the word's immediate, which the relocations of the psABI are made for. */
type Shape = "I" | "S" | "U" | "B" | "J" | undefined;

function shapeOf({ field }: Slot): Shape {
  const segments = field?.segments ?? [];
  const [first] = segments;
  if (segments.length === 1 && first?.hi === 31) return first.lo === 20 ? "I" : first.lo === 12 ? "U" : undefined;
  if (segments.length === 2 && first?.hi === 31 && first.lo === 25 && segments[1]!.hi === 11) return "S";
  if (segments.length !== 4 || first?.hi !== 31 || first.lo !== 31) return undefined;
  return field!.width === 20 ? "J" : "B";
}

export class InstructionRelocator {
  private readonly evaluator: Evaluator;
  private readonly reader: OperandReader;
  private readonly reporter: Reporter;
  private readonly log: RelocationLog;
  private readonly pcrelTarget: (fixup: InstructionFixup, offset: number) => Deferred | undefined;

  constructor(
    evaluator: Evaluator,
    reader: OperandReader,
    reporter: Reporter,
    log: RelocationLog,
    pcrelTarget: (fixup: InstructionFixup, offset: number) => Deferred | undefined,
  ) {
    this.evaluator = evaluator;
    this.reader = reader;
    this.reporter = reporter;
    this.log = log;
    this.pcrelTarget = pcrelTarget;
  }

  /** Fills an operand in, or leaves a relocation for it. */
  relocate(fixup: InstructionFixup): void {
    const { slot, expression: node } = fixup;
    if (slot.type === "offset") this.target(fixup);
    else if (node.kind === "modifier") this.part(fixup, node);
    else {
      const value = this.evaluator.evaluate(node);
      if (isAddress(value)) this.wholeAddress(fixup, node, value);
      else if (value !== undefined) this.number(fixup, value);
    }
  }

  private number(fixup: InstructionFixup, value: Integer): void {
    this.patch(fixup, this.reader.number(fixup.slot, value, fixup.expression, fixup.place));
  }

  private patch({ section, offset, slot }: InstructionFixup, bits: number | undefined): void {
    if (bits !== undefined) section.patchWord(offset, slotBits(slot, bits));
  }

  /** A branch or jump: within the section the distance is known. */
  private target(fixup: InstructionFixup): void {
    const { slot, section, offset, expression: node, place } = fixup;
    const value = this.evaluator.evaluate(node);
    if (value === undefined) return;
    if (isAddress(value) && value.section === section && !value.minus) {
      this.patch(fixup, this.reader.distance(slot, value.offset - offset, node, place));
      return;
    }
    const shape = shapeOf(slot);
    if (shape === "B" || shape === "J") this.leave(fixup, shape === "B" ? R_RISCV.BRANCH : R_RISCV.JAL, value);
    else this.refuse(node, "the target must lie in the same section of this file", fixup);
  }

  /** `%hi(x)` and its relatives. */
  private part(fixup: InstructionFixup, node: ModifierNode): void {
    const { slot, section, offset } = fixup;
    const shape = shapeOf(slot);
    const low = node.modifier === "lo" || node.modifier === "pcrel_lo";
    if (low ? shape !== "I" && shape !== "S" : shape !== "U") {
      const value = this.evaluator.evaluate(node);
      if (value !== undefined && !isAddress(value)) this.number(fixup, value);
      return;
    }
    if (node.modifier === "pcrel_lo") {
      this.pcrelLow(fixup, node, shape === "I");
      return;
    }
    const value = this.evaluator.evaluate(node.inner);
    if (value === undefined) return;
    if (node.modifier === "pcrel_hi") {
      if (isAddress(value) && value.section === section && !value.minus) {
        this.patch(fixup, upper20(value.offset - offset));
      } else this.leave(fixup, R_RISCV.PCREL_HI20, value);
    } else if (!isAddress(value)) {
      this.patch(fixup, node.modifier === "hi" ? upper20(value) : lower12(value));
    } else if (node.modifier === "hi") this.leave(fixup, R_RISCV.HI20, value);
    else this.leave(fixup, shape === "I" ? R_RISCV.LO12_I : R_RISCV.LO12_S, value);
  }

  private pcrelLow(fixup: InstructionFixup, node: ModifierNode, isLoad: boolean): void {
    const { section, offset, place } = fixup;
    const { evaluator } = this;
    const anchor = evaluator.evaluate(node.inner);
    if (anchor === undefined) return;
    const target = isAddress(anchor) && anchor.section === section ? this.pcrelTarget(fixup, anchor.offset) : undefined;
    if (!target || !isAddress(anchor)) {
      this.reporter.report("pcrel-lo", {}, place, node);
      return;
    }
    const value = evaluator.evaluateDeferred(target);
    if (value === undefined) return;
    if (isAddress(value) && value.section === section && !value.minus) {
      this.patch(fixup, lower12(value.offset - anchor.offset));
      return;
    }
    const type = isLoad ? R_RISCV.PCREL_LO12_I : R_RISCV.PCREL_LO12_S;
    this.log.add(section, { offset, type, target: anchor, addend: 0, anchor: true });
  }

  private leave(fixup: InstructionFixup, type: number, value: Integer | Address): void {
    const { section, offset, expression: node } = fixup;
    if (isAddress(value) && value.minus) {
      this.refuse(node, "a distance between sections is known only when the program is linked", fixup);
    } else if (isAddress(value)) {
      this.log.add(section, { offset, type, target: { ...value, offset: 0 }, addend: value.offset });
    } else this.log.add(section, { offset, type, target: undefined, addend: Number(BigInt.asIntN(32, BigInt(value))) });
  }

  private wholeAddress(fixup: InstructionFixup, node: Expression, value: Address): void {
    const detail = node.kind === "name" ? node.name : "expression";
    if (value.section.symbol?.defined === false || value.minus) {
      this.refuse(node, `the value of \`${detail}\` is known only when the program is linked`, fixup);
    } else this.reporter.report("address-operand", { detail }, fixup.place, node);
  }

  private refuse(node: Expression, detail: string, { place }: InstructionFixup): void {
    this.reporter.report("not-relocatable", { detail }, place, node);
  }
}
