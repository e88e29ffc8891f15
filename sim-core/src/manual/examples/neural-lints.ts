/** Examples of lints about neural-network code. */
import type { NEURAL_LINTS } from "../../lint/nn/catalogue.ts";
import { type LintExample, linted } from "../example.ts";

const EXIT = `
            li      a0, 0
            li      a7, 93
            ecall
`;

/** Two feature maps in DM and one in DDR. */
const MAPS = `
            .tensor far, int8, 1, 8, 8, 16, in=ddr
            .tensor a, int8, 1, 8, 8, 16, in=dm
            .tensor b, int8, 1, 8, 8, 16, in=dm
            .text
    _start: td.ld   td0, far
            td.ld   td1, a
            td.ld   td2, b
`;

const code = (before: string, body: string): string => `${before.trimEnd()}\n${body.replace(/^\n|\n *$/g, "")}${EXIT}`;

const maps = (wrong: string, right: string): LintExample => linted(code(MAPS, wrong), code(MAPS, right));

const add = (sizes: string, type: string): string =>
  code(
    `
            .tensor a, int8, 1, 8, 8, 16, in=dm
            .tensor b, ${type}, 1, ${sizes}, in=dm
            .text
    _start: td.ld   td0, a
            td.ld   td1, b
    `,
    `
            vu.copy td1, td0
            nn.fence vu
    `,
  );

const weights = (load: string): string =>
  code(
    `
            .data
            .balign 16
    filter: .fill   16, 1, 1
            .tensor raw, int8, 1, 1, 1, 16, at=filter
            .tensor w, int8, 1, 1, 1, 16, layout=blocked, in=wm
            .tensor image, int8, 1, 4, 4, 16, in=dm
            .tensor sums, int32, 1, 4, 4, 1, in=dm
            .text
    _start: td.ld   td0, image
            td.ld   td1, w
            td.ld   td2, sums
            td.ld   td3, raw
    `,
    load,
  );

const tokens = (wait: string): string =>
  code(
    MAPS,
    `
            dma.ld  td1, td0, ch0
            nn.token s0, dma0
            ${wait}
            vu.neg  td2, td1
            nn.fence vu
    `,
  );

