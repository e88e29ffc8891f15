/**
 * Random machine-mode programs on our machine and in QEMU, instruction by instruction: the pc, all registers and the CSRs
 * below are equal before every instruction, memory by a walk over the buffer at the end of each program.
 *
 * What is not compared, and why:
 * - mip: QEMU's board has a timer that is always pending; mie stays 0, so that neither machine takes an interrupt.
 * - mstatus outside MIE and MPIE: MPP always reads as machine mode here.
 * - mtval after ebreak: the standard lets it be 0, which QEMU writes, or the address, which we write.
 * - counters, marchid, mimpid: they say what the implementation is and how long it took.
 * - words of custom opcodes and CSRs of hardware loops: they are ours. wfi: nothing would wake QEMU up.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assemble } from "@nnasm/sim-core/asm";
import { type MachineConfig, PRESETS } from "@nnasm/sim-core/config";
import { formatDiagnostic } from "@nnasm/sim-core/diagnostics";
import { writeElf } from "@nnasm/sim-core/elf";
import { Simulator } from "@nnasm/sim-core/engine";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import type { Program } from "@nnasm/sim-core/program";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeWith, EXTERNALS, scaled } from "../tools/index.ts";
import { followQemu, type Layout, wordAt } from "./qemu-system.ts";
import { randomProgram, STANDARD } from "./random-program.ts";

const INSTRUCTIONS = scaled(200_000, 10_000_000);
const STATEMENTS = 1200;
const PASSES = 12;
const DDR = 0x80000000;
const BREAKPOINT = 3;
const MSTATUS_COMPARED = 0x88;
/** QEMU's board takes misaligned accesses. */
const CONFIG: MachineConfig = { ...PRESETS.default, cu: { ...PRESETS.default.cu, misaligned: "split" } };

const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, "0");

function assembled(text: string): Program {
  const host = { resolve: (_: string, name: string) => name, readText: () => text, readBytes: () => undefined };
  const { program, diagnostics } = assemble({ entry: "random.nnasm", host, config: CONFIG, isa: BASE_ISA });
  if (!program) throw new Error(diagnostics.map(formatDiagnostic).slice(0, 5).join("\n"));
  return program;
}

/** Where the values that are compared stand in a record. */
interface Places {
  readonly pc: number;
  readonly x: readonly number[];
  readonly csrs: readonly (readonly [name: "mtvec" | "mepc" | "mcause" | "mscratch", place: number])[];
  readonly mstatus: number;
  readonly mtval: number;
}

const placesOf = (layout: Layout): Places => ({
  pc: layout.placeOf("pc"),
  x: Array.from({ length: 32 }, (_, i) => layout.placeOf(`x${i}`)),
  csrs: (["mtvec", "mepc", "mcause", "mscratch"] as const).map((name) => [name, layout.placeOf(name)] as const),
  mstatus: layout.placeOf("mstatus"),
  mtval: layout.placeOf("mtval"),
});

/** Our machine beside QEMU's records. */
class Follower {
  readonly simulator: Simulator;
  readonly executed = new Set<string>();
  readonly causes = new Set<number>();
  private readonly end: number;
  private places: Places | undefined;
  private previous: Buffer = Buffer.alloc(0);
  compared = 0;

  constructor(program: Program) {
    this.simulator = new Simulator({ program, config: CONFIG });
    const symbol = (name: string) => program.symbols.find((one) => one.name === name)!.address;
    this.end = symbol("end");
    // A step that traps stops in front of the handler, as QEMU's records do.
    this.simulator.setBreakpoint(symbol("handler"));
  }

