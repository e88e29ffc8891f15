/** What is told to people about a fault, a deadlock and the end of a program. */
import type { Finding } from "@nnasm/sim-core/check";
import type { ExpectationFailure } from "@nnasm/sim-core/engine";
import type { Fault } from "@nnasm/sim-core/machine";
import { macUtilisation } from "../inspect/counters.ts";
import { addressText, countText, hex32, percentText } from "../inspect/format.ts";
import type { Machine } from "../inspect/machine.ts";
import { CHECK_TITLES, FAULT_TITLES } from "../inspect/problem-names.ts";
import { queueOf, queueText, queueUnits } from "../inspect/units.ts";
import type { Ending } from "./stops.ts";

/** What stopped a program that can't go on. */
export interface ProblemReport {
  readonly id: string;
  readonly title: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly pc: number;
  /** Lines that say unit, pc, source place and cycle. */
  readonly where: readonly string[];
}

function placeLines(machine: Machine, unit: string, pc: number): string[] {
  const place = machine.sources.placeOf(pc);
  return [
    `unit: ${unit}`,
    `pc: ${addressText(pc, (address) => machine.symbols.describe(address))}`,
    ...(place ? [`source: ${place.file}:${place.line}`] : []),
    `cycle: ${countText(machine.simulator.state.cycle)}`,
  ];
}

export function faultReport(machine: Machine, fault: Fault): ProblemReport {
  return {
    id: fault.kind,
    title: FAULT_TITLES[fault.kind],
    message: fault.message,
    hint: fault.hint,
    pc: fault.pc,
    where: placeLines(machine, fault.unit.toUpperCase(), fault.pc),
  };
}

export function deadlockReport(machine: Machine, pc: number): ProblemReport {
  const held = queueUnits(machine).filter((unit) => !queueOf(machine, unit).idle);
  const queues = held.map((unit) => `${unit}: ${queueText(machine, unit)}`);
  return {
    id: "deadlock",
    title: "Deadlock",
    message: "the CU waits for something that can never happen: no operation is under way",
    hint: "issue the operation before waiting for it; an operation held by nn.after needs its tokens to complete",
    pc,
    where: [...placeLines(machine, "CU", pc), ...(queues.length > 0 ? queues : ["units: all idle"])],
  };
}

/** What one of the machine's checks has found, with the lines of all that take part. */
export function findingReport(machine: Machine, { id, message, hint, pc, related, cycle }: Finding): ProblemReport {
  const place = (at: number): string => {
    const found = machine.sources.placeOf(at);
    return found ? `${found.file}:${found.line}` : hex32(at);
  };
  return {
    id: `check-${id}`,
    title: CHECK_TITLES[id],
    message,
    hint: hint === "" ? undefined : hint,
    pc,
    where: [
      `here: ${place(pc)}`,
      ...related.map((other) => `${other.message}: ${place(other.pc)}`),
      `cycle: ${countText(cycle)}`,
    ],
  };
}

export function cycleLimitReport(machine: Machine, cycles: number): ProblemReport {
  return {
    id: "cycleLimit",
    title: "Cycle limit reached",
    message: `the program has run for ${countText(cycles)} cycles, the limit of "maxCycles"`,
    hint: "Continue lets it run for as many cycles again",
    pc: machine.simulator.state.pc,
    where: placeLines(machine, "CU", machine.simulator.state.pc),
  };
}

/** One line for each expectation that doesn't hold, with its place in the source. */
export function expectationReport(machine: Machine, failures: readonly ExpectationFailure[]): ProblemReport {
  const [first, ...others] = failures.map(({ message, expectation: { file, line } }) => `${message} (${file}:${line})`);
  return {
    id: "expectation",
    title: "Expectation failed",
    message: first ?? "",
    hint: undefined,
    pc: machine.simulator.state.pc,
    where: [...others, ...placeLines(machine, "CU", machine.simulator.state.pc)],
  };
}

/** All of a report as lines. */
export const reportLines = ({ title, message, hint, where }: ProblemReport): string[] => [
  `${title}: ${message}`,
  ...where.map((line) => `  ${line}`),
  ...(hint === undefined ? [] : [`  hint: ${hint}`]),
];

/** One line about how the program ended and what it took. */
export function endingText(machine: Machine, ending: Ending): string {
  const { cycle, retired } = machine.simulator.state;
  const how = ending.kind === "exit" ? `Program exited with code ${ending.code}` : "Program stopped";
  const instructions = retired === 1 ? "1 instruction" : `${countText(retired)} instructions`;
  const took = `after ${countText(cycle)} cycles, ${instructions}`;
  return `${how} ${took}, MAC utilisation ${percentText(macUtilisation(machine))}.`;
}
