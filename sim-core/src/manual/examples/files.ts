/** Examples of what can be wrong with files that a source names. */
import { commands, source } from "../example.ts";

export const FILE_EXAMPLES = {
  "missing-include": source(
    `
    _start: nop
            .include "macros.inc"
    `,
    `
    _start: nop
            .include "lib/macros.inc"
    `,
    { files: { "lib/macros.inc": "        .equ    READY, 1\n" } },
  ),
  "missing-entry": commands(
    `
    nnasm build mian.nnasm
    `,
    `
    nnasm build main.nnasm
    `,
  ),
  "include-depth": source(
    `
    _start: nop
            .include "a.inc"
    `,
    `
    _start: nop
            .include "b.inc"
    `,
    { files: { "a.inc": '        .include "a.inc"\n', "b.inc": "        .equ    DEPTH, 1\n" } },
  ),
  "incbin-range": source(
    `
    _start: nop
            .data
            .incbin "image.bin", 784
    `,
    `
    _start: nop
            .data
            .incbin "image.bin", 16
    `,
    { files: { "image.bin": 100 } },
  ),
  "incbin-short": source(
    `
    _start: nop
            .data
            .incbin "image.bin", 16, 96
    `,
    `
    _start: nop
            .data
            .incbin "image.bin", 16, 84
    `,
    { files: { "image.bin": 100 } },
  ),
} as const;
