/**
 * Makes the object out of a unit whose sections are filled. Every section, and every symbol of other objects, gets a range
 * of addresses of its own far beyond 32 bits; line table and metadata are then written as for a program, and each address
 * in them says by its range what the linker is to add.
 */
import {
  type AddressField,
  attributesSection,
  EXPECTATION_SECTION,
  LAYER_SECTION,
  NOTE_SECTION,
  TENSOR_SECTION,
  type WrittenSection,
  writeDebug,
  writeExpectations,
  writeFacts,
  writeLayers,
  writeTensors,
} from "../../elf/index.ts";
import { type ObjectFile, type ObjectRelocation, type ObjectSection, R_RISCV } from "../../object/index.ts";
import type { ProgramSymbol } from "../../program/index.ts";
import { factsOf } from "../program.ts";
import type { Unit } from "../unit.ts";
import { NO_SYMBOL, ObjectSymbols } from "./object-symbols.ts";
import { isRanged, rangeOffset, rangeOwner, rangeStart } from "./ranges.ts";
import type { PendingRelocation, RelocationLog } from "./relocation-log.ts";
import type { Section } from "./section.ts";

const SHT_PROGBITS = 1;
const SHT_NOTE = 7;
const SHT_NOBITS = 8;

/**
 * One byte for each layer of the program, without memory. The linker puts those of all objects one behind the other from
 * address 0 on, which numbers the layers: what nn.layer holds is the address of its layer's byte, plus one.
 */
const LAYER_NUMBERS = ".nnasm.layer-numbers";

const NO_FLAGS = { allocate: false, write: false, execute: false, merge: false, strings: false };

/** Gives all sections their made-up addresses. */
export function spreadOut(unit: Unit): void {
  if (unit.layers.length > 0) layerNumbers(unit);
  for (const section of unit.sections.all) section.address = rangeStart(section.index);
}

/** The section that numbers the layers. */
export function layerNumbers(unit: Unit): Section {
  return unit.sections.open(LAYER_NUMBERS, { allocate: false, write: false, execute: false }, false);
}

/** Makes the object; the relocations of instructions and data are in the log. */
export function makeObject(unit: Unit, log: RelocationLog): ObjectFile {
  const symbols = new ObjectSymbols(unit);
  const sections: ObjectSection[] = unit.sections.all.map((section) =>
    objectSection(section, joinCalls(log.of(section), section), symbols),
  );
  const bySection = new Map(unit.sections.all.map((section) => [section.index, section]));
  const extra = (name: string, type: number, written: WrittenSection, alignment: number): void => {
    const relocations = written.addressFields.flatMap((field) => relocationOf(field, bySection, unit, symbols));
    const { bytes } = clearFields(written, relocations);
    sections.push({
      name,
      type,
      flags: NO_FLAGS,
      alignment,
      size: bytes.length,
      bytes,
      entryBytes: 0,
      relocations,
    });
  };
  // References between debug sections go to the sections' symbols, so these come first.
  const debug = debugContents(unit);
  const debugNames = debug ? Object.keys(debug) : [];
  const extras = [
    ...(unit.tensors.length > 0 ? [TENSOR_SECTION] : []),
    ...(unit.layers.length > 0 ? [LAYER_SECTION] : []),
    ...(unit.expectations.length > 0 ? [EXPECTATION_SECTION] : []),
    ...debugNames,
  ];
  extras.forEach((name, index) => {
    symbols.addSection(name, unit.sections.all.length + index);
  });
  if (unit.tensors.length > 0) extra(TENSOR_SECTION, SHT_PROGBITS, writeTensors(unit.tensors), 4);
  if (unit.layers.length > 0) {
    const start = layerNumbers(unit).address;
    const layers = unit.layers.map(({ id, name }) => ({ id: start + id, name }));
    extra(LAYER_SECTION, SHT_PROGBITS, writeLayers(layers), 4);
  }
  if (unit.expectations.length > 0) {
    extra(EXPECTATION_SECTION, SHT_PROGBITS, writeExpectations(unit.expectations), 4);
  }
  for (const [name, written] of Object.entries(debug ?? {})) extra(name, SHT_PROGBITS, written, 1);
  const plain = (bytes: Uint8Array): WrittenSection => ({ bytes, addressFields: [] });
  extra(NOTE_SECTION, SHT_NOTE, plain(writeFacts(factsOf(unit))), 4);
  const attributes = attributesSection();
  extra(attributes.name, attributes.type, plain(attributes.bytes), 1);
  return symbols.finish(sections);
}

