export * from "./arbiter.ts";
export * from "./stream.ts";
export { type Lane, type Pattern, type Piece, packed, type Traffic, TrafficBuilder } from "./traffic.ts";
