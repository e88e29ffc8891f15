/** Arithmetic of a followed program, and what branches tell of polls. */
import { Op } from "../units/index.ts";
import type { DecodedInstruction } from "./code.ts";
import { exactly, isExact } from "./interval.ts";
import { compute, computeInterval, hasImmediate } from "./scalar.ts";
import type { KnownState } from "./state.ts";

const copiedMark = (op: Op, rs1: number, rs2: number, state: KnownState) =>
  op === Op.ADD && (rs1 === 0 || rs2 === 0) ? state.mark(rs1 === 0 ? rs2 : rs1) : undefined;

/** Executes arithmetic: exactly where the operands are exact. A copy keeps what its source stands for. */
export function arithmetic({ op, rd, rs1, rs2, imm }: DecodedInstruction, state: KnownState): void {
  const immediate = hasImmediate(op);
  if (state.isExact(rs1) && (immediate || state.isExact(rs2))) {
    const copied = op === Op.ADDI && imm === 0 ? state.mark(rs1) : copiedMark(op, rs1, rs2, state);
    state.setExact(rd, compute(op, state.low(rs1), immediate ? imm : state.low(rs2)));
    if (copied) state.setMark(rd, copied);
    return;
  }
  const mark = op === Op.ADDI && imm === 0 ? state.mark(rs1) : copiedMark(op, rs1, rs2, state);
  const origin = state.origin(rs1) >= 0 ? state.origin(rs1) : immediate ? -1 : state.origin(rs2);
  if (!mark) {
    for (const source of immediate ? [rs1] : [rs1, rs2]) {
      const poll = state.mark(source);
      const operation = poll?.kind === "poll" && state.order.find(poll.unit, poll.sequence, poll.id);
      if (operation) state.ownOrder.perhapsAwaited(operation);
    }
  }
  const second = immediate ? exactly(imm) : state.interval(rs2);
  const value = mark
    ? state.interval(op === Op.ADDI || rs2 === 0 ? rs1 : rs2)
    : computeInterval(op, state.interval(rs1), second);
  if (isExact(value)) state.setExact(rd, value.lo);
  else state.setInterval(rd, value, origin);
  if (mark) state.setMark(rd, mark);
}

/** A poll's answer was compared with 0. */
export function learnPoll(state: KnownState, register: number, comparesZero: boolean, isZero: boolean): void {
  const mark = state.mark(register);
  if (mark?.kind !== "poll") return;
  const operation = state.order.find(mark.unit, mark.sequence, mark.id);
  if (!operation) return;
  if (!comparesZero) state.ownOrder.perhapsAwaited(operation);
  else if (!isZero) state.ownOrder.awaited(operation);
}
