/** Values of data directives that were not known when their bytes were placed. */

import { R_RISCV } from "../../object/index.ts";
import { type Evaluator, isAddress } from "../expression/evaluate.ts";
import { integerText } from "../expression/integer.ts";
import type { Place, Reporter } from "../reporter.ts";
import type { Integer, Span } from "../syntax/tree.ts";
import type { RelocationLog } from "./relocation-log.ts";
import type { Address, Section } from "./section.ts";
import type { Deferred } from "./symbols.ts";

interface DataFixup {
  readonly value: Deferred;
  readonly section: Section;
  offset: number;
  readonly bytes: number;
}

export class DataFixups {
  private readonly fixups: DataFixup[] = [];
  private readonly evaluator: Evaluator;
  private readonly reporter: Reporter;

  constructor(evaluator: Evaluator, reporter: Reporter) {
    this.evaluator = evaluator;
    this.reporter = reporter;
  }

  add(value: Deferred, section: Section, offset: number, bytes: number): void {
    this.fixups.push({ value, section, offset, bytes });
  }

  /** Fills in all values, once every section has its address. */
  resolve(): void {
    for (const fixup of this.fixups) {
      const value = this.evaluator.evaluateDeferred(fixup.value);
      if (value !== undefined && !isAddress(value)) this.put(fixup, value);
    }
  }

  /** Makes all values unknown again. */
  clear(): void {
    for (const { section, offset, bytes } of this.fixups) {
      if (bytes === 8) writeWide(section, offset, 0);
      else section.patch(offset, 0, bytes);
    }
  }

  /** Moves those that lie behind a place of their section. */
  move(section: Section, isBehind: (offset: number, place: Place) => boolean, by: number): void {
    for (const fixup of this.fixups) {
      if (fixup.section === section && isBehind(fixup.offset, fixup.value.place)) fixup.offset += by;
    }
  }

  /** Fills in what this file decides alone, and leaves relocations for the rest. */
  relocate(log: RelocationLog): void {
    for (const fixup of this.fixups) {
      const value = this.evaluator.evaluateDeferred(fixup.value);
      if (isAddress(value)) this.leave(fixup, value, log);
      else if (value !== undefined) this.put(fixup, value);
    }
  }

  private put({ value: deferred, section, offset, bytes }: DataFixup, value: Integer): void {
    const low = truncate(value, bytes, this.reporter, deferred.place, deferred.expression);
    if (bytes === 8) writeWide(section, offset, value);
    else section.patch(offset, low, bytes);
  }

  private leave({ value: deferred, section, offset, bytes }: DataFixup, value: Address, log: RelocationLog): void {
    const { minus } = value;
    const whole = { target: { section: value.section, offset: 0 }, addend: value.offset };
    if (minus) {
      const [add, subtract] = DIFFERENCES[bytes]!;
      log.add(section, { offset, type: add, ...whole });
      const taken = { target: { section: minus.section, offset: 0 }, addend: minus.offset };
      log.add(section, { offset, type: subtract, ...taken });
    } else if (bytes >= 4) {
      // Of eight bytes the upper four stay zero, as addresses have 32 bits.
      log.add(section, { offset, type: R_RISCV[32], ...whole });
    } else {
      const detail = `an address has 4 bytes and doesn't fit ${bytes}`;
      this.reporter.report("not-relocatable", { detail }, deferred.place, deferred.expression);
    }
  }
}

/** Relocations that add an address and subtract another, by the size of the number. */
const DIFFERENCES: Readonly<Record<number, readonly [add: number, subtract: number]>> = {
  1: [R_RISCV.ADD8, R_RISCV.SUB8],
  2: [R_RISCV.ADD16, R_RISCV.SUB16],
  4: [R_RISCV.ADD32, R_RISCV.SUB32],
  8: [R_RISCV.ADD64, R_RISCV.SUB64],
};

function writeWide(section: Section, offset: number, value: Integer): void {
  const [low, high] = halves(value);
  section.patch(offset, low, 4);
  section.patch(offset + 4, high, 4);
}

/** Low and high word of a 64-bit value, both unsigned. */
export function halves(value: Integer): [low: number, high: number] {
  const wide = BigInt.asUintN(64, BigInt(value));
  return [Number(wide & 0xffffffffn), Number(wide >> 32n)];
}

/** The low bytes of a value as an unsigned number, with a warning when that loses bits. */
export function truncate(value: Integer, bytes: number, reporter: Reporter, place: Place, span: Span): number {
  if (bytes >= 8) return 0;
  const limit = 2 ** (bytes * 8);
  if (value >= -limit / 2 && value < limit) return Number(value) < 0 ? Number(value) + limit : Number(value);
  const low = Number(BigInt.asUintN(bytes * 8, BigInt(value)));
  // Like GNU as, a value whose upper bits are only its sign is taken silently.
  if (value < -limit || value >= limit) {
    const parameters = { value: integerText(value), bytes, result: `0x${low.toString(16)}` };
    reporter.report("value-truncated", parameters, place, span);
  }
  return low;
}
