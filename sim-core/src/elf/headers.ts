/** ELF header and section headers of 32-bit RISC-V files, executable or relocatable. */
import { ByteReader, Corrupt } from "./bytes.ts";
import * as elf from "./constants.ts";
import type { ElfError, ElfErrorId } from "./model.ts";

/** Ends reading with a reason for the user. */
export class Refusal extends Error {
  readonly reason: ElfError;

  constructor(id: ElfErrorId, message: string, hint: string, offset?: number) {
    super(message);
    this.reason = { id, message, hint, ...(offset === undefined ? {} : { offset }) };
  }
}

export interface FileHeader {
  readonly type: number;
  readonly entry: number;
  readonly programHeaders: number;
  readonly programHeaderBytes: number;
  readonly programHeaderCount: number;
  readonly sectionHeaders: number;
  readonly sectionHeaderBytes: number;
  readonly sectionHeaderCount: number;
  readonly flags: number;
  readonly names: number;
}

export interface SectionHeader {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly alignment: number;
  readonly entryBytes: number;
}

const REBUILD = "the file is damaged: build it again";
const NOTHING = new Uint8Array(0);

/** Reads a part without which the file is no use; throws a Refusal. */
export function required<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Corrupt) throw new Refusal("elf-truncated", error.message, REBUILD, error.offset);
    throw error;
  }
}

function refuseMachine(message: string): never {
  const hint = "build for this machine: -march=rv32im_zicsr_zifencei -mabi=ilp32";
  throw new Refusal("elf-machine", message, hint);
}

/** @param wanted what the file should be, for the message about one that is no ELF file */
export function readFileHeader(bytes: Uint8Array, wanted: string): FileHeader {
  const reader = new ByteReader(bytes, "the ELF header");
  if (bytes.length < 4 || reader.u32() !== elf.ELF_MAGIC) {
    throw new Refusal("elf-magic", "not an ELF file", `name ${wanted}`, 0);
  }
  return required(() => {
    const wordSize = reader.u8();
    const order = reader.u8();
    reader.skip(10);
    const type = reader.u16();
    const machine = reader.u16();
    if (machine !== elf.EM_RISCV) refuseMachine(`an ELF file for machine ${machine}, not RISC-V (243)`);
    if (wordSize !== 1) refuseMachine("an ELF file for RV64, not RV32");
    if (order !== 1) refuseMachine("a big-endian ELF file");
    reader.u32(); // version
    const entry = reader.u32();
    const programHeaders = reader.u32();
    const sectionHeaders = reader.u32();
    const flags = reader.u32();
    reader.u16();
    const programHeaderBytes = reader.u16();
    const programHeaderCount = reader.u16();
    const sectionHeaderBytes = reader.u16();
    const sectionHeaderCount = reader.u16();
    const names = reader.u16();
    return {
      type,
      entry,
      programHeaders,
      programHeaderBytes,
      programHeaderCount,
      sectionHeaders,
      sectionHeaderBytes,
      sectionHeaderCount,
      flags,
      names,
    };
  });
}

export function checkTable(bytes: Uint8Array, what: string, offset: number, size: number): void {
  if (offset + size > bytes.length) throw new Corrupt(`${what} reaches beyond the end of the file`, offset);
}

export function readSectionHeaders(bytes: Uint8Array, header: FileHeader): SectionHeader[] {
  const { sectionHeaders, sectionHeaderBytes, sectionHeaderCount, names } = header;
  return required(() => {
    checkTable(bytes, "the table of sections", sectionHeaders, sectionHeaderBytes * sectionHeaderCount);
    const raw: (Omit<SectionHeader, "name"> & { nameOffset: number })[] = [];
    for (let index = 0; index < sectionHeaderCount; index++) {
      const reader = new ByteReader(bytes, "the table of sections", sectionHeaders + index * sectionHeaderBytes);
      const [nameOffset, type, flags] = [reader.u32(), reader.u32(), reader.u32()];
      const [address, offset, size, link] = [reader.u32(), reader.u32(), reader.u32(), reader.u32()];
      const [info, alignment, entryBytes] = [reader.u32(), reader.u32(), reader.u32()];
      raw.push({ index, nameOffset, type, flags, address, offset, size, link, info, alignment, entryBytes });
    }
    const table = raw[names];
    const text = table ? sectionContents(bytes, { ...table, name: "section names" }) : NOTHING;
    return raw.map(({ nameOffset, ...section }) => ({
      ...section,
      name: table ? new ByteReader(text, "the table of section names", nameOffset).text() : "",
    }));
  });
}

/** The bytes of a section that has any. */
export function sectionContents(bytes: Uint8Array, section: SectionHeader): Uint8Array {
  const { name, type, offset, size } = section;
  if (type === elf.SHT_NOBITS || type === elf.SHT_NULL) return NOTHING;
  if (offset + size > bytes.length) throw new Corrupt(`section ${name} reaches beyond the end of the file`, offset);
  return bytes.subarray(offset, offset + size);
}
