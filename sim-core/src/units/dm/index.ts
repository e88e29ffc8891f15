export * from "./arbiter.ts";
export { CU_UNIT } from "./bank-cycle.ts";
export type { BankListener } from "./listener.ts";
export { Memo, placed, Signature, trafficMemo } from "./memo.ts";
export * from "./stream.ts";
export * from "./tensors.ts";
export {
  type Lane,
  type Pattern,
  type Piece,
  packed,
  type Rows,
  type Traffic,
  TrafficBuilder,
  trafficBytes,
} from "./traffic.ts";
