/** Puts instructions into sections: chooses the form, encodes what is known and notes what is not. */
import { nearest } from "../../diagnostics/index.ts";
import { type Evaluator, isAddress } from "../expression/evaluate.ts";
import { integerText } from "../expression/integer.ts";
import type { RelocationLog } from "../object/relocation-log.ts";
import type { Section } from "../object/section.ts";
import type { Deferred, SymbolTable } from "../object/symbols.ts";
import type { Place, Reporter } from "../reporter.ts";
import { type Expression, isExpression, type Operand, type Statement } from "../syntax/tree.ts";
import { fixedWords } from "./fixed.ts";
import { type InstructionFixup, InstructionFixups } from "./fixups.ts";
import {
  bind,
  type Form,
  type FormTable,
  instantiate,
  type PseudoForm,
  type RealForm,
  type Slot,
  type Step,
  slotBits,
} from "./forms.ts";
import { OperandReader, shapeFits, variantFits } from "./operands.ts";
import { InstructionRelocator } from "./relocate.ts";

const MAX_SUGGESTIONS = 100;

export class InstructionEncoder {
  readonly fixups = new InstructionFixups();
  /** Whether any instruction was one of the workspace's own. */
  usesUserInstructions = false;
  readonly forms: FormTable;
  private readonly evaluator: Evaluator;
  private readonly symbols: SymbolTable;
  private readonly reporter: Reporter;
  private readonly reader: OperandReader;
  private readonly args: Expression[] = [];
  /** How many suggestions have been asked for. */
  suggestions = 0;
  private readonly stepArgs: Expression[] = [];

  constructor(forms: FormTable, evaluator: Evaluator, symbols: SymbolTable, reporter: Reporter) {
    this.forms = forms;
    this.evaluator = evaluator;
    this.symbols = symbols;
    this.reporter = reporter;
    this.reader = new OperandReader(reporter);
  }

  /** The expression under %pcrel_hi of the instruction at a place, if there is one. */
  pcrelTarget(section: Section, offset: number): Deferred | undefined {
    return this.fixups.targetAt(section, offset);
  }

  /** The forms of a mnemonic; GNU as takes any case, so capitals are a second try. */
  formsOf(mnemonic: string): readonly Form[] | undefined {
    return this.forms.get(mnemonic) ?? this.forms.get(mnemonic.toLowerCase());
  }

  /** The mnemonic closest to a misspelt one. */
  suggestion(mnemonic: string, macros: Iterable<string>): string | undefined {
    // A file that is no assembly at all has thousands; the first suggestions will do.
    if (++this.suggestions > MAX_SUGGESTIONS) return undefined;
    return nearest(mnemonic, [...this.forms.keys(), ...macros]);
  }

  /** Assembles an instruction at the end of the section. The caller has checked the mnemonic. */
  assemble(statement: Statement, forms: readonly Form[], section: Section, place: Place): void {
    const form = this.formFor(forms, statement.operands);
    if (!form) {
      this.refuse(forms, statement, place);
      // The instruction keeps its place, so that one error doesn't move all code behind it.
      section.reserve(4);
      return;
    }
    if (form.instruction) this.encode(form, this.args, section, place);
    else this.expand(form, section, place);
  }

  /** The words of an instruction that its text alone decides; undefined for all others. */
  fixedWords({ name, operands }: Statement): readonly number[] | undefined {
    const forms = name && this.formsOf(name.name);
    const form = forms && this.formFor(forms, operands);
    return form && fixedWords(form, this.args);
  }

  /** The form that takes the operands; its arguments are then in `args`. */
  private formFor(forms: readonly Form[], operands: readonly Operand[]): Form | undefined {
    // A lone real instruction needs no choice: its encoder reports what doesn't fit.
    const isSingle = forms.length === 1 && forms[0]!.instruction;
    return isSingle ? this.only(forms[0]!, operands) : this.choose(forms, operands);
  }

  private only(form: Form, operands: readonly Operand[]): Form | undefined {
    return operands.length === form.written.length && bind(form, operands, this.args) < 0 ? form : undefined;
  }

  /** The first form that takes operands of these kinds; its arguments are then in `args`. */
  private choose(forms: readonly Form[], operands: readonly Operand[]): Form | undefined {
    for (const form of forms) {
      if (this.only(form, operands) && this.shapesFit(form)) return form;
    }
    return undefined;
  }

  private shapesFit({ slots }: Form): boolean {
    for (let index = 0; index < slots.length; index++) {
      if (!shapeFits(slots[index]!, this.args[index]!)) return false;
    }
    return true;
  }

