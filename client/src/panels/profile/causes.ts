import type { MacBucket } from "@nnasm/sim-core/units";
import type { CauseView } from "./messages.ts";

/** What each use or loss of MAC slots is called in the panel. */
const CAUSES: Readonly<Record<MacBucket, readonly [label: string, description: string]>> = {
  useful: ["Useful", "Multiply-accumulates of real taps"],
  padding: ["Padding", "Taps outside the input"],
  edge: ["Edge waste", "Channels that don't fill the array"],
  fillDrain: ["Fill and drain", "The pipeline fills at an operation's start and empties at its end"],
  nonMac: ["Non-MAC operations", "Pools and additions, which leave the multipliers idle"],
  weights: ["Weights", "The array waits for a block of weights"],
  input: ["Input", "The array waits for input from the data memory"],
  output: ["Output", "The array waits until results are written"],
  accumulators: ["Accumulators", "The accumulators are full"],
  tokenWait: ["Token wait", "The next operation waits for a token, usually of a transfer"],
  cuLate: ["Queue empty", "The control unit had not issued the next operation yet"],
  noWork: ["No work", "No further operation of the neural unit follows"],
  inFlight: ["In flight", "Operations that had not completed when the profile was taken"],
};

/** All causes, in the order in which bars show them. */
export const CAUSE_VIEWS: readonly CauseView[] = Object.entries(CAUSES).map(([id, [label, description]]) => ({
  id,
  label,
  description,
}));