  /** What differs between a record and our state, or undefined. */
  private difference(buffer: Buffer, at: number, places: Places): string | undefined {
    const { state } = this.simulator;
    const differ = (name: string, theirs: number, ours: number) =>
      theirs === ours ? undefined : `${name} is ${hex(ours)}, QEMU has ${hex(theirs)}`;
    const pc = differ("pc", wordAt(buffer, at + places.pc), state.pc | 0);
    if (pc) return pc;
    for (let i = 1; i < 32; i++) {
      const theirs = wordAt(buffer, at + places.x[i]!);
      if (theirs !== state.x[i]) return differ(`x${i}`, theirs, state.x[i]!);
    }
    for (const [name, place] of places.csrs) {
      const found = differ(name, wordAt(buffer, at + place), state[name] | 0);
      if (found) return found;
    }
    const theirs = wordAt(buffer, at + places.mstatus) & MSTATUS_COMPARED;
    const status = differ("mstatus", theirs, state.mstatus & MSTATUS_COMPARED);
    if (status || state.mcause === BREAKPOINT) return status;
    return differ("mtval", wordAt(buffer, at + places.mtval), state.mtval | 0);
  }

  /** Takes the next record; false when the program has come to its end. */
  readonly take = (buffer: Buffer, at: number, layout: Layout): boolean => {
    this.places ??= placesOf(layout);
    const { places, simulator } = this;
    const { state } = simulator;
    const pc = wordAt(buffer, at + places.pc) >>> 0;
    // QEMU's boot code runs first and leaves its traces in a few registers.
    if (this.compared === 0) {
      if (pc !== DDR) return true;
      for (let i = 1; i < 32; i++) state.x[i] = wordAt(buffer, at + places.x[i]!);
    }
    const record = buffer.subarray(at, at + layout.length);
    // A jump to nowhere is an instruction; the fetch that fails there is none, and QEMU shows only the handler.
    if (state.pc >>> 0 < DDR) simulator.step();
    const difference = this.difference(buffer, at, places);
    if (difference) {
      // QEMU shows an instruction twice when its main loop interrupts it before it begins.
      if (record.equals(this.previous)) return true;
      throw new Error(`after ${this.compared} instructions, pc ${hex(pc)}: ${difference}`);
    }
    this.previous = record;
    this.compared++;
    this.causes.add(state.mcause);
    if (pc === this.end) return false;
    const decoded = simulator.isa.decode(simulator.memories.readUnsigned(pc, 4) | 0);
    if (decoded) this.executed.add(decoded.mnemonic);
    simulator.step();
    return true;
  };
}

describeWith(EXTERNALS.qemuSystem, "lock step with qemu-system-riscv32", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "nnasm-lockstep-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("registers and CSRs are equal before every instruction", { timeout: 3_600_000 }, async () => {
    const executed = new Set<string>();
    const causes = new Set<number>();
    let compared = 0;
    for (let seed = 1; compared < INSTRUCTIONS; seed++) {
      const program = assembled(randomProgram(seed * 7919, STATEMENTS, PASSES));
      const place = join(folder, String(seed));
      mkdirSync(place);
      writeFileSync(join(place, "program.elf"), writeElf(program));
      const follower = new Follower(program);
      try {
        await followQemu(join(place, "program.elf"), place, follower.take);
      } catch (error) {
        throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`);
      }
      compared += follower.compared;
      for (const mnemonic of follower.executed) executed.add(mnemonic);
      for (const cause of follower.causes) causes.add(cause);
    }
    expect(STANDARD.map(({ mnemonic }) => mnemonic).filter((mnemonic) => !executed.has(mnemonic))).toEqual([]);
    // Misaligned and missing code, illegal instructions, breakpoints, missing loads and stores, calls.
    for (const cause of [0, 1, 2, 3, 5, 7, 11]) expect(causes).toContain(cause);
  });

  it("notices a machine that computes something else", async () => {
    const text = randomProgram(7919, 100, 2);
    const place = join(folder, "other");
    mkdirSync(place);
    writeFileSync(join(place, "program.elf"), writeElf(assembled(text)));
    const follower = new Follower(assembled(text.replace("addi x9, x9, -1\n beqz", "addi x9, x9, -2\n beqz")));
    await expect(followQemu(join(place, "program.elf"), place, follower.take)).rejects.toThrow(/QEMU has/);
  });
});
