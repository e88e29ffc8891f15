/**
 * What our own sections hold. All numbers are little-endian.
 *
 * `.nnasm.tensors`: u32 version (1), u32 count, and for each tensor
 *   text name (UTF-8, zero byte), padding to 4 bytes,
 *   u32 address of the descriptor, u32 base, u8 dtype, u8 layout, u16 zero, u32 n, h, w, c, i32 strides n, h, w, c,
 *   i32 zero point, u32 address of the table, f64 scale
 * `.nnasm.layers`: u32 version (1), u32 count, and for each layer u32 number, text name, padding to 4 bytes
 * `.note.nnasm`: an ELF note of name "NNASM", type 1: u32 ISA version, u32 CiP, u32 CoP (0 = no blocked weights)
 */
import { type DType, ENUMS, enumNameOf, type Layout } from "../isa/enums.ts";
import type { ProgramFacts, ProgramLayer, ProgramTensor } from "../program/index.ts";
import { ByteReader, ByteWriter, Corrupt } from "./bytes.ts";
import { NOTE_FACTS, NOTE_NAME } from "./constants.ts";

const VERSION = 1;

export function writeTensors(tensors: readonly ProgramTensor[]): Uint8Array {
  const writer = new ByteWriter();
  writer.u32(VERSION);
  writer.u32(tensors.length);
  for (const tensor of tensors) {
    writer.text(tensor.name);
    writer.align(4);
    writer.u32(tensor.descriptorAddress);
    writer.u32(tensor.base);
    writer.u8(ENUMS.dtype[tensor.dtype]);
    writer.u8(ENUMS.layout[tensor.layout]);
    writer.u16(0);
    for (const size of tensor.dims) writer.u32(size);
    for (const stride of tensor.strides) writer.u32(stride);
    writer.u32(tensor.zeroPoint);
    writer.u32(tensor.table);
    writer.f64(tensor.scale);
  }
  return writer.finish();
}

function begin(bytes: Uint8Array, what: string): { reader: ByteReader; count: number } {
  const reader = new ByteReader(bytes, what);
  const version = reader.u32();
  if (version !== VERSION) throw new Corrupt(`${what} has version ${version}, known is ${VERSION}`, 0);
  return { reader, count: reader.u32() };
}

/** The text at the reader and the padding behind it. */
function paddedText(reader: ByteReader): string {
  const text = reader.text();
  reader.skip((4 - (reader.at % 4)) % 4);
  return text;
}

export function readTensors(bytes: Uint8Array): ProgramTensor[] {
  const { reader, count } = begin(bytes, "the list of tensors");
  const tensors: ProgramTensor[] = [];
  for (let index = 0; index < count; index++) {
    const name = paddedText(reader);
    const descriptorAddress = reader.u32();
    const base = reader.u32();
    const dtype = enumNameOf("dtype", reader.u8()) as DType | undefined;
    const layout = enumNameOf("layout", reader.u8()) as Layout | undefined;
    if (!dtype || !layout) throw new Corrupt(`tensor ${name} has an unknown data type or layout`, reader.at);
    reader.u16();
    tensors.push({
      name,
      descriptorAddress,
      base,
      dtype,
      layout,
      dims: [reader.u32(), reader.u32(), reader.u32(), reader.u32()],
      strides: [reader.i32(), reader.i32(), reader.i32(), reader.i32()],
      zeroPoint: reader.i32(),
      table: reader.u32(),
      scale: reader.f64(),
    });
  }
  return tensors;
}

export function writeLayers(layers: readonly ProgramLayer[]): Uint8Array {
  const writer = new ByteWriter();
  writer.u32(VERSION);
  writer.u32(layers.length);
  for (const { id, name } of layers) {
    writer.u32(id);
    writer.text(name);
    writer.align(4);
  }
  return writer.finish();
}

export function readLayers(bytes: Uint8Array): ProgramLayer[] {
  const { reader, count } = begin(bytes, "the list of layers");
  const layers: ProgramLayer[] = [];
  for (let index = 0; index < count; index++) {
    const id = reader.u32();
    layers.push({ id, name: paddedText(reader) });
  }
  return layers;
}

export function writeFacts(facts: ProgramFacts): Uint8Array {
  const writer = new ByteWriter();
  writer.u32(NOTE_NAME.length + 1);
  writer.u32(12);
  writer.u32(NOTE_FACTS);
  writer.text(NOTE_NAME);
  writer.align(4);
  writer.u32(facts.isaVersion);
  writer.u32(facts.cip ?? 0);
  writer.u32(facts.cop ?? 0);
  return writer.finish();
}

/** The facts in a note section, or undefined when the notes are somebody else's. */
export function readFacts(bytes: Uint8Array): ProgramFacts | undefined {
  const reader = new ByteReader(bytes, "the note");
  while (!reader.done) {
    const nameBytes = reader.u32();
    const bodyBytes = reader.u32();
    const type = reader.u32();
    const name = new ByteReader(reader.take(nameBytes), "the note's name");
    reader.skip((4 - (nameBytes % 4)) % 4);
    const body = new ByteReader(reader.take(bodyBytes), "the note");
    reader.skip(Math.min((4 - (bodyBytes % 4)) % 4, reader.end - reader.at));
    if (type !== NOTE_FACTS || nameBytes === 0 || name.text() !== NOTE_NAME) continue;
    const isaVersion = body.u32();
    const cip = body.u32();
    const cop = body.u32();
    return { isaVersion, ...(cip > 0 ? { cip } : {}), ...(cop > 0 ? { cop } : {}) };
  }
  return undefined;
}
