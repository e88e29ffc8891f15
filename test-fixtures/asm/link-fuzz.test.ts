/** Whatever a file holds: objects and libraries with damaged bytes are linked or refused, never a crash. */

import { PRESETS } from "@nnasm/sim-core/config";
import { type ObjectResult, readObject, writeObject } from "@nnasm/sim-core/elf";
import { type LinkInput, link } from "@nnasm/sim-core/link";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { archiveOf, objectOf } from "../../sim-core/src/link/testing.ts";
import { scaled } from "../../test/tools/external.ts";

const SOURCE = `        .globl  _start, shared
        .weak   hook
        .macro  twice reg
        add     \\reg, \\reg, \\reg
        .endm
_start: .layer  "first"
        call    hook
        la      a0, other
        lw      a1, text
        sw      a1, shared, t0
        twice   a0
        beq     a0, a1, other
        li      a0, 0
        li      a7, 93
        ecall
        .section .rodata.str1.4, "aMS", @progbits, 1
text:   .asciz  "hello"
        .asciz  "lo"
        .data
        .word   other - text, _start, hook
        .tensor image, int8, 1, 4, 4, 3, in=dm
        .comm   shared, 40, 8
`;
const OTHER =
  '.globl other\nother: ret\n.data\n.byte 1, 2, 3\n.section .rodata.str1.4, "aMS", @progbits, 1\n.asciz "lo"';

const first = writeObject(objectOf("a.nnasm", SOURCE).object);
const second: LinkInput = { name: "b.o", object: objectOf("b.nnasm", OTHER).object };

function linkWith(input: LinkInput): void {
  for (const gcSections of [false, true]) {
    const { program, diagnostics } = link({ inputs: [input, second], config: PRESETS.default, gcSections });
    expect(program === undefined).toBe(diagnostics.some(({ severity }) => severity === "error"));
    for (const { message, hint } of diagnostics) expect(Math.min(message.length, hint!.length)).toBeGreaterThan(5);
  }
}

function tryObject(result: ObjectResult): boolean {
  expect(result.object === undefined).toBe(result.errors !== undefined);
  if (!result.object) return false;
  linkWith({ name: "a.o", object: result.object });
  return true;
}

const changes = (length: number) =>
  fc.array(fc.tuple(fc.nat(length - 1), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff))), {
    minLength: 1,
    maxLength: 6,
  });

function damaged(bytes: Uint8Array, list: readonly (readonly [number, number])[]): Uint8Array {
  const copy = bytes.slice();
  for (const [at, value] of list) copy[at] = value;
  return copy;
}

describe("damaged files", () => {
  it("objects", () => {
    let linked = 0;
    fc.assert(
      fc.property(changes(first.length), (list) => {
        if (tryObject(readObject(damaged(first, list)))) linked++;
      }),
      { numRuns: scaled(150, 2500) },
    );
    // Most changes leave an object that is read, so that the linker is tested as well.
    expect(linked).toBeGreaterThan(40);
  });

  it("tables of relocations, symbols and sections", () => {
    // The tables lie behind the contents; every byte of theirs means something.
    const tables = first.length - 1500;
    fc.assert(
      fc.property(changes(1500), (list) => {
        tryObject(
          readObject(
            damaged(
              first,
              list.map(([at, value]) => [tables + at, value] as const),
            ),
          ),
        );
      }),
      { numRuns: scaled(150, 2500) },
    );
  });

  it("objects that are cut off", () => {
    for (let length = 0; length < first.length; length += scaled(97, 1)) {
      const { errors } = readObject(first.subarray(0, length));
      expect(errors?.length).toBe(1);
    }
  });

  it("libraries", () => {
    const library = archiveOf({ "a.o": first, "x.o": writeObject(objectOf("x.nnasm", "x: ret").object) });
    fc.assert(
      fc.property(changes(400), (list) => {
        linkWith({ name: "lib.a", bytes: damaged(library, list) });
      }),
      { numRuns: scaled(40, 800) },
    );
  });
});
