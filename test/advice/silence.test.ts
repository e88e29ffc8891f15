/** Programs that look as if a rule should speak, and mustn't: what it would say can't be done. */
import { advise, RunRecorder } from "@nnasm/sim-core/advice";
import { Simulator } from "@nnasm/sim-core/engine";
import { buildProfile } from "@nnasm/sim-core/profile";
import { configWith, programOf } from "@nnasm/sim-core/testing";
import { expect, test } from "vitest";

const EXIT = "        li a0, 0\n        li a7, 93\n        ecall\n";

function rulesOn(text: string): readonly string[] {
  const config = configWith();
  const program = programOf(text + EXIT, config);
  const simulator = new Simulator({ program, config });
  const recorder = new RunRecorder();
  simulator.setListener(recorder);
  expect(simulator.run()).toMatchObject({ reason: "exit", exitCode: 0 });
  return advise({ profile: buildProfile(simulator), config, program, recorder }).map(({ rule }) => rule);
}

const TABLE = `
        .section .ddr.data, "a"
        .balign 64
source: .space  4096
        .tensor far,    int8, 1, 1, 1, 4096, at=source
        .tensor near,   int8, 1, 1, 1, 4096, in=dm
        .tensor map,    int8, 1, 1, 1, 64, in=dm
        .tensor result, int8, 1, 1, 1, 64, in=dm
        .text
_start: td.ld   td0, far
        td.ld   td1, near
        td.ld   td2, map
        td.ld   td3, result
        dma.ld  td1, td0, ch0
        nn.token s0, dma0
`;

test("a lookup waits for its table, which is none of its tensors", () => {
  const lookup = `
        td.get  t0, td1, base
        vu.set  table, t0
        nn.after vu, s0, zero
        vu.lookup td3, td2
        nn.fence vu
`;
  expect(rulesOn(TABLE + lookup)).not.toContain("needless-dependency");
  // Of another operation, which has no table, it is said.
  expect(rulesOn(TABLE + lookup.replace("vu.lookup", "vu.relu"))).toContain("needless-dependency");
});

test("the control unit's wait for a table isn't taken out without the operation's own", () => {
  const rules = rulesOn(`${TABLE}
        td.get  t0, td1, base
        vu.set  table, t0
        nn.wait s0
        vu.lookup td3, td2
        nn.fence vu
        lb      t1, 0(t0)
`);
  // The control unit reads the table, too.
  expect(rules).not.toContain("wait-in-the-unit");
});

test("loads whose place is still in use aren't late", () => {
  const text = (other: string) => `
        .section .ddr.data, "a"
        .balign 64
source: .space  8192
        .tensor far,    int8, 1, 1, 1, 4096, at=source
        .tensor near,   int8, 1, 1, 1, 4096, in=dm
        .tensor other,  int8, 1, 1, 1, 4096, in=dm
        .tensor result, int8, 1, 1, 1, 4096, in=dm
        .text
_start: td.ld   td0, far
        td.ld   td1, near
        td.ld   td3, result
        td.ld   td4, other
        vu.relu td3, ${other}
        nn.fence vu
        td.get  t0, td3, base
        lb      t1, 0(t0)
        dma.ld  td1, td0, ch0
        nn.token s0, dma0
        nn.after vu, s0, zero
        vu.relu td3, td1
        nn.fence vu
`;
  expect(rulesOn(text("td1"))).not.toContain("starved-by-dma");
  expect(rulesOn(text("td4"))).toContain("starved-by-dma");
});

test("a loop that hands something from element to element is no vector operation", () => {
  const loop = (body: string) => `
        .data
source: .space  1024
target: .space  1024
        .text
_start: la      s0, source
        la      s1, target
        li      s2, 512
        li      s3, 0
        lp.setup L0, s2, done
        lb      t0, 0(s0)
        addi    s0, s0, 1
${body}
        sb      t0, 0(s1)
        addi    s1, s1, 1
done:
`;
  expect(rulesOn(loop("        xori t0, t0, 1"))).toContain("cu-bound");
  // A running sum.
  expect(rulesOn(loop("        add  s3, s3, t0\n        mv   t0, s3"))).not.toContain("cu-bound");
  expect(rulesOn(loop("        rem  t0, t0, s2"))).not.toContain("cu-bound");
});

test("the order of operations on the accumulators stays", () => {
  const text = `
        .section .wm.data, "a"
        .balign 16
blocks: .space  256
        .section .ddr.data, "a"
        .balign 64
source: .space  8192
        .tensor far,     int8, 1, 1, 1, 8192, at=source
        .tensor near,    int8, 1, 8, 64, 16, in=dm
        .tensor flat,    int8, 1, 1, 1, 8192, at=near.base
        .tensor weights, int8, 16, 1, 1, 16, layout=blocked, at=blocks
        .tensor other,   int8, 1, 8, 64, 16, in=dm
        .tensor result,  int32, 1, 8, 64, 16, in=dm
        .text
_start: td.ld   td0, far
        td.ld   td1, flat
        td.ld   td2, near
        td.ld   td3, weights
        td.ld   td4, other
        td.ld   td5, result
        dma.ld  td1, td0, ch0
        nn.token s0, dma0
        nn.after nu, s0, zero
        nu.pwconv td5, td2, td3
        nu.accz td5
        nn.fence nu
`;
  expect(rulesOn(text)).not.toContain("head-of-line");
});

test("what the program writes before its first operation is no constant", () => {
  const text = (write: string) => `
        .data
        .balign 64
bytes:  .space  1024, 3
        .tensor limits,   int8, 1, 8, 8, 16, layout=nchw, at=bytes
        .tensor arranged, int8, 1, 8, 8, 16, in=dm
        .tensor map,      int8, 1, 8, 8, 16, in=dm
        .tensor result,   int8, 1, 8, 8, 16, in=dm
        .text
_start: la      s1, bytes
        ${write}
        td.ld   td0, map
        td.ld   td1, limits
        td.ld   td2, arranged
        td.ld   td3, result
        dma.trans td2, td1, ch0
        nn.token s2, dma0
        nn.after vu, s2, zero
        vu.min  td3, td0, td2
        nn.fence vu
`;
  expect(rulesOn(text("lb t0, 0(s1)"))).toContain("constant-layout");
  expect(rulesOn(text("sb zero, 0(s1)"))).not.toContain("constant-layout");
});
