/** What files are, and what the command line says about sources. */
import { UsageError, UserError } from "./errors.ts";
import type { WarningOptions } from "./warnings.ts";

export const isElf = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;

/** Whether the bytes are text at all; a NUL byte is in every binary file and in no source. */
export const isText = (bytes: Uint8Array): boolean => !bytes.subarray(0, 4096).includes(0);

/** @throws UserError for C, which has a compiler of its own */
export function refuseC(file: string): void {
  if (!/\.(c|cc|cpp|cxx|h|hpp)$/i.test(file)) return;
  throw new UserError(
    `${file} is C, not assembly`,
    "compile it (riscv64-unknown-elf-gcc -march=rv32im_zicsr_zifencei -mabi=ilp32 -c) and link the object: docs/linking.md",
  );
}

/** What every command that assembles takes from its command line. */
export interface SourceOptions extends WarningOptions {
  /** Values of symbols, as `NAME=VALUE`. */
  readonly define?: readonly string[];
}

/** The values of symbols that the command line sets. */
export function definesOf({ define = [] }: SourceOptions): ReadonlyMap<string, number> {
  return new Map(define.map(parseDefine));
}

/** Reads `-D NAME=VALUE`; NAME alone means 1. */
function parseDefine(text: string): readonly [string, number] {
  const [, name, value = "1"] = /^([A-Za-z_.$][\w.$]*)(?:=(.+))?$/.exec(text) ?? [];
  const number = Number(value);
  if (name === undefined || !Number.isSafeInteger(number)) {
    throw new UsageError(`-D ${text} is not NAME=NUMBER`, "for example -D IMAGES=10 or -D BASE=0x80000000");
  }
  return [name, number];
}
