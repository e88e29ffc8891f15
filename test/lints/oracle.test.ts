/**
 * What the lints say of random programs is compared with runs of them: a register that is called unwritten has not been
 * written when the instruction runs, a result that is called unused is never read, and code that is called unreachable
 * doesn't run.
 */

import { assemble } from "@nnasm/sim-core/asm";
import { PRESETS } from "@nnasm/sim-core/config";
import { Simulator } from "@nnasm/sim-core/engine";
import { BASE_ISA, decodeOperands, registerEffects, registerNumber } from "@nnasm/sim-core/isa";
import { type LintDiagnostic, lint } from "@nnasm/sim-core/lint";
import { LineIndex } from "@nnasm/sim-core/program";
import { randomNumbers } from "@nnasm/sim-core/testing";
import { expect, it } from "vitest";
import { scaled } from "../tools/index.ts";

const FREE = ["t0", "t1", "t2", "t3", "t4", "a0", "a1", "a2", "a3", "s0", "s1"];
const OPERATIONS = ["add", "sub", "xor", "and", "or", "mul", "sltu"];
const CONDITIONS = ["beq", "bne", "blt", "bgeu"];
const FUNCTIONS = 4;

/** A program of functions that call later ones only, with forward branches, counted loops and dead code: it ends. */
function randomText(seed: number): string {
  const random = randomNumbers(seed);
  const below = (limit: number): number => random.below(limit);
  const pick = (list: readonly string[]): string => list[below(list.length)]!;
  const lines: string[] = [];
  let labels = 0;
  const stretch = (fn: number, length: number, depth: number): void => {
    for (let index = 0; index < length; index++) {
      const kind = below(20);
      if (kind < 9) lines.push(`${pick(OPERATIONS)} ${pick(FREE)}, ${pick(FREE)}, ${pick(FREE)}`);
      else if (kind < 13) lines.push(`addi ${pick(FREE)}, ${pick([...FREE, "x0"])}, ${below(100)}`);
      else if (kind < 16 && depth < 3) {
        const label = `l${labels++}`;
        lines.push(`${pick(CONDITIONS)} ${pick(FREE)}, ${pick(FREE)}, ${label}`);
        stretch(fn, 1 + below(4), depth + 1);
        lines.push(`${label}:`);
      } else if (kind === 16 && depth < 2) {
        const label = `l${labels++}`;
        lines.push(`lp.setupi L${1 - depth}, ${below(3)}, ${label}`);
        stretch(fn, 1 + below(3), 3);
        lines.push("nop", "nop", `${label}:`);
      } else if (kind === 17 && depth < 3) {
        const label = `l${labels++}`;
        lines.push(`j ${label}`);
        stretch(fn, below(3), 3);
        lines.push(`${label}:`);
      } else if (kind < 20 && fn + 1 < FUNCTIONS && depth < 3)
        lines.push(`call f${fn + 1 + below(FUNCTIONS - fn - 1)}`);
    }
  };
  lines.push("_start: la sp, __stack_top");
  stretch(0, 12, 0);
  lines.push("li a7, 93", "ecall");
  for (let fn = 1; fn < FUNCTIONS; fn++) {
    lines.push(`f${fn}:`, "addi sp, sp, -16", "sw ra, 12(sp)");
    stretch(fn, 8, 1);
    lines.push("lw ra, 12(sp)", "addi sp, sp, 16", "ret");
  }
  return `${lines.join("\n")}\n`;
}

const registerIn = ({ message }: LintDiagnostic, before: string): number =>
  registerNumber(new RegExp(`${before} (\\w+)`).exec(message)![1]!)!;

/** Contradictions between findings and a run, and how often a finding was confirmed by it. */
function compare(text: string): { wrong: string[]; confirmed: Record<string, number>; ids: Set<string> } {
  const config = PRESETS.default;
  const host = { resolve: (_: string, name: string) => name, readText: () => text, readBytes: () => undefined };
  const assembly = assemble({ entry: "main.nnasm", host, config, isa: BASE_ISA });
  const { program } = assembly;
  if (!program) throw new Error(assembly.diagnostics[0]?.message);
  const levels = { "maybe-uninitialised-register": "hint" } as const;
  const findings = lint(assembly, { config, isa: BASE_ISA, levels });
  const byLine = new Map<number, LintDiagnostic[]>();
  for (const each of findings) {
    const last = each.id === "unreachable-code" ? each.range.end.line : each.range.start.line;
    for (let line = each.range.start.line; line <= last; line++) byLine.set(line, [...(byLine.get(line) ?? []), each]);
  }
  const places = new LineIndex(program);
  const wrong: string[] = [];
  const confirmed: Record<string, number> = {};
  let written = 1;
  /** Lines whose results are called unused, by register. */
  const unread = new Map<number, number>();
  let before = -1;
  const simulator = new Simulator({ program, config });
  simulator.setListener({
    retired(pc, word) {
      const instruction = BASE_ISA.decode(word)!;
      const { reads, writes } = registerEffects(instruction, decodeOperands(instruction, word));
      const line = places.placeOf(pc)!.line - 1;
      // The second word of a pseudo-instruction reads what the first one has made.
      const isWithin = line === before;
      before = line;
      for (const [register, where] of unread) {
        const isRead = (reads >>> register) & 1 && !(isWithin && where === line);
        if (isRead) wrong.push(`line ${line + 1} reads what line ${where + 1} has made, which is called unused`);
      }
      const here = byLine.get(line) ?? [];
      for (const finding of here) {
        confirmed[finding.id] = (confirmed[finding.id] ?? 0) + 1;
        if (finding.id === "unreachable-code" || finding.id === "unused-function") wrong.push(`line ${line + 1} runs`);
        if (finding.id === "uninitialised-register" && (written >>> registerIn(finding, "has written")) & 1) {
          wrong.push(`line ${line + 1}: ${finding.message}`);
        }
      }
      written |= writes;
      for (const register of [...unread.keys()]) if ((writes >>> register) & 1) unread.delete(register);
      for (const finding of here) {
        if (finding.id === "unused-result") unread.set(registerIn(finding, "reads"), line);
      }
    },
  });
  const stop = simulator.run({ untilCycle: 100_000 });
  if (stop.reason !== "exit") throw new Error(JSON.stringify(stop));
  return { wrong, confirmed, ids: new Set(findings.map(({ id }) => id)) };
}

it("findings agree with runs of random programs", () => {
  const total: Record<string, number> = {};
  for (let seed = 1; seed <= scaled(50, 20_000); seed++) {
    const text = randomText(seed);
    const { wrong, confirmed, ids } = compare(text);
    expect(wrong, `${seed}:\n${text}`).toEqual([]);
    // Functions give back what they take, and no loop breaks a rule.
    for (const id of [
      "stack-imbalance",
      "loop-body",
      "loop-entered",
      "runs-off-end",
      "return-from-start",
      "jump-to-data",
    ])
      expect(ids.has(id), `${seed}: ${id}\n${text}`).toBe(false);
    for (const [id, count] of Object.entries(confirmed)) total[id] = (total[id] ?? 0) + count;
  }
  // The comparison is worth something only where findings run.
  expect(total["uninitialised-register"]).toBeGreaterThan(100);
  expect(total["unused-result"]).toBeGreaterThan(100);
});
