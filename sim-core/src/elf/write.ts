/** Writes programs as ELF files that GNU's tools read. */
import type { Program } from "../program/index.ts";
import { ByteWriter } from "./bytes.ts";
import * as elf from "./constants.ts";
import { writeDebug } from "./dwarf-line-writer.ts";
import { type ExtraSection, writeImage } from "./image-writer.ts";
import { writeExpectations, writeFacts, writeLayers, writeTensors } from "./metadata.ts";

/** Standard extensions only: foreign tools refuse to read on when they don't know a name here. */
const ARCHITECTURE = "rv32i2p1_m2p0_zicsr2p0_zifencei2p0";

/** Writes a program. `readElf` gives back an equal one. */
export function writeElf(program: Program): Uint8Array {
  return writeImage({ ...program, extras: extrasOf(program) });
}

function extrasOf(program: Program): ExtraSection[] {
  const data = (name: string, bytes: Uint8Array): ExtraSection => ({
    name,
    type: elf.SHT_PROGBITS,
    bytes,
    alignment: 4,
  });
  const extras: ExtraSection[] = [
    { name: elf.NOTE_SECTION, type: elf.SHT_NOTE, bytes: writeFacts(program.facts), alignment: 4 },
  ];
  if (program.tensors.length > 0) extras.push(data(elf.TENSOR_SECTION, writeTensors(program.tensors).bytes));
  if (program.layers.length > 0) extras.push(data(elf.LAYER_SECTION, writeLayers(program.layers).bytes));
  if (program.expectations.length > 0) {
    extras.push(data(elf.EXPECTATION_SECTION, writeExpectations(program.expectations).bytes));
  }
  extras.push(attributesSection());
  if (program.files.length > 0) {
    for (const [name, { bytes }] of Object.entries(writeDebug(program))) {
      extras.push({ ...data(name, bytes), alignment: 1 });
    }
  }
  return extras;
}

/** The section that tells GNU's tools which instructions to expect. */
export function attributesSection(): ExtraSection {
  return { name: ".riscv.attributes", type: elf.SHT_RISCV_ATTRIBUTES, bytes: writeAttributes(), alignment: 1 };
}

/** `.riscv.attributes`: stack alignment and the architecture string. */
function writeAttributes(): Uint8Array {
  const attributes = new ByteWriter();
  attributes.uleb(4); // Tag_RISCV_stack_align
  attributes.uleb(16);
  attributes.uleb(5); // Tag_RISCV_arch
  attributes.text(ARCHITECTURE);
  const writer = new ByteWriter();
  writer.u8("A".charCodeAt(0));
  const vendor = "riscv";
  writer.u32(4 + vendor.length + 1 + 1 + 4 + attributes.length);
  writer.text(vendor);
  writer.u8(1); // Tag_File
  writer.u32(1 + 4 + attributes.length);
  writer.append(attributes.finish());
  return writer.finish();
}