function objectSection(
  section: Section,
  relocations: readonly PendingRelocation[],
  symbols: ObjectSymbols,
): ObjectSection {
  const { name, flags, nobits, merge, alignment, size, contents } = section;
  return {
    name,
    type: section.type ?? (nobits ? SHT_NOBITS : SHT_PROGBITS),
    flags: { ...flags, merge: merge !== undefined, strings: merge?.strings ?? false },
    alignment,
    size,
    bytes: contents.slice(),
    entryBytes: merge?.entryBytes ?? 0,
    relocations: relocations.map(({ offset, type, target, addend, anchor }) => {
      const base = target ? target.offset : 0;
      if (!target) return { offset, type, symbol: NO_SYMBOL, addend };
      if (anchor) return { offset, type, symbol: symbols.anchor(target), addend };
      const place = symbols.place({ section: target.section, offset: base + addend });
      return { offset, type, ...place };
    }),
  };
}

/** A call of a function elsewhere, `auipc` and `jalr`, has one relocation for both. */
function joinCalls(relocations: readonly PendingRelocation[], section: Section): PendingRelocation[] {
  const uses = new Map<number, number>();
  for (const { anchor, target } of relocations) {
    if (anchor) uses.set(target!.offset, (uses.get(target!.offset) ?? 0) + 1);
  }
  const joined: PendingRelocation[] = [];
  for (let index = 0; index < relocations.length; index++) {
    const high = relocations[index]!;
    const low = relocations[index + 1];
    const isCall =
      high.type === R_RISCV.PCREL_HI20 &&
      low?.type === R_RISCV.PCREL_LO12_I &&
      low.offset === high.offset + 4 &&
      low.target?.offset === high.offset &&
      uses.get(high.offset) === 1 &&
      section.holds(low.offset, 4) &&
      isJumpBy(section.readWord(low.offset), section.readWord(high.offset));
    if (isCall) {
      joined.push({ ...high, type: R_RISCV.CALL_PLT });
      index++;
    } else joined.push(high);
  }
  return joined;
}

/** Whether a word is a jalr by the register that an auipc sets. */
const isJumpBy = (jalr: number, auipc: number): boolean =>
  (jalr & 0x7f) === 0x67 && ((jalr >>> 15) & 31) === ((auipc >>> 7) & 31);

function relocationOf(
  { offset, section: name, value }: AddressField,
  sections: ReadonlyMap<number, Section>,
  unit: Unit,
  symbols: ObjectSymbols,
): ObjectRelocation[] {
  if (name !== undefined) return [{ offset, type: R_RISCV[32], symbol: symbols.section(name), addend: value }];
  // A number of the source, not an address.
  if (!isRanged(value)) return [];
  const index = rangeOwner(value);
  const own = sections.get(index);
  // By the section, not by a name in it: with two definitions of the name, the line table would mean the other object's.
  if (own) return [{ offset, type: R_RISCV[32], symbol: symbols.section(own.name), addend: rangeOffset(value) }];
  const section = unit.evaluator.externalAt(index);
  if (!section) return [];
  return [{ offset, type: R_RISCV[32], ...symbols.place({ section, offset: rangeOffset(value) }) }];
}

/** What a relocation fills in is zero before. */
function clearFields(written: WrittenSection, relocations: readonly ObjectRelocation[]): { bytes: Uint8Array } {
  const bytes = written.bytes.slice();
  for (const { offset } of relocations) bytes.fill(0, offset, offset + 4);
  return { bytes };
}

function debugContents(unit: Unit) {
  const files = [...unit.files.keys()];
  const numbers = new Map(files.map((file, index) => [file, index]));
  const lines = unit.log.lineRows(numbers);
  if (lines.length === 0) return undefined;
  return writeDebug({ files, lines, symbols: functions(unit), inlined: unit.log.inlinedCalls(numbers) });
}

/** Functions with their made-up addresses: debug information names them. */
function functions(unit: Unit): ProgramSymbol[] {
  const list: ProgramSymbol[] = [];
  for (const { name, type, section, value, bytes, global } of unit.symbols.entries.values()) {
    if (type !== "function" || !section || section.symbol) continue;
    const address = section.address + Number(value);
    list.push({ name, address, bytes: bytes ?? 0, kind: "function", global, absolute: false });
  }
  return list;
}