export const NEURAL_LINT_EXAMPLES: Readonly<Record<keyof typeof NEURAL_LINTS, LintExample>> = {
  "tensor-shape": linted(add("4, 8, 16", "int8"), add("8, 8, 16", "int8")),
  "tensor-type": linted(add("8, 8, 16", "int16"), add("8, 8, 16", "int8")),
  "tensor-memory": maps(
    `
            vu.neg  td2, td0
            nn.fence vu
    `,
    `
            dma.ld  td1, td0, ch0
            nn.fence dma0
            vu.neg  td2, td1
            nn.fence vu
    `,
  ),
  "refused-value": maps(
    `
            li      t0, 6 | 4 << 16
            td.sliceh td1, td1, t0
            vu.copy td1, td1
            nn.fence vu
    `,
    `
            li      t0, 4 | 4 << 16
            td.sliceh td1, td1, t0
            vu.copy td1, td1
            nn.fence vu
    `,
  ),
  "access-fault": linted(
    `
    _start: li      t0, 0x30000000
            lw      a0, 0(t0)
            li      a7, 93
            ecall
    `,
    `
            .data
    value:  .word   7
            .text
    _start: la      t0, value
            lw      a0, 0(t0)
            li      a7, 93
            ecall
    `,
  ),
  "token-never-issued": linted(tokens("addi    s0, s0, 1\n            nn.wait s0"), tokens("nn.wait s0")),
  "endless-wait": maps(
    `
            vu.neg  td2, td1
            nn.fence vu
            wfi
    `,
    `
            vu.neg  td2, td1
            wfi
            nn.fence vu
    `,
  ),
  "fault-on-a-way": maps(
    `
            la      t0, far.base
            lbu     t1, 0(t0)
            beqz    t1, done
            vu.neg  td2, td0
            nn.fence vu
    done:
    `,
    `
            la      t0, far.base
            lbu     t1, 0(t0)
            beqz    t1, done
            vu.neg  td2, td1
            nn.fence vu
    done:
    `,
  ),
  race: maps(
    `
            dma.ld  td1, td0, ch0
            vu.neg  td2, td1
            nn.fence vu
    `,
    `
            dma.ld  td1, td0, ch0
            nn.token s0, dma0
            nn.after vu, s0, x0
            vu.neg  td2, td1
            nn.fence vu
    `,
  ),
  "race-on-a-way": maps(
    `
            la      t0, far.base
            lbu     t1, 0(t0)
            beqz    t1, loaded
            dma.ld  td1, td0, ch0
    loaded: vu.neg  td2, td1
            nn.fence vu
    `,
    `
            la      t0, far.base
            lbu     t1, 0(t0)
            beqz    t1, loaded
            dma.ld  td1, td0, ch0
    loaded: nn.fence dma0
            vu.neg  td2, td1
            nn.fence vu
    `,
  ),
  "possible-race": maps(
    `
            la      t0, far.base
            lbu     t1, 0(t0)
            dma.ld  td1, td0, ch0
            beqz    t1, go_on
            nn.fence dma0
    go_on:  vu.neg  td2, td1
            nn.fence vu
    `,
    `
            la      t0, far.base
            lbu     t1, 0(t0)
            dma.ld  td1, td0, ch0
            beqz    t1, go_on
            vu.neg  td2, td2
    go_on:  nn.fence dma0
            vu.neg  td2, td1
            nn.fence vu
    `,
  ),
  "redundant-wait": linted(tokens("nn.wait s0\n            nn.fence dma0"), tokens("nn.wait s0")),
  "after-without-operation": maps(
    `
            dma.ld  td1, td0, ch0
            nn.token s0, dma0
            vu.neg  td2, td2
            nn.after vu, s0, x0
            nn.fence vu|dma0
    `,
    `
            dma.ld  td1, td0, ch0
            nn.token s0, dma0
            nn.after vu, s0, x0
            vu.neg  td2, td1
            nn.fence vu|dma0
    `,
  ),
  "unused-prefetch": linted(
    weights(`
            dma.ldw td1, td3, ch0
            nn.fence dma0
            nu.prefetch td3
            nu.pwconv td2, td0, td1
            nn.fence nu
    `),
    weights(`
            dma.ldw td1, td3, ch0
            nn.fence dma0
            nu.prefetch td1
            nu.pwconv td2, td0, td1
            nn.fence nu
    `),
  ),
  "unloaded-weights": linted(
    weights(`
            td.mv   td4, td3
            vu.copy td4, td3
            nu.pwconv td2, td0, td1
            nn.fence nu|vu
    `),
    weights(`
            dma.ldw td1, td3, ch0
            nn.fence dma0
            nu.pwconv td2, td0, td1
            nn.fence nu
    `),
  ),
  "unchecked-operation": maps(
    `
            la      t0, far.base
            lbu     t1, 0(t0)
            td.adv  td2, td2, t1
            vu.neg  td2, td1
            nn.fence vu
    `,
    `
            li      t1, 64
            td.adv  td2, td2, t1
            vu.neg  td2, td1
            nn.fence vu
    `,
  ),
  "unfollowed-way": linted(
    `
            .tensor far, int8, 1, 8, 8, 16, in=ddr
            .text
    _start: la      t0, far.base
            lw      t1, 0(t0)
            jr      t1
    `,
    `
    _start: li      a0, 0
            li      a7, 93
            ecall
    `,
    { amongOthers: true },
  ),
  "tensor-outside": linted(
    code("            .tensor map, int8, 1, 1, 1, 1024, at=0x1007fe00\n            .text", "    _start: nop"),
    code("            .tensor map, int8, 1, 1, 1, 1024, at=0x1007fc00\n            .text", "    _start: nop"),
  ),
  "tensor-overlap": linted(
    code(
      `
            .equ    first, 0x10010000
            .equ    second, 0x10010100
            .tensor a, int8, 1, 8, 8, 16, at=first
            .tensor b, int8, 1, 8, 8, 16, at=second
            .text`,
      "    _start: nop",
    ),
    code(
      `
            .equ    first, 0x10010000
            .equ    second, 0x10010400
            .tensor a, int8, 1, 8, 8, 16, at=first
            .tensor b, int8, 1, 8, 8, 16, at=second
            .text`,
      "    _start: nop",
    ),
  ),
};
