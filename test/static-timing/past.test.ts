/** What is taken over from an earlier version of a program is what looking at the present one alone would find. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { type Assembly, assemble } from "@nnasm/sim-core/asm";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import { lint } from "@nnasm/sim-core/lint";
import type { Program } from "@nnasm/sim-core/program";
import { type Past, type StaticTiming, staticTiming } from "@nnasm/sim-core/static-timing";
import { configWith, type RandomNumbers, randomNumbers, randomProgram } from "@nnasm/sim-core/testing";
import { expect, test } from "vitest";
import { scaled } from "../tools/index.ts";
import { randomCode } from "./random-code.ts";

/** SEED and SEEDS choose other runs. */
const SEED = Number(process.env.SEED ?? 1);
const SEEDS = Number(process.env.SEEDS ?? scaled(3, 300));
const EDITS = scaled(8, 60);
const MINUTE = 60_000;
const CONFIG = configWith({ cu: { misaligned: "split" } });

/** Circles of calls, shared tails, tables of jumps, code that nobody reaches, hardware loops, stacks, units under way. */
const TANGLED = `
        .globl  _start
_start: la      sp, __stack_top
        li      s0, 0
        call    even
        call    leaf
        la      t0, table
        lw      t1, 4(t0)
        jalr    t1
        call    switch
        nn.wait a0
        li      a7, 93
        ecall
        j       odd
        addi    a0, a0, 1
        .type   even, @function
even:   addi    sp, sp, -16
        sw      ra, 12(sp)
        addi    a0, a0, -1
        beqz    a0, out
        call    odd
out:    lw      ra, 12(sp)
        addi    sp, sp, 16
        ret
        .type   odd, @function
odd:    addi    sp, sp, -16
        sw      ra, 12(sp)
        mul     a1, a0, a0
        add     a2, a1, a0
        call    even
        j       out
        .type   leaf, @function
leaf:   li      t0, 10
        la      t1, data
1:      lw      t2, 0(t1)
        add     s0, s0, t2
        addi    t1, t1, 4
        addi    t0, t0, -1
        bnez    t0, 1b
        lp.setupi 0, 5, 2f
        addi    a0, a0, 3
        lw      a3, 0(sp)
2:      lw      a4, data
        sw      a4, data, t3
        lw      a5, 4(t3)
        tail    last
        .type   last, @function
last:   nn.layer 3
        td.ld   td0, image
        td.ld   td1, image
        vu.add  td1, td0, td0
        nn.token a0, vu
        bnez    a1, leaf
        ret
        .type   switch, @function
switch: la      t0, jumps
        lw      t1, 0(t0)
        jr      t1
case0:  addi    a0, a0, 1
        ret
case1:  mul     a0, a0, a0
        j       case0
        .globl  alone
alone:  lw      a0, 0(a1)
        add     a0, a0, a0
        ret
        .section .rodata, "a"
table:  .word   leaf, last
jumps:  .word   case0, case1
        .data
data:   .word   1, 2, 3, 4, 5, 6, 7, 8, 9, 10
        .tensor image, int8, 1, 4, 4, 4, in=dm
        .text
`;

/** Small functions that depend on what others leave behind and hand on. */
const LADDER = `
        .globl  _start
_start: la      sp, __stack_top
        la      s1, data
        li      s2, 6
        call    outer
        li      a7, 93
        ecall
        .type   outer, @function
outer:  addi    sp, sp, -16
        sw      ra, 12(sp)
        la      s3, data
        call    inner
        lw      a0, 0(s3)
        lw      a1, 0(s1)
        add     a0, a0, a1
        call    inner
        nn.fence vu
        lw      a2, data
        lw      ra, 12(sp)
        addi    sp, sp, 16
        tail    falls
        .type   falls, @function
falls:  lw      a5, 0(s1)
        .type   counts, @function
counts: add     a4, a5, a5
        la      t1, data
1:      lw      t2, 0(t1)
        addi    t1, t1, 4
        addi    s2, s2, -1
        bnez    s2, 1b
        ret
        .type   inner, @function
inner:  lw      a3, 4(s1)
        bnez    s2, counts
        ret
        .data
data:   .word   1, 2, 3, 4, 5, 6, 7, 8
        .tensor image, int8, 1, 4, 4, 4, in=dm
        .text
`;

/** What people write between other lines. */
const LINES = [
  "        nop",
  "        bnez    a0, 1b",
  "        addi    a0, a0, 4",
  "        lw      a2, 0(sp)",
  "        add     a3, a2, a2",
  "        call    _start",
  "        vu.add  td1, td0, td0",
  "        mv      s3, a3",
  "        addi    s1, s1, 2",
  "        ret",
  "        la      a5, data",
  "        la      t0, 1b",
  "        jr      t0",
  "        lp.setupi 1, 3, 2f",
  "        nn.fence vu",
  "        dma.ld  ch0, td0, td1",
  "        csrrw   x0, mtvec, t0",
  "        lw      a0, data",
  "        auipc   t4, 0",
  "        .word   _start",
  "here:   nop",
];

