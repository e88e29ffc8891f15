/** What the ELF reader gives. */
import type { Program } from "../program/index.ts";

export type ElfErrorId =
  /** Not an ELF file at all. */
  | "elf-magic"
  /** For another machine. */
  | "elf-machine"
  /** Not an executable. */
  | "elf-type"
  /** Headers or contents that can't be. */
  | "elf-truncated"
  /** Nothing to load. */
  | "elf-empty"
  /** May hold instructions that the machine doesn't have. */
  | "elf-compressed"
  /** Parts that a program runs without. */
  | "elf-symbols"
  | "elf-debug"
  | "elf-metadata";

/** What a program may be loaded in spite of. */
export const ELF_WARNING_IDS: readonly ElfErrorId[] = ["elf-compressed", "elf-symbols", "elf-debug", "elf-metadata"];

/** Why a file is no program that the machine can load, or what of it can't be read. */
export interface ElfError {
  readonly id: ElfErrorId;
  readonly message: string;
  readonly hint: string;
  /** Byte offset in the file or the section, where there is one. */
  readonly offset?: number;
}

export type ElfResult =
  | { readonly program: Program; readonly warnings: readonly ElfError[]; readonly errors?: undefined }
  | { readonly program?: undefined; readonly warnings?: undefined; readonly errors: readonly ElfError[] };
