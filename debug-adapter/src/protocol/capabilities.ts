/** What the adapter says that it can do: nothing that has no handler and no test. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { CHANGE_MODE, EVERY_MODE } from "./data-ids.ts";

const conditional = {
  supportsCondition: true,
  conditionDescription: "an expression, for example layer() == 3",
} as const;

const about = (conditionDescription: string) => ({ supportsCondition: true, conditionDescription }) as const;

const EXCEPTION_FILTERS = [
  {
    filter: "fault",
    label: "Machine Faults",
    description:
      "Stop at the instruction of a fault that the program doesn't handle (mtvec = 0). Off: the program ends.",
    default: true,
    ...about("an expression, for example fault() == loadAccess"),
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
    ...about("an expression, for example fault() == illegalInstruction"),
  },
  {
    filter: "finding",
    label: "Races and Other Findings",
    description: 'Stop where one of the machine\'s checks finds something; "checks" in the launch says which are on.',
    default: false,
    ...about("an expression, for example check() == race"),
  },
  {
    filter: "layer",
    label: "Layers",
    description: "Stop where a layer of the network begins (nn.layer).",
    default: false,
    ...conditional,
  },
  {
    filter: "issued",
    label: "Issued Operations",
    description: "Stop behind an instruction that has issued an operation to a unit.",
    default: false,
    ...about("an expression, for example unit() == nu"),
  },
  {
    filter: "started",
    label: "Unit Starts",
    description: "Stop when a unit starts an operation.",
    default: false,
    ...about("an expression, for example unit() == dma0 && layer() == 3"),
  },
  {
    filter: "completed",
    label: "Unit Completions and Tokens",
    description: "Stop when a unit completes an operation, and with it a token.",
    default: false,
    ...about("an expression, for example token() == s0, or unit() == nu"),
  },
  {
    filter: "stalled",
    label: "Stalls",
    description: "Stop when the control unit or a unit with something to do has stood still for too long.",
    default: false,
    ...about("more cycles than this (default 1000), and what else has to hold: 500, unit() == nu"),
  },
  {
    filter: "cycle",
    label: "Cycles",
    description: "Stop at cycles since reset.",
    default: false,
    ...about("the cycles: 1000, 2000; or % 500 for every 500th"),
  },
] as const satisfies readonly DebugProtocol.ExceptionBreakpointsFilter[];

/** Where a client attaches to a program that it can leave again. */
export const ATTACHED_CAPABILITIES: DebugProtocol.Capabilities = {
  supportTerminateDebuggee: true,
  supportSuspendDebuggee: true,
};

export const CAPABILITIES: DebugProtocol.Capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsFunctionBreakpoints: true,
  supportsConditionalBreakpoints: true,
  supportsHitConditionalBreakpoints: true,
  supportsEvaluateForHovers: true,
  exceptionBreakpointFilters: [...EXCEPTION_FILTERS],
  supportsStepBack: true,
  supportsRestartFrame: true,
  supportsStepInTargetsRequest: true,
  supportsSetVariable: true,
  supportsGotoTargetsRequest: true,
  supportsCompletionsRequest: true,
  completionTriggerCharacters: ["."],
  supportsModulesRequest: true,
  additionalModuleColumns: [
    { attributeName: "codeBytes", label: "Code Bytes", type: "number" },
    { attributeName: "dataBytes", label: "Data Bytes", type: "number" },
    { attributeName: "tensors", label: "Tensors", type: "number" },
    { attributeName: "layers", label: "Layers", type: "number" },
  ],
  supportedChecksumAlgorithms: ["SHA256"],
  supportsANSIStyling: true,
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
  supportsExceptionOptions: true,
  breakpointModes: [
    {
      mode: EVERY_MODE,
      label: "Every Access",
      description: "Stop behind every access, whatever it leaves.",
      appliesTo: ["data"],
    },
    {
      mode: CHANGE_MODE,
      label: "Changes Only",
      description: "Stop behind writes that leave another value than before.",
      appliesTo: ["data"],
    },
  ],
};
