/** A child process that runs an endless program and prints how much memory it holds on the way, in bytes. */

import { PRESETS } from "@nnasm/sim-core/config";
import { Simulator } from "@nnasm/sim-core/engine";
import { programOf } from "@nnasm/sim-core/testing";

declare const gc: () => void;

const program = programOf(`
 .section .dm.data, "aw"
 .balign 16
text: .ascii "."
 .tensor far, int8, 1, 1, 1, 64, in=ddr
 .tensor a, int8, 1, 1, 1, 64, in=dm
 .tensor b, int8, 1, 1, 1, 64, in=dm
 .text
_start:
 td.ld td0, far
 td.ld td1, a
 td.ld td2, b
 li s0, 0
again:
 addi s0, s0, 1
 dma.ld td1, td0, ch0
 nn.token t0, dma0
 nn.after vu, t0, x0
 vu.neg td2, td1
 nn.token t1, vu
 nn.after dma1, t1, x0
 dma.st td0, td2, ch1
 nn.wait t1, x0
 andi t2, s0, 1023
 nn.layer 1
 nn.mark 7, s0
 bnez t2, again
 li a0, 1
 la a1, text
 li a2, 1
 li a7, 64
 ecall
 j again
`);
const simulator = new Simulator({ program, config: PRESETS.default });
const held: number[] = [];
for (const untilCycle of [500_000, 1_000_000, 4_000_000]) {
  simulator.run({ untilCycle });
  gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  held.push(heapUsed + arrayBuffers);
}
console.log(JSON.stringify({ held, retired: simulator.position.retired, findings: simulator.checks.findings.length }));
