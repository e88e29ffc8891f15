export * from "./arbiter.ts";
export * from "./stream.ts";
export * from "./tensors.ts";
export { type Lane, type Pattern, type Piece, packed, type Traffic, TrafficBuilder } from "./traffic.ts";
