/** Examples of what can be wrong with files that are assembled alone, and with the memory layout. */
import { source } from "../example.ts";

const LAYOUT = `{
  "layout": { "defaults": false, "sections": [{ "match": ".text", "memory": "pm" }] }
}
`;

const ADDRESSES = `{
  "layout": {
    "sections": [
      { "match": ".first", "memory": "dm", "at": "0x10000000" },
      { "match": ".second", "memory": "dm", "at": "0x10000010" }
    ]
  }
}
`;

export const OBJECT_EXAMPLES = {
  "not-relocatable": source(
    `
            .text
            addi    a0, a0, TABLE_BYTES
    `,
    `
            .equ    TABLE_BYTES, 64
            .text
            addi    a0, a0, TABLE_BYTES
    `,
    { alone: true },
  ),
  "assertion-unchecked": source(
    `
            .data
    table:  .word   1, 2
            .assert table < limit
    `,
    `
            .data
    table:  .word   1, 2
            .assert . - table == 8
    `,
    { alone: true },
  ),
  "section-unplaced": source(
    `
    _start: nop
            .data
            .word   1
    `,
    `
    _start: nop
    `,
    { config: LAYOUT },
  ),
  "section-place": source(
    `
    _start: nop
            .section .first, "aw"
            .space  32
            .section .second, "aw"
            .space  32
    `,
    `
    _start: nop
            .section .first, "aw"
            .space  16
            .section .second, "aw"
            .space  32
    `,
    { config: ADDRESSES },
  ),
} as const;
