/** Steps that the protocol and the editor's own buttons have no words for, as requests to the adapter; without an editor. */

export interface StepRequest {
  readonly request: string;
  /** @param thread the one that is looked at */
  arguments(thread: number): object;
}

const event = (request: "nnasm/step" | "nnasm/stepBack", kind: "operation" | "completion" | "layer"): StepRequest => ({
  request,
  arguments: () => ({ kind }),
});

/** By command; package.json has the titles. */
export const STEP_COMMANDS: Readonly<Record<string, StepRequest>> = {
  "nnasm.debug.stepBackInto": { request: "nnasm/stepBackInto", arguments: (threadId) => ({ threadId }) },
  "nnasm.debug.stepBackOut": { request: "nnasm/stepBackOut", arguments: (threadId) => ({ threadId }) },
  "nnasm.debug.stepCycle": { request: "nnasm/step", arguments: () => ({ kind: "cycle" }) },
  "nnasm.debug.backCycle": { request: "nnasm/stepBack", arguments: () => ({ kind: "cycle" }) },
  "nnasm.debug.backToOperation": event("nnasm/stepBack", "operation"),
  "nnasm.debug.backToCompletion": event("nnasm/stepBack", "completion"),
  "nnasm.debug.backToLayer": event("nnasm/stepBack", "layer"),
  "nnasm.debug.toOperation": event("nnasm/step", "operation"),
  "nnasm.debug.toCompletion": event("nnasm/step", "completion"),
  "nnasm.debug.toLayer": event("nnasm/step", "layer"),
};

export const GO_TO_CYCLE = "nnasm.debug.goToCycle";
export const BACK_TO_CURSOR = "nnasm.debug.backToCursor";

/** Steps by a number of cycles that is asked for, by command. */
export const CYCLE_COMMANDS: Readonly<Record<string, "nnasm/step" | "nnasm/stepBack">> = {
  "nnasm.debug.stepCycles": "nnasm/step",
  "nnasm.debug.backCycles": "nnasm/stepBack",
};

/** The cycle that somebody typed; thousands may be set apart. Undefined when it is none. */
export function cycleIn(text: string): number | undefined {
  const digits = text.replaceAll(/(?<=\d)[ ,_'](?=\d)/g, "").trim();
  const cycle = /^\d+$/.test(digits) ? Number(digits) : Number.NaN;
  return Number.isSafeInteger(cycle) ? cycle : undefined;
}
