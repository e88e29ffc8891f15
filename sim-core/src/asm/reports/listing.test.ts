import { describe, expect, it } from "vitest";
import { PRESETS } from "../../config/index.ts";
import { assembleText } from "../testing.ts";
import { memoryUsage, writeListing, writeSymbolMap } from "./listing.ts";

const SOURCE = `        .macro  two r
        nop
        addi    \\r, \\r, 1
        .endm
N = 5
        .globl  _start
_start: la      a0, data        # where
        two     a0
        .data
data:   .word   N, 1
        .ascii  "a string of some length"
        .bss
        .space  100
`;

describe("reports", () => {
  const assembly = assembleText(SOURCE);

  it("the listing shows each line with its address and contents", () => {
    expect(writeListing(assembly)).toMatchInlineSnapshot(`
      "main.nnasm:
          1                                             .macro  two r
          2                                             nop
          3                                             addi    \\r, \\r, 1
          4                                             .endm
          5                                     N = 5
          6                                             .globl  _start
          7  00000000  10000517                 _start: la      a0, data        # where
             00000004  00050513
          8                                             two     a0
             00000008  00000013                 > two 2: nop
             0000000c  00150513                 > two 3: addi    \\r, \\r, 1
          9                                             .data
         10  10000000  05 00 00 00 01 00 00 00  data:   .word   N, 1
         11  10000008  61 20 73 74 72 69 6e 67          .ascii  "a string of some length"
             10000010  20 6f 66 20 73 6f 6d 65
             10000018  ... 23 bytes
         12                                             .bss
         13  10000020  (100 bytes reserved)             .space  100
      "
    `);
  });

  it("the symbol map has sections, symbols and constants", () => {
    expect(writeSymbolMap(assembly.program!)).toMatchInlineSnapshot(`
      "Sections
      00000000        16 .text
      10000000        31 .data
      10000020       100 .bss

      Symbols
      00000000         0 _start global
      10000000         0 data

      Constants
      00000005           N
      "
    `);
  });

  it("memory use adds up", () => {
    const [pm, dm, wm] = memoryUsage(assembly, PRESETS.default);
    expect(pm).toEqual({ memory: "pm", used: 16, available: 65536, sections: [{ name: ".text", bytes: 16 }] });
    expect([dm!.used, dm!.sections.length, wm!.used]).toEqual([132, 2, 0]);
  });

  it("a program with errors has no listing", () => {
    expect(writeListing(assembleText("bogus"))).toBe("");
  });
});