  /** Says why no form takes the operands, by the form that comes closest. */
  private refuse(forms: readonly Form[], statement: Statement, place: Place): void {
    const { operands } = statement;
    const usage = forms.map((form) => form.usage).join("` or `");
    const counted = forms.filter((form) => form.written.length === operands.length);
    if (counted.length === 0) {
      const counts = [...new Set(forms.map((form) => form.written.length))].sort((a, b) => a - b);
      const expected = `${counts.join(" or ")} operand${counts.at(-1) === 1 ? "" : "s"}`;
      const parameters = { mnemonic: statement.name!.name, found: operands.length, expected, syntax: usage };
      this.reporter.report("operand-count", parameters, place, statement);
      return;
    }
    let best = counted[0]!;
    let bestPosition = -1;
    for (const form of counted) {
      const position = this.firstMisfit(form, operands);
      if (position > bestPosition) {
        best = form;
        bestPosition = position;
      }
    }
    const operand = operands[Math.max(0, bestPosition)]!;
    const target = best.written[Math.max(0, bestPosition)]!;
    const single = { ...best, usage };
    if (target.shape === "memory") {
      this.refuseMemory(single, target, operand, place);
    } else if (target.slot.type === "x" || target.slot.type === "td") {
      if (isExpression(operand)) this.reader.register(single, target.slot, operand, place);
      else this.reader.mismatch(single, target.slot, operand, place);
    } else {
      this.reader.mismatch(single, target.slot, operand, place);
    }
  }

  private refuseMemory(
    form: Form,
    target: Extract<Form["written"][number], { shape: "memory" }>,
    operand: Operand,
    place: Place,
  ): void {
    const base = operand.kind === "memory" ? operand.base : operand.kind === "group" ? operand.inner : undefined;
    if (base && (target.offset || operand.kind === "group")) {
      this.reader.register(form, target.base, base, place);
      return;
    }
    const expected = target.offset ? `\`${target.offset.name}(${target.base.name})\`` : `\`(${target.base.name})\``;
    const found = operand.kind === "memory" ? "an offset in front of the parenthesis" : undefined;
    this.reader.wrongShape(form, expected, found, operand, place);
  }

  /** Position of the first operand that a form doesn't take. */
  private firstMisfit(form: Form, operands: readonly Operand[]): number {
    const misshaped = bind(form, operands, this.args);
    const end = misshaped < 0 ? form.written.length : misshaped;
    for (let position = 0; position < end; position++) {
      const target = form.written[position]!;
      const slots = target.shape === "plain" ? [target.slot] : [target.offset, target.base];
      for (const slot of slots) if (slot && !shapeFits(slot, this.args[slot.index]!)) return position;
    }
    return end;
  }

  private encode(form: RealForm, args: readonly Expression[], section: Section, place: Place): void {
    if (form.instruction.row.user) this.usesUserInstructions = true;
    let word = form.instruction.match;
    const { slots } = form;
    for (let index = 0; index < slots.length; index++) {
      const slot = slots[index]!;
      const node = args[index]!;
      let value: number | undefined;
      if (slot.type === "x" || slot.type === "td") value = this.reader.register(form, slot, node, place);
      else if (slot.type === "imm" && node.kind === "number") value = this.reader.number(slot, node.value, node, place);
      else value = this.value(form, slot, node, section, place);
      if (value !== undefined) word |= slotBits(slot, value);
    }
    section.word(word);
  }

  /** Field value of an argument that may need evaluation; undefined when it failed or was deferred. */
  private value(form: RealForm, slot: Slot, node: Expression, section: Section, place: Place): number | undefined {
    if (slot.values || slot.type === "csr") {
      const named = this.reader.named(slot, node, place);
      if (named === null) return undefined;
      if (named !== undefined) return named;
    }
    if (node.kind === "name" && !shapeFits(slot, node)) {
      this.reader.mismatch(form, slot, node, place);
      return undefined;
    }
    const offset = section.size;
    this.moment(section, place);
    if (node.kind === "modifier" && node.modifier === "pcrel_hi") this.notePcrel(node.inner, section, offset, place);
    const { evaluator } = this;
    const { distances } = evaluator;
    const noted = distances.length;
    evaluator.failed = false;
    const value = evaluator.evaluate(node);
    // An operand is filled in again when a distance changes.
    const isDistance = distances.length > noted;
    distances.length = noted;
    if (slot.type === "offset") {
      if (isAddress(value) && value.section === section && !evaluator.relocatable) {
        return this.settled(form, slot, node, section, place, () =>
          this.reader.distance(slot, value.offset - offset, node, place),
        );
      }
    } else if (isAddress(value)) {
      this.addressOperand(node, place);
      return undefined;
    } else if (value !== undefined) {
      if (!isDistance) return this.reader.number(slot, value, node, place);
      return this.settled(form, slot, node, section, place, () => this.reader.number(slot, value, node, place));
    }
    if (!evaluator.failed) this.fixups.pending.push(this.fixup(form, slot, node, section, place));
    return undefined;
  }