/** What changes what callers see of the functions above. */
const SEEN_BY_CALLERS = [
  "        nop",
  "        mv      s3, a3",
  "        addi    s1, s1, 2",
  "        vu.add  td1, td0, td0",
  "        nn.fence vu",
  "        mul     a5, a3, a3",
];

const NUMBER = /(?<![\w.])\d+(?![\w:.])/g;

/** Uses of the data in the sources above. */
const DATA = /(?<![.\w])data(?:\+\d)?\b(?!:)/;

function edited(random: RandomNumbers, text: string, more: readonly string[]): string {
  const lines = text.split("\n");
  const at = random.below(lines.length);
  switch (random.below(8)) {
    case 0:
      lines.splice(at, 1);
      break;
    case 1:
      lines.splice(at, 0, lines[random.below(lines.length)]!);
      break;
    case 2:
      lines[at] = lines[at]!.replace(NUMBER, () => String(random.pick([0, 1, 2, 4, 8, 12, 100])));
      break;
    case 3:
      lines[at] = lines[at]!.replace(/\b(a|t|s)\d\b/, () => random.pick(["a0", "t0", "t1", "s0", "sp"]));
      break;
    case 4: {
      const named = lines.flatMap((line, index) => (DATA.test(line) ? [index] : []));
      const other = named.length > 0 ? random.pick(named) : at;
      lines[other] = lines[other]!.replace(DATA, () => random.pick(["data", "data+1", "data+4"]));
      break;
    }
    default:
      lines.splice(at, 0, random.pick(more));
  }
  return lines.join("\n");
}

const assembled = (text: string): Assembly =>
  assemble({
    entry: "main.nnasm",
    host: { resolve: (_, name) => name, readText: () => text, readBytes: () => undefined },
    config: CONFIG,
    isa: BASE_ISA,
  });

/** Everything that can be asked of static timing. */
function everything(timing: StaticTiming): unknown[] {
  const { graph } = timing;
  const told: unknown[] = [];
  for (const { index } of graph.instructions) {
    told.push(timing.instruction(index), timing.memoryOf(index) ?? null, timing.upTo(index));
  }
  for (const { index } of graph.blocks) told.push(timing.block(index), timing.mayWorkAt(index));
  for (const fn of graph.functions) told.push(timing.function(fn), timing.loops(fn), timing.layers(fn));
  return told;
}

/** What static timing and lints say of a program, with what would mend it. */
function looked(assembly: Assembly, program: Program, past: Past | undefined): unknown[] {
  const timing = staticTiming(program, CONFIG, BASE_ISA, past);
  const options = { config: CONFIG, isa: BASE_ISA, ...(past ? { past } : {}) };
  const findings = lint(assembly, options).map(({ fix, ...finding }) => [finding, fix?.()]);
  return [everything(timing), findings];
}

function expectSame(kept: unknown, fresh: unknown, text: string): void {
  const [a, b] = [JSON.stringify(kept), JSON.stringify(fresh)];
  if (a === b) return;
  expect(kept, text).toEqual(fresh);
}

const tour = readFileSync(path.resolve(import.meta.dirname, "../../test-fixtures/asm/tour.nnasm"), "utf8");

/** @returns how many versions were compared */
function followEdits(seed: number, original: string, edits: number, more: readonly string[]): number {
  const random = randomNumbers(seed);
  const past: Past = {};
  let text = original;
  let compared = 0;
  for (let edit = 0; edit < edits; edit++) {
    const kept = assembled(text);
    if (kept.program) {
      const fresh = assembled(text);
      expectSame(looked(kept, kept.program, past), looked(fresh, fresh.program!, undefined), text);
      compared++;
      if (random.below(8) === 0) text = original;
    } else text = original;
    for (let times = random.between(1, 2); times > 0; times--) text = edited(random, text, more);
  }
  return compared;
}

interface Source {
  readonly name: string;
  readonly text: (seed: number) => string;
  readonly edits?: number;
  readonly lines?: readonly string[];
}

const SOURCES: readonly Source[] = [
  { name: "code with circles, tables and shared tails", text: () => TANGLED },
  { name: "small functions that call each other", text: () => LADDER, edits: 6 * EDITS, lines: SEEN_BY_CALLERS },
  { name: "a tour of the language", text: () => tour },
  { name: "random code of all classes", text: (seed) => randomCode(seed, 4) },
  { name: "random programs for all units", text: (seed) => randomProgram(seed).text },
];

test.each(SOURCES)("edits of $name", { timeout: scaled(2, 60) * MINUTE }, ({ text, edits = EDITS, lines = LINES }) => {
  expect(assembled(text(SEED)).diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  let compared = 0;
  for (let seed = SEED; seed < SEED + SEEDS; seed++) compared += followEdits(seed, text(seed), edits, lines);
  // Many edits leave a program that assembles.
  expect(compared).toBeGreaterThan((SEEDS * edits) / 4);
});
