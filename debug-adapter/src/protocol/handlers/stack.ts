/** Threads, frames and what kind of stop the machine is in. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { controlFrames, type StackFrame, unitFrames } from "../../runtime/index.ts";
import { reference } from "../convert.ts";
import { RequestError } from "../requests.ts";
import type { SessionState } from "../state.ts";
import { endingReport } from "../stopped.ts";
import type { Handlers } from "./handler.ts";

function protocolFrame(state: SessionState, id: number, frame: StackFrame): DebugProtocol.StackFrame {
  const { title, address, place, hint } = frame;
  // A source that isn't there is better not named: clients then show the disassembly.
  const isThere = place !== undefined && state.files.kindOf(place.file) === "file";
  const where = isThere ? state.client.place(place) : { line: 0, column: 0 };
  return {
    id,
    name: title,
    ...where,
    ...(hint === "label" ? {} : { instructionPointerReference: reference(address), moduleId: PROGRAM_MODULE }),
    presentationHint: hint,
  };
}

/** The program is the only module. */
export const PROGRAM_MODULE = 1;

export const stackHandlers = {
  threads: (state) => ({ threads: state.hasProgram ? state.threads() : [] }),
  stackTrace: (state, { threadId, startFrame = 0, levels = 0 }) => {
    const { machine } = state.debugger;
    const unit = state.unitOf(threadId);
    const wanted = levels > 0 ? levels : Number.MAX_SAFE_INTEGER;
    const frames = unit === "cu" ? controlFrames(machine) : unitFrames(machine, unit);
    const shown = frames.slice(startFrame, startFrame + wanted);
    return {
      stackFrames: shown.map((frame) => protocolFrame(state, state.frames.add({ unit, frame }), frame)),
      totalFrames: frames.length,
    };
  },
  exceptionInfo: (state) => {
    const { stop } = state;
    const report = stop && endingReport(state.debugger.machine, stop);
    if (!report) throw new RequestError("the program has not stopped on a problem", false);
    return {
      exceptionId: report.id,
      description: `${report.title}: ${report.message}`,
      breakMode: "always",
      details: {
        message: report.hint ? `${report.message}; ${report.hint}` : report.message,
        typeName: report.title,
        fullTypeName: report.id,
        stackTrace: report.where.join("\n"),
      },
    };
  },
} as const satisfies Handlers;
