/** Diagnostics of what is no source: configurations and ELF files. */
import type { Severity } from "../diagnostics/index.ts";
import type { ElfErrorId } from "../elf/index.ts";
import { commands, config, type Example } from "./example.ts";

export interface Entry {
  readonly severity: Severity;
  /** Why it is refused and what to do, in whole sentences. */
  readonly explanation: string;
  readonly example: Example;
}

export const CONFIG_ENTRIES = {
  "config-syntax": {
    severity: "error",
    explanation: "The file is no JSON. Comments and a comma behind the last value are allowed beyond JSON's own rules.",
    example: config(
      `
      { "preset": "default" "entry": "main.nnasm" }
      `,
      `
      { "preset": "default", "entry": "main.nnasm" }
      `,
    ),
  },
  "config-unknown-key": {
    severity: "error",
    explanation:
      "The configuration has no such key. Keys that are not known are refused, since a misspelt one would otherwise leave the default value in force without a word.",
    example: config(
      `
      { "nu": { "cipp": 8 } }
      `,
      `
      { "nu": { "cip": 8 } }
      `,
    ),
  },
  "config-value": {
    severity: "error",
    explanation:
      "The value is of another type than the key takes, or out of its range. The editor shows what each key takes while you type.",
    example: config(
      `
      { "nu": { "cip": "many" } }
      `,
      `
      { "nu": { "cip": 8 } }
      `,
    ),
  },
  "config-entry": {
    severity: "error",
    explanation:
      "The file that \"entry\" names doesn't exist. The name is relative to the folder in which nnp.json lies. The language server says so; the command says that it can't read the file.",
    example: commands(
      `
      echo '{ "entry": "mian.nnasm" }' > nnp.json
      nnasm build
      `,
      `
      echo '{ "entry": "main.nnasm" }' > nnp.json
      nnasm build
      `,
    ),
  },
  "config-link": {
    severity: "error",
    explanation:
      "A source that \"link\" names doesn't exist. Names are relative to the folder in which nnp.json lies. The language server says so; the command says that it can't read the file. Objects and libraries that are not built yet are no error: until they are there, each source is looked at alone.",
    example: commands(
      `
      echo '{ "link": ["mian.nnasm"] }' > nnp.json
      nnasm build
      `,
      `
      echo '{ "link": ["main.nnasm"] }' > nnp.json
      nnasm build
      `,
    ),
  },
} as const satisfies Readonly<Record<string, Entry>>;

const LINK = "riscv64-unknown-elf-gcc -march=rv32im_zicsr -mabi=ilp32 -nostdlib -static";

/** A damaged file and its cure. */
const damaged = (bytes: number): Example =>
  commands(
    `
    head -c ${bytes} whole.elf > cut.elf
    nnasm run cut.elf
    `,
    `
    nnasm run whole.elf
    `,
  );

export const ELF_ENTRIES: Readonly<Record<ElfErrorId, Entry>> = {
  "elf-magic": {
    severity: "error",
    explanation: "The file doesn't begin with the four bytes of an ELF file, so it is no program.",
    example: commands(
      `
      riscv64-unknown-elf-objcopy -O binary main.elf main.bin
      nnasm disasm main.bin
      `,
      `
      nnasm disasm main.elf
      `,
    ),
  },
  "elf-machine": {
    severity: "error",
    explanation:
      "The program was made for another processor: another architecture, RISC-V with 64 bits, or big-endian. Compile it for this one.",
    example: commands(
      `
      riscv64-unknown-elf-gcc -march=rv64im -mabi=lp64 -nostdlib -static main.c -o main.elf
      nnasm run main.elf
      `,
      `
      ${LINK} main.c -o main.elf
      nnasm run main.elf
      `,
    ),
  },
  "elf-type": {
    severity: "error",
    explanation:
      "The file is an ELF file but no executable: an object file that is not linked yet, or a shared library. Only executables with fixed addresses can be loaded.",
    example: commands(
      `
      riscv64-unknown-elf-gcc -march=rv32im_zicsr -mabi=ilp32 -c main.c -o main.o
      nnasm run main.o
      `,
      `
      ${LINK} main.c -o main.elf
      nnasm run main.elf
      `,
    ),
  },
  "elf-truncated": {
    severity: "error",
    explanation:
      "Headers or contents of the file lie beyond its end or have impossible sizes: the file was cut off or overwritten.",
    example: damaged(100),
  },
  "elf-empty": {
    severity: "error",
    explanation: "No segment of the file has contents, so there is nothing to load and nowhere to start.",
    example: commands(
      `
      echo "" > main.s
      ${LINK} main.s -o main.elf
      nnasm run main.elf
      `,
      `
      printf '.globl _start\\n_start: nop\\n' > main.s
      ${LINK} main.s -o main.elf
      nnasm run main.elf
      `,
    ),
  },
  "elf-compressed": {
    severity: "warning",
    explanation:
      "The file says that it may hold instructions of two bytes (RVC). This machine has none: it stops with a fault at the first one. Code of libraries counts too, even where your own has none.",
    example: commands(
      `
      riscv64-unknown-elf-gcc -march=rv32imc -mabi=ilp32 -nostdlib -static main.c -o main.elf
      nnasm run main.elf
      `,
      `
      ${LINK} main.c -o main.elf
      nnasm run main.elf
      `,
    ),
  },
  "elf-symbols": {
    severity: "warning",
    explanation:
      "The symbol table is damaged. The program runs; names of functions are missing in messages and profiles.",
    example: damaged(5000),
  },
  "elf-debug": {
    severity: "warning",
    explanation:
      "The debug information is damaged or compressed. The program runs; source lines are missing. Compile without -gz.",
    example: commands(
      `
      ${LINK} -g -gz main.c -o main.elf
      nnasm run main.elf
      `,
      `
      ${LINK} -g main.c -o main.elf
      nnasm run main.elf
      `,
    ),
  },
  "elf-metadata": {
    severity: "warning",
    explanation:
      "The sections with names of tensors and layers are damaged, or of a newer version. The program runs; layers are missing in its profile.",
    example: damaged(5000),
  },
};
