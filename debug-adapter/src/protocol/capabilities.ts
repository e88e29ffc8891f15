/** What the adapter says that it can do: nothing that has no handler and no test. */
import type { DebugProtocol } from "@vscode/debugprotocol";

const conditional = {
  supportsCondition: true,
  conditionDescription: "an expression, for example layer() == 3",
} as const;

const EXCEPTION_FILTERS = [
  {
    filter: "fault",
    label: "Machine Faults",
    description:
      "Stop at the instruction of a fault that the program doesn't handle (mtvec = 0). Off: the program ends.",
    default: true,
    ...conditional,
  },
  {
    filter: "deadlock",
    label: "Deadlocks",
    description: "Stop when the CU waits for something that can never happen. Off: the program ends.",
    default: true,
    ...conditional,
  },
  {
    filter: "trap",
    label: "Handled Traps",
    description: "Stop in the program's trap handler.",
    default: false,
    ...conditional,
  },
  {
    filter: "finding",
    label: "Races and Other Findings",
    description: 'Stop where one of the machine\'s checks finds something; "checks" in the launch says which are on.',
    default: false,
    ...conditional,
  },
  {
    filter: "layer",
    label: "Layers",
    description: "Stop where a layer of the network begins (nn.layer).",
    default: false,
    ...conditional,
  },
  {
    filter: "started",
    label: "Unit Starts",
    description: "Stop when a unit starts an operation.",
    default: false,
    ...conditional,
  },
  {
    filter: "completed",
    label: "Unit Completions",
    description: "Stop when a unit completes an operation.",
    default: false,
    ...conditional,
  },
] as const satisfies readonly DebugProtocol.ExceptionBreakpointsFilter[];

export const CAPABILITIES: DebugProtocol.Capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsFunctionBreakpoints: true,
  supportsConditionalBreakpoints: true,
  supportsHitConditionalBreakpoints: true,
  supportsEvaluateForHovers: true,
  exceptionBreakpointFilters: [...EXCEPTION_FILTERS],
  supportsStepBack: true,
  supportsSetVariable: true,
  supportsGotoTargetsRequest: true,
  supportsCompletionsRequest: true,
  completionTriggerCharacters: ["."],
  supportsModulesRequest: true,
  supportsRestartRequest: true,
  supportsExceptionFilterOptions: true,
  supportsValueFormattingOptions: true,
  supportsExceptionInfoRequest: true,
  supportsDelayedStackTraceLoading: true,
  supportsLoadedSourcesRequest: true,
  supportsLogPoints: true,
  supportsSetExpression: true,
  supportsTerminateRequest: true,
  supportsDataBreakpoints: true,
  supportsDataBreakpointBytes: true,
  supportsReadMemoryRequest: true,
  supportsDisassembleRequest: true,
  supportsCancelRequest: true,
  supportsBreakpointLocationsRequest: true,
  supportsClipboardContext: true,
  supportsSteppingGranularity: true,
  supportsInstructionBreakpoints: true,
  supportsWriteMemoryRequest: true,
};