  /** What is read of an operand that is a distance: other edits than its own change it, and what there is to say of it. */
  private settled(
    form: RealForm,
    slot: Slot,
    node: Expression,
    section: Section,
    place: Place,
    read: () => number | undefined,
  ): number | undefined {
    const { evaluator, reporter } = this;
    if (!evaluator.notesDistances) return read();
    this.fixups.settled.push(this.fixup(form, slot, node, section, place));
    reporter.late = true;
    const value = read();
    reporter.late = false;
    return value;
  }

  private fixup(form: RealForm, slot: Slot, node: Expression, section: Section, place: Place): InstructionFixup {
    const { symbols } = this;
    const expression = symbols.freeze(node, place);
    return { expression, place, section, offset: section.size, sequence: symbols.sequence, form, slot };
  }

  private addressOperand(node: Expression, place: Place): void {
    const detail = node.kind === "name" ? node.name : "expression";
    this.reporter.report("address-operand", { detail }, place, node);
  }

  private moment(section: Section, place: Place): void {
    const { evaluator } = this;
    evaluator.place = place;
    evaluator.section = section;
    evaluator.offset = section.size;
    evaluator.sequence = this.symbols.sequence;
  }

  private notePcrel(expression: Expression, section: Section, offset: number, place: Place): void {
    const { symbols } = this;
    const target = symbols.freeze(expression, place);
    this.fixups.noteTarget({ expression: target, place, section, offset, sequence: symbols.sequence });
  }

  private expand(form: PseudoForm, section: Section, place: Place): void {
    const { args } = this;
    let steps: readonly Step[] = form.steps;
    const operand = form.variants[0]?.operand;
    if (operand !== undefined) {
      const node = args[operand]!;
      this.moment(section, place);
      const value = this.evaluator.evaluate(node);
      if (value !== undefined && !isAddress(value)) {
        if (value < -0x80000000 || value > 0xffffffff) {
          const what = form.slots[operand]!.name;
          const bounds = { min: "-2147483648", max: "4294967295" };
          this.reporter.report("out-of-range", { what, value: integerText(value), ...bounds }, place, node);
        }
        steps = form.variants.find((variant) => variantFits(variant, value))?.steps ?? steps;
      }
    }
    const { anchored } = this.evaluator;
    for (const step of steps) {
      const { stepArgs } = this;
      for (let index = 0; index < step.templates.length; index++) {
        stepArgs[index] = instantiate(step.templates[index]!, args);
      }
      this.encode(step.form, stepArgs, section, place);
    }
    // The anchors of an expansion are its own.
    this.evaluator.anchored = anchored;
  }

  /** Whether an operand is an address when sections don't count as placed. */
  private isAddressStill(node: Expression): boolean {
    if (node.kind === "modifier") return false;
    this.evaluator.final = false;
    const value = this.evaluator.evaluate(node);
    this.evaluator.final = true;
    return isAddress(value);
  }

  /** Whether a name that had to be one of a list turned out to be nothing; says so. */
  private isUnknownName({ slot, expression: node, place }: InstructionFixup): boolean {
    if (node.kind !== "name" || !(slot.values || slot.type === "csr")) return false;
    if (this.symbols.entries.get(node.name)?.defined) return false;
    this.reader.unknownValue(slot, node, place);
    return true;
  }

  /** Fills in what this file decides alone, and leaves relocations for the rest. */
  relocate(log: RelocationLog): void {
    const { evaluator, reader, reporter } = this;
    const relocator = new InstructionRelocator(evaluator, reader, reporter, log, ({ section }, offset) =>
      this.pcrelTarget(section, offset),
    );
    for (const fixup of this.fixups.pending) {
      if (this.isUnknownName(fixup)) continue;
      evaluator.at(fixup);
      relocator.relocate(fixup);
    }
  }

  /** Fills in what was not known, once every section has its address. */
  resolve(fixups: readonly InstructionFixup[] = this.fixups.pending): void {
    const { evaluator } = this;
    const { anchored } = evaluator;
    for (const fixup of fixups) this.resolveOne(fixup);
    // They were counted when they were met.
    evaluator.anchored = anchored;
  }

  /** Fills in everything again that depends on addresses, all of which may be others. */
  resolveAgain(): void {
    const { pending, settled } = this.fixups;
    for (const fixups of [settled, pending]) {
      for (const { section, offset, slot } of fixups) section.clearBits(offset, slotBits(slot, -1));
      this.resolve(fixups);
    }
  }

  private resolveOne(fixup: InstructionFixup): void {
    const { evaluator } = this;
    const { slot, expression: node, section, offset, place } = fixup;
    if (this.isUnknownName(fixup)) return;
    evaluator.at(fixup);
    if (slot.type !== "offset" && this.isAddressStill(node)) {
      this.addressOperand(node, place);
      return;
    }
    const value = evaluator.evaluate(node);
    if (value === undefined || isAddress(value)) return;
    const bits =
      slot.type === "offset"
        ? this.reader.distance(slot, Number(value) - (section.address + offset), node, place)
        : this.reader.number(slot, value, node, place);
    if (bits !== undefined) section.patchWord(offset, slotBits(slot, bits));
  }
}
