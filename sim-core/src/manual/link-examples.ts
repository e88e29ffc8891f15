/** Diagnostics of the linker: what provokes them. */
import { LINK_DIAGNOSTICS, type LinkDiagnosticId } from "../link/index.ts";
import { commands, type Example, objects } from "./example.ts";
import type { Entry } from "./other-files.ts";

const START = `
_start: call    helper
        .globl  _start
`;
const HELPER = `
        .globl  helper
helper: ret
`;

const EXAMPLES: Readonly<Record<LinkDiagnosticId, Example>> = {
  "link-undefined": objects({ "main.nnasm": START, "helper.nnasm": "helper: ret" }, { "helper.nnasm": HELPER }),
  "link-duplicate": objects(
    { "main.nnasm": START, "helper.nnasm": HELPER, "other.nnasm": HELPER },
    { "other.nnasm": "helper: ret" },
  ),
  "link-range": objects(
    { "main.nnasm": START.replace("call", "jal "), "far.nnasm": `        .section .ddr.code, "ax"${HELPER}` },
    { "main.nnasm": START },
  ),
  "link-misaligned": objects(
    {
      "main.nnasm": START.replace("call", "jal "),
      "helper.nnasm": "        .globl  helper\n        .equ    helper, 0x101",
    },
    { "helper.nnasm": HELPER },
  ),
  "link-relocation": commands(
    `
    riscv64-unknown-elf-gcc -march=rv32im_zicsr -mabi=ilp32 -fPIC -c main.c
    nnasm link crt0.o main.o
    `,
    `
    riscv64-unknown-elf-gcc -march=rv32im_zicsr -mabi=ilp32 -fno-pic -c main.c
    nnasm link crt0.o main.o
    `,
  ),
  "link-discarded": { kind: "none", why: "Only compilers make such sections." },
  "link-facts": commands(
    `
    nnasm build -c --config small.json weights.nnasm
    nnasm build --config large.json main.nnasm weights.o
    `,
    `
    nnasm build --config large.json main.nnasm weights.nnasm
    `,
  ),
  "link-layers": { kind: "none", why: "A program with 4096 layers is too long to be shown." },
  "link-file": commands("nnasm link main.o libx64.a", "nnasm link main.o librv32.a"),
  "link-overflow": objects(
    { "main.nnasm": `${START}        .space  40000`, "helper.nnasm": `${HELPER}        .space  40000` },
    { "helper.nnasm": `${HELPER}        .section .ddr.room\n        .space  40000` },
  ),
  "link-unplaced": {
    kind: "none",
    why: "Sources are refused earlier, by `section-unplaced`; objects of compilers are not.",
  },
  "link-place": objects(
    {
      "main.nnasm": START,
      "helper.nnasm": `${HELPER}        .section .dm.table\n        .align  4\n        .word   1`,
    },
    { "helper.nnasm": `${HELPER}        .section .dm.table\n        .word   1` },
    '{ "layout": { "sections": [{ "match": ".dm.table", "memory": "dm", "at": "0x10000104" }] } }',
  ),
  "link-entry": objects(
    {
      "main.nnasm": "        call    helper\n        .data\n        .globl  _start\n_start: .word   1",
      "helper.nnasm": HELPER,
    },
    { "main.nnasm": START },
  ),
  "link-no-entry": objects(
    { "main.nnasm": START.replaceAll("_start", "main  "), "helper.nnasm": HELPER },
    { "main.nnasm": START },
  ),
  "link-metadata": { kind: "none", why: "Only a damaged object has it." },
  "link-no-code": objects(
    { "table.nnasm": "        .data\n        .word   1" },
    { "main.nnasm": START, "helper.nnasm": HELPER },
  ),
};

export const LINK_ENTRIES: Readonly<Record<string, Entry>> = Object.fromEntries(
  Object.entries(EXAMPLES).map(([id, example]): [string, Entry] => {
    const { severity, explanation } = LINK_DIAGNOSTICS[id as LinkDiagnosticId];
    return [id, { severity, explanation, example }];
  }),
);
