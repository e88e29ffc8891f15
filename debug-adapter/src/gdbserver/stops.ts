/** Stops and endings as stop replies. */
import type { FaultKind } from "@nnasm/sim-core/machine";
import {
  countText,
  deadlockReport,
  type Ending,
  exitCodeOf,
  expectationReport,
  faultReport,
  type Machine,
  reportLines,
  type StopCause,
} from "../runtime/index.ts";
import type { BreakpointTable } from "./breakpoints.ts";
import { CU_THREAD } from "./threads.ts";

/** GDB's numbers of signals, which are no system's. */
const SIGNALS = {
  SIGINT: 2,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 10,
  SIGSEGV: 11,
  SIGSYS: 12,
  SIGXCPU: 24,
} as const;

const FAULT_SIGNALS: Readonly<Record<FaultKind, keyof typeof SIGNALS>> = {
  instructionMisaligned: "SIGBUS",
  instructionAccess: "SIGSEGV",
  illegalInstruction: "SIGILL",
  breakpoint: "SIGTRAP",
  loadMisaligned: "SIGBUS",
  loadAccess: "SIGSEGV",
  storeMisaligned: "SIGBUS",
  storeAccess: "SIGSEGV",
  environmentCall: "SIGSYS",
  tensorMemory: "SIGSEGV",
  // The operands of an instruction of ours are not what it takes.
  shape: "SIGILL",
  type: "SIGILL",
  token: "SIGILL",
  loopRule: "SIGILL",
  descriptor: "SIGILL",
  user: "SIGILL",
  late: "SIGABRT",
};

export interface StopReply {
  readonly packet: string;
  /** What GDB has no words for; shown before the stop. */
  readonly message?: string;
}

const two = (value: number): string => (value & 0xff).toString(16).padStart(2, "0");
const thread = `thread:${CU_THREAD};`;
const stopped = (signal: keyof typeof SIGNALS, reason = ""): string => `T${two(SIGNALS[signal])}${reason}${thread}`;

export function stopReply(machine: Machine, cause: StopCause, breakpoints: BreakpointTable): StopReply {
  switch (cause.kind) {
    case "pause":
      return { packet: stopped("SIGINT") };
    case "beginning":
      return { packet: stopped("SIGTRAP", "replaylog:begin;") };
    case "fault":
      return {
        packet: stopped(FAULT_SIGNALS[cause.fault.kind]),
        message: reportLines(faultReport(machine, cause.fault)).join("\n"),
      };
    case "deadlock":
      return { packet: stopped("SIGABRT"), message: reportLines(deadlockReport(machine, cause.pc)).join("\n") };
    case "expectation":
      return {
        packet: stopped("SIGTRAP"),
        message: reportLines(expectationReport(machine, cause.failures)).join("\n"),
      };
    case "exited":
      return {
        packet: stopped("SIGTRAP"),
        message: `the program exits with code ${cause.code}; go back from here, or on to its end`,
      };
    case "cycleLimit":
      return { packet: stopped("SIGXCPU"), message: `the limit of ${countText(cause.cycles)} cycles is reached` };
    case "breakpoint": {
      const [watch] = cause.watches;
      const message = cause.watches.map(({ text }) => text).join("\n");
      const told = message === "" ? {} : { message };
      if (watch?.watchpoint.request.place.kind === "memory") {
        const { access, place } = watch.watchpoint.request;
        const name = access === "write" ? "watch" : access === "read" ? "rwatch" : "awatch";
        return { packet: stopped("SIGTRAP", `${name}:${place.address.toString(16)};`), ...told };
      }
      const kind = breakpoints.kindAt(machine.simulator.state.pc);
      return { packet: stopped("SIGTRAP", kind ? (kind === "software" ? "swbreak:;" : "hwbreak:;") : ""), ...told };
    }
    default:
      return { packet: stopped("SIGTRAP") };
  }
}

export function endReply(machine: Machine, ending: Ending): StopReply {
  switch (ending.kind) {
    case "exit": {
      const packet = `W${two(exitCodeOf(ending))}`;
      if (ending.failures.length === 0) return { packet };
      return { packet, message: reportLines(expectationReport(machine, ending.failures)).join("\n") };
    }
    // The stop before has told why.
    case "fault":
      return { packet: `X${two(SIGNALS[FAULT_SIGNALS[ending.fault.kind]])}` };
    case "deadlock":
      return { packet: `X${two(SIGNALS.SIGABRT)}` };
    case "cycleLimit":
      return { packet: `X${two(SIGNALS.SIGXCPU)}` };
  }
}
