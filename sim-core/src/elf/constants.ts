/** Numbers of the ELF specification and its RISC-V supplement, and those of our own notes and sections. */

export const ELF_MAGIC = 0x464c457f;
export const ELF_HEADER_BYTES = 52;
export const PROGRAM_HEADER_BYTES = 32;
export const SECTION_HEADER_BYTES = 40;
export const SYMBOL_BYTES = 16;
export const RELA_BYTES = 12;

export const ET_REL = 1;
export const ET_EXEC = 2;
export const EM_RISCV = 243;
/** e_flags: compressed instructions may occur, which this machine doesn't execute. */
export const EF_RISCV_RVC = 1;
/** e_flags: floating-point arguments in registers, and the embedded base with 16 registers. */
export const EF_RISCV_FLOAT_ABI = 6;
export const EF_RISCV_RVE = 8;

export const PT_LOAD = 1;
export const PF_X = 1;
export const PF_W = 2;
export const PF_R = 4;

export const SHT_NULL = 0;
export const SHT_PROGBITS = 1;
export const SHT_SYMTAB = 2;
export const SHT_STRTAB = 3;
export const SHT_RELA = 4;
export const SHT_NOTE = 7;
export const SHT_NOBITS = 8;
export const SHT_REL = 9;
export const SHT_GROUP = 17;
export const SHT_RISCV_ATTRIBUTES = 0x70000003;
export const SHF_WRITE = 1;
export const SHF_ALLOC = 2;
export const SHF_EXECINSTR = 4;
export const SHF_MERGE = 0x10;
export const SHF_STRINGS = 0x20;
/** `sh_info` is the index of another section. */
export const SHF_INFO_LINK = 0x40;
export const GRP_COMDAT = 1;
/** Contents are compressed (debug sections of some compilers). */
export const SHF_COMPRESSED = 0x800;

export const SHN_UNDEF = 0;
export const SHN_LORESERVE = 0xff00;
export const SHN_ABS = 0xfff1;
export const SHN_COMMON = 0xfff2;

export const STB_LOCAL = 0;
export const STB_GLOBAL = 1;
export const STB_WEAK = 2;
export const STT_NOTYPE = 0;
export const STT_OBJECT = 1;
export const STT_FUNC = 2;
export const STT_SECTION = 3;
export const STT_FILE = 4;

/** Names of our own sections; their contents are described in metadata.ts. */
export const TENSOR_SECTION = ".nnasm.tensors";
export const LAYER_SECTION = ".nnasm.layers";
export const EXPECTATION_SECTION = ".nnasm.expectations";
export const NOTE_SECTION = ".note.nnasm";
export const NOTE_NAME = "NNASM";
export const NOTE_FACTS = 1;
