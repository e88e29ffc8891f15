/**
 * What our own sections hold. All numbers are little-endian.
 *
 * `.nnasm.tensors`: u32 version (1), u32 count, and for each tensor
 *   text name (UTF-8, zero byte), padding to 4 bytes,
 *   u32 address of the descriptor, u32 base, u8 dtype, u8 layout, u16 zero, u32 n, h, w, c, i32 strides n, h, w, c,
 *   i32 zero point, u32 address of the table, f64 scale
 * `.nnasm.layers`: u32 version (1), u32 count, and for each layer u32 number, text name, padding to 4 bytes
 * `.nnasm.expectations`: u32 version (1), u32 count, and for each expectation
 *   u8 kind (0 register, 1 memory, 2 tensor), u8 dtype, u8 bytes of a value (1, 2, 4), u8 1 = checked at an address, 0 = at exit,
 *   u32 register or address (of a tensor: of its descriptor), u32 address at which it is checked, u32 line, u32 column,
 *   u32 count, the values, texts name, name of the address, file, padding to 4 bytes
 * `.note.nnasm`: an ELF note of name "NNASM", type 1: u32 ISA version, u32 CiP, u32 CoP (0 = no blocked weights); when the
 *   code uses instructions of its workspace: u32 hash of their set, text name, padding to 4 bytes
 */
import { type DType, ENUMS, enumNameOf, type Layout } from "../isa/enums.ts";
import type { ExpectedPlace, ProgramExpectation, ProgramFacts, ProgramLayer, ProgramTensor } from "../program/index.ts";
import { ByteReader, ByteWriter, Corrupt, type WrittenSection } from "./bytes.ts";
import { NOTE_FACTS, NOTE_NAME } from "./constants.ts";

const VERSION = 1;

export function writeTensors(tensors: readonly ProgramTensor[]): WrittenSection {
  const writer = new ByteWriter();
  writer.u32(VERSION);
  writer.u32(tensors.length);
  for (const tensor of tensors) {
    writer.text(tensor.name);
    writer.align(4);
    writer.address(tensor.descriptorAddress);
    writer.address(tensor.base);
    writer.u8(ENUMS.dtype[tensor.dtype]);
    writer.u8(ENUMS.layout[tensor.layout]);
    writer.u16(0);
    for (const size of tensor.dims) writer.u32(size);
    for (const stride of tensor.strides) writer.u32(stride);
    writer.u32(tensor.zeroPoint);
    writer.address(tensor.table);
    writer.f64(tensor.scale);
  }
  return writer.finishSection();
}

/** Linkers put the lists of several objects one behind the other. */
function readLists(bytes: Uint8Array, what: string, readEntry: (reader: ByteReader) => void): void {
  const reader = new ByteReader(bytes, what);
  do {
    const start = reader.at;
    const version = reader.u32();
    if (version !== VERSION) throw new Corrupt(`${what} has version ${version}, known is ${VERSION}`, start);
    for (let count = reader.u32(); count > 0; count--) readEntry(reader);
  } while (!reader.done);
}

/** The text at the reader and the padding behind it. */
function paddedText(reader: ByteReader): string {
  const text = reader.text();
  reader.skip((4 - (reader.at % 4)) % 4);
  return text;
}

export function readTensors(bytes: Uint8Array): ProgramTensor[] {
  const tensors: ProgramTensor[] = [];
  readLists(bytes, "the list of tensors", (reader) => {
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
  });
  return tensors;
}

export function writeLayers(layers: readonly ProgramLayer[]): WrittenSection {
  const writer = new ByteWriter();
  writer.u32(VERSION);
  writer.u32(layers.length);
  for (const { id, name } of layers) {
    // Objects number their layers by a relocation (asm/object/make-object.ts).
    writer.address(id);
    writer.text(name);
    writer.align(4);
  }
  return writer.finishSection();
}

