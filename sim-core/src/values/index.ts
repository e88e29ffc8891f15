/**
 * What is known of a program's values without running it: registers, memory, descriptors, sticky state, and which
 * operations may be under way. `follow` tells a listener of everything that it comes to.
 */

export { type Budget, defaultBudget } from "./budget.ts";
export { type OperationCycles, OperationTimes } from "./durations.ts";
export * from "./events.ts";
export { type Followed, type FollowOptions, follow } from "./follow.ts";
export { contains, type Interval } from "./interval.ts";
export type { IssuedOperation } from "./order.ts";
export { ALL_WORDS, type KnownDescriptor, KnownState, MEANING_WORDS } from "./state.ts";
