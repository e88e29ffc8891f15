/** All requests of the protocol that a client may send, with the types of their arguments and answers. */
import type { DebugProtocol as P } from "@vscode/debugprotocol";
import type { EventStep, MemoryMap, TensorStatistics } from "../runtime/index.ts";
import type { ProfileBody } from "./profile.ts";
import type {
  ByteChanges,
  MemoryBreakpoint,
  TensorComparison,
  TensorDescription,
  TensorImageArguments,
  TensorImages,
} from "./views.ts";

/** The requests of the schema, and ours. Reverse requests (runInTerminal, startDebugging) go the other way. */
export interface Requests {
  attach: [P.AttachRequestArguments, undefined];
  breakpointLocations: [P.BreakpointLocationsArguments, P.BreakpointLocationsResponse["body"]];
  cancel: [P.CancelArguments, undefined];
  completions: [P.CompletionsArguments, P.CompletionsResponse["body"]];
  configurationDone: [P.ConfigurationDoneArguments, undefined];
  continue: [P.ContinueArguments, P.ContinueResponse["body"]];
  dataBreakpointInfo: [P.DataBreakpointInfoArguments, P.DataBreakpointInfoResponse["body"]];
  disassemble: [P.DisassembleArguments, P.DisassembleResponse["body"]];
  disconnect: [P.DisconnectArguments, undefined];
  evaluate: [P.EvaluateArguments, P.EvaluateResponse["body"]];
  exceptionInfo: [P.ExceptionInfoArguments, P.ExceptionInfoResponse["body"]];
  goto: [P.GotoArguments, undefined];
  gotoTargets: [P.GotoTargetsArguments, P.GotoTargetsResponse["body"]];
  initialize: [P.InitializeRequestArguments, P.Capabilities];
  launch: [P.LaunchRequestArguments, undefined];
  loadedSources: [P.LoadedSourcesArguments, P.LoadedSourcesResponse["body"]];
  locations: [P.LocationsArguments, P.LocationsResponse["body"]];
  modules: [P.ModulesArguments, P.ModulesResponse["body"]];
  next: [P.NextArguments, undefined];
  pause: [P.PauseArguments, undefined];
  readMemory: [P.ReadMemoryArguments, P.ReadMemoryResponse["body"]];
  restart: [P.RestartArguments, undefined];
  restartFrame: [P.RestartFrameArguments, undefined];
  reverseContinue: [P.ReverseContinueArguments, undefined];
  scopes: [P.ScopesArguments, P.ScopesResponse["body"]];
  setBreakpoints: [P.SetBreakpointsArguments, P.SetBreakpointsResponse["body"]];
  setDataBreakpoints: [P.SetDataBreakpointsArguments, P.SetDataBreakpointsResponse["body"]];
  setExceptionBreakpoints: [P.SetExceptionBreakpointsArguments, P.SetExceptionBreakpointsResponse["body"]];
  setExpression: [P.SetExpressionArguments, P.SetExpressionResponse["body"]];
  setFunctionBreakpoints: [P.SetFunctionBreakpointsArguments, P.SetFunctionBreakpointsResponse["body"]];
  setInstructionBreakpoints: [P.SetInstructionBreakpointsArguments, P.SetInstructionBreakpointsResponse["body"]];
  setVariable: [P.SetVariableArguments, P.SetVariableResponse["body"]];
  source: [P.SourceArguments, P.SourceResponse["body"]];
  stackTrace: [P.StackTraceArguments, P.StackTraceResponse["body"]];
  stepBack: [P.StepBackArguments, undefined];
  stepIn: [P.StepInArguments, undefined];
  stepInTargets: [P.StepInTargetsArguments, P.StepInTargetsResponse["body"]];
  stepOut: [P.StepOutArguments, undefined];
  terminate: [P.TerminateArguments, undefined];
  terminateThreads: [P.TerminateThreadsArguments, undefined];
  threads: [undefined, P.ThreadsResponse["body"]];
  variables: [P.VariablesArguments, P.VariablesResponse["body"]];
  writeMemory: [P.WriteMemoryArguments, P.WriteMemoryResponse["body"]];
  /** A step that the protocol has no request for: to an event of the machine. */
  "nnasm/step": [{ kind: EventStep; count?: number }, undefined];
  /** Back to an event of the machine. */
  "nnasm/stepBack": [{ kind: EventStep; count?: number }, undefined];
  /** One line, statement or instruction back, into calls and macros that lie before. */
  "nnasm/stepBackInto": [{ threadId: number; granularity?: P.SteppingGranularity }, undefined];
  /** Back to where the function or the macro call was called. */
  "nnasm/stepBackOut": [{ threadId: number }, undefined];
  /** To a line or a statement; with `back` to where the control unit was there last. */
  "nnasm/runTo": [{ source: P.Source; line: number; column?: number; back?: boolean }, undefined];
  /** To a cycle, in the past or in the future. */
  "nnasm/goToCycle": [{ cycle: number }, undefined];
  /**
   * Writes a trace of a stretch of the run to a file, by running it again beside the session. The answer tells where the
   * trace ends: at the program's end when that comes first.
   */
  "nnasm/trace": [{ fromCycle: number; toCycle: number; path: string }, { path: string; toCycle: number }];
  /** What can be shown as an image: declared tensors, and descriptor registers that describe one. */
  "nnasm/tensors": [undefined, { tensors: readonly { name: string; type: string; address: number }[] }];
  /** What a tensor is, without its values. */
  "nnasm/tensor": [{ expression: string }, TensorDescription];
  /** Slices of a tensor, each reduced to so many pixels. */
  "nnasm/tensorImage": [TensorImageArguments, TensorImages];
  /** What the values of a tensor, or of one slice of it, are like. */
  "nnasm/tensorStatistics": [
    { expression: string; slice?: { axis: number; index: number }; compare?: TensorComparison },
    TensorStatistics,
  ];
  /** The address that an expression stands for or holds. */
  "nnasm/address": [{ expression: string }, { address: number }];
  /** The memories, and the names of what the program placed in them. */
  "nnasm/memoryMap": [undefined, MemoryMap];
  /** The next place that holds the bytes (base64). */
  "nnasm/searchMemory": [
    { pattern: string; from: number; back?: boolean; alignment?: number },
    { address: number | undefined },
  ];
  /** Bytes that differ from what they were where the machine stood still before. */
  "nnasm/memoryChanges": [{ address: number; count: number }, ByteChanges];
  /** Who wrote bytes last since then. */
  "nnasm/lastWrite": [
    { address: number; bytes: number },
    { text: string; cycle: number; source?: P.Source; line?: number } | undefined,
  ];
  /** Data breakpoints beside those of `setDataBreakpoints`: a memory view's own. */
  "nnasm/setMemoryBreakpoints": [
    { breakpoints: readonly MemoryBreakpoint[] },
    { breakpoints: readonly P.Breakpoint[] },
  ];
  /**
   * The profile of everything since reset, with the advice that follows from it alone; `advice`: with all advice, for which
   * the run is made again beside the session. That shows its progress and can be cancelled.
   */
  "nnasm/profile": [{ advice?: boolean } | undefined, ProfileBody];
}

export type Command = keyof Requests;

/** A request that can't be answered: the message goes to the person at the client. */
export class RequestError extends Error {
  /** False when the client asked in passing (hovers, watches), so that no dialog appears. */
  readonly showUser: boolean;

  constructor(message: string, showUser = true) {
    super(message);
    this.showUser = showUser;
  }
}