export function readLayers(bytes: Uint8Array): ProgramLayer[] {
  const layers: ProgramLayer[] = [];
  readLists(bytes, "the list of layers", (reader) => {
    const id = reader.u32();
    layers.push({ id, name: paddedText(reader) });
  });
  return layers;
}

const PLACES = ["register", "memory", "tensor"] as const;

/** Bytes that hold any of the values. */
function valueBytes(values: Int32Array): 1 | 2 | 4 {
  let needed: 1 | 2 | 4 = 1;
  for (const value of values) {
    if (value < -32768 || value > 32767) return 4;
    if (value < -128 || value > 127) needed = 2;
  }
  return needed;
}

export function writeExpectations(expectations: readonly ProgramExpectation[]): WrittenSection {
  const writer = new ByteWriter();
  writer.u32(VERSION);
  writer.u32(expectations.length);
  for (const { name, place, values, at, file, line, column } of expectations) {
    const bytes = valueBytes(values);
    writer.u8(PLACES.indexOf(place.kind));
    writer.u8(place.kind === "memory" ? ENUMS.dtype[place.dtype] : 0);
    writer.u8(bytes);
    writer.u8(at ? 1 : 0);
    if (place.kind === "register") writer.u32(place.register);
    else writer.address(place.kind === "memory" ? place.address : place.descriptorAddress);
    writer.address(at?.address ?? 0);
    writer.u32(line);
    writer.u32(column);
    writer.u32(values.length);
    for (const value of values) {
      if (bytes === 4) writer.u32(value);
      else if (bytes === 2) writer.u16(value);
      else writer.u8(value);
    }
    for (const text of [name, at?.name ?? "", file]) writer.text(text);
    writer.align(4);
  }
  return writer.finishSection();
}

export function readExpectations(bytes: Uint8Array): ProgramExpectation[] {
  const expectations: ProgramExpectation[] = [];
  readLists(bytes, "the list of expectations", (reader) => {
    const kind = PLACES[reader.u8()];
    const dtype = enumNameOf("dtype", reader.u8()) as DType | undefined;
    const width = reader.u8();
    const isTimed = reader.u8() !== 0;
    const number = reader.u32();
    const address = reader.u32();
    const line = reader.u32();
    const column = reader.u32();
    const count = reader.u32();
    if (!kind || !dtype || ![1, 2, 4].includes(width))
      throw new Corrupt("an expectation of an unknown kind", reader.at);
    const stored = new ByteReader(reader.take(count * width), "the values of an expectation");
    const values = Int32Array.from({ length: count }, () =>
      width === 4 ? stored.i32() : width === 2 ? (stored.u16() << 16) >> 16 : stored.i8(),
    );
    const name = reader.text();
    const atName = reader.text();
    const file = reader.text();
    reader.skip((4 - (reader.at % 4)) % 4);
    const place: ExpectedPlace =
      kind === "register"
        ? { kind, register: number }
        : kind === "memory"
          ? { kind, address: number, dtype }
          : { kind, descriptorAddress: number };
    const at = isTimed ? { at: { name: atName, address } } : {};
    expectations.push({ name, place, values, ...at, file, line, column });
  });
  return expectations;
}

export function writeFacts(facts: ProgramFacts): Uint8Array {
  const body = new ByteWriter();
  body.u32(facts.isaVersion);
  body.u32(facts.cip ?? 0);
  body.u32(facts.cop ?? 0);
  if (facts.user) {
    body.u32(facts.user.hash);
    body.text(facts.user.name);
    body.align(4);
  }
  const bytes = body.finish();
  const writer = new ByteWriter();
  writer.u32(NOTE_NAME.length + 1);
  writer.u32(bytes.length);
  writer.u32(NOTE_FACTS);
  writer.text(NOTE_NAME);
  writer.align(4);
  writer.append(bytes);
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
    const user = body.done ? {} : { user: { hash: body.u32(), name: body.text() } };
    return { isaVersion, ...(cip > 0 ? { cip } : {}), ...(cop > 0 ? { cop } : {}), ...user };
  }
  return undefined;
}
