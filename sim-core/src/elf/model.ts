/** What the ELF reader gives. */
import type { Program } from "../program/index.ts";

/** Why a file is no program that the machine can load. */
export interface ElfError {
  /** Stable id, for example `elf-truncated`. */
  readonly id: string;
  readonly message: string;
  readonly hint: string;
  /** Byte offset in the file, where there is one. */
  readonly offset?: number;
}

export type ElfResult =
  | { readonly program: Program; readonly errors?: undefined }
  | { readonly program?: undefined; readonly errors: readonly ElfError[] };
