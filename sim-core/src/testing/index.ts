/** For tests: programs as text, machines that run them, and the sums that must hold after every run. */
import { assemble } from "../asm/index.ts";
import type { CheckOptions } from "../check/index.ts";
import { type MachineConfig, PRESETS } from "../config/index.ts";
import { formatDiagnostic } from "../diagnostics/index.ts";
import { Simulator, type Stop } from "../engine/index.ts";
import { BASE_ISA } from "../isa/index.ts";
import { buildProfile, type Profile } from "../profile/index.ts";
import type { Program } from "../program/index.ts";

export type { Access } from "./ordering.ts";
export { type RandomNumbers, randomNumbers } from "./random-numbers.ts";
export { type RandomProgram, type RandomProgramOptions, randomProgram } from "./random-programs.ts";
export { type TracedRun, traced } from "./traced.ts";

export const EXIT = "\n li a7, 93\n ecall\n";

/** Values laid over the default configuration, section by section. */
export type ConfigOverrides = { [S in keyof MachineConfig]?: Partial<MachineConfig[S]> };

export function configWith(overrides: ConfigOverrides = {}): MachineConfig {
  const base = PRESETS.default;
  const sections = Object.entries(overrides).map(([section, values]) => {
    const before = base[section as keyof MachineConfig];
    return [section, typeof before === "object" ? { ...before, ...(values as object) } : values];
  });
  return { ...base, ...(Object.fromEntries(sections) as Partial<MachineConfig>) };
}

/** Assembles one text; fails the test with the diagnostics when it has errors. */
export function programOf(text: string, config: MachineConfig = PRESETS.default): Program {
  const host = {
    resolve: (_: string, relative: string) => relative,
    readText: (file: string) => (file === "test.nnasm" ? text : undefined),
    readBytes: () => undefined,
  };
  const { program, diagnostics } = assemble({ entry: "test.nnasm", host, config, isa: BASE_ISA });
  if (!program) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  return program;
}

export interface Machine extends Simulator {
  /** What the program wrote to stream 1 so far. */
  output(): string;
  symbol(name: string): number;
}

/** A machine with the program loaded. */
export function machineOf(text: string, overrides: ConfigOverrides = {}, checks: CheckOptions = {}): Machine {
  const config = configWith(overrides);
  const chunks: string[] = [];
  const program = programOf(text, config);
  const simulator = new Simulator({
    program,
    config,
    checks,
    host: { write: (stream, bytes) => stream === 1 && chunks.push(String.fromCharCode(...bytes)) },
  });
  return Object.assign(simulator, {
    output: () => chunks.join(""),
    symbol: (name: string) => {
      const found = program.symbols.find((symbol) => symbol.name === name);
      if (!found) throw new Error(`no symbol ${name}`);
      return found.address;
    },
  });
}

const total = (values: object): number => Object.values(values).reduce((sum: number, value) => sum + value, 0);

/** The profile, after checking that every column of it sums to the run. */
export function checkedProfile(simulator: Simulator): Profile {
  const profile = buildProfile(simulator);
  const wrong: string[] = [];
  const same = (name: string, actual: number, expected: number) => {
    if (actual !== expected) wrong.push(`${name}: ${actual}, expected ${expected}`);
  };
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  same("CU cycles", total(profile.total.cu), profile.cycles);
  same("CU cycles of lines", sum(profile.lines.map(({ cycles }) => cycles)), profile.cycles);
  same("retired of lines", sum(profile.lines.map(({ retired }) => retired)), profile.retired);
  same("MAC slots", total(profile.total.slots), profile.totalSlots);
  same("MAC slots of layers", sum(profile.layers.map(({ slots }) => total(slots))), profile.totalSlots);
  same("MAC slots of lines", sum(profile.lines.map(({ slots }) => total(slots))), profile.totalSlots);
  same("cycles of layers", sum(profile.layers.map(({ cycles }) => cycles)), profile.cycles);
  same("CU cycles of layers", sum(profile.layers.map(({ cuCycles }) => cuCycles)), profile.cycles);
  for (const { channel, cycles } of profile.channels) same(`DMA ${channel}`, total(cycles), profile.cycles);
  for (const { unit, busy, bankConflict, tokenWait, idle } of profile.units) {
    same(unit, busy + bankConflict + tokenWait + idle, profile.cycles);
  }
  const lost = sum(profile.dm.banks.map(({ lostCycles }) => lostCycles));
  same("cycles lost over banks", sum(profile.dm.conflicts.map(({ cycles }) => cycles)), lost);
  const lostBy = (loser: string) =>
    sum(profile.dm.conflicts.filter((pair) => pair.loser === loser).map(({ cycles }) => cycles));
  same("CU cycles lost over banks", profile.total.cu.bankConflict, lostBy("cu"));
  for (const { unit, bankConflict } of profile.units)
    same(`${unit} cycles lost over banks`, bankConflict, lostBy(unit));
  if (wrong.length > 0) throw new Error(`the accounting does not add up:\n${wrong.join("\n")}`);
  return profile;
}

/** Runs a program to its end and checks the accounting. */
export function runToEnd(simulator: Simulator): Stop {
  const stop = simulator.run({ untilCycle: 50_000_000 });
  checkedProfile(simulator);
  return stop;
}

/** Cycles that `body` adds to a program that sets up with `before` and exits. */
export function cost(body: string, before = "", overrides: ConfigOverrides = {}): number {
  const cycles = (text: string) => {
    const machine = machineOf(text, overrides);
    const stop = runToEnd(machine);
    if (stop.reason !== "exit") throw new Error(`ended by ${JSON.stringify(stop)}`);
    return stop.cycle;
  };
  return cycles(`${before}\n${body}\n${EXIT}`) - cycles(`${before}\n${EXIT}`);
}
