/** Lints about neural-network code: operations, their tensors, and what puts them into an order. */
import type { LintKind } from "../kind.ts";

const FOLLOWED =
  "The program is followed from its start with the values that registers, memory and descriptors are known to have; an error is told only where every run comes to it.";

export const NEURAL_LINTS = {
  "tensor-shape": {
    level: "error",
    summary: "an operation on tensors whose shapes don't fit together",
    mending: { none: "which of the tensors is wrong isn't known" },
    explanation: `The machine faults when this operation is issued: the shapes of its tensors, the window and the padding don't fit together. Correct the declarations, or what is set before the operation (nu.window, nu.pad, vu.axes, dma.margin). ${FOLLOWED}`,
  },
  "tensor-type": {
    level: "error",
    summary: "an operation on tensors of a data type or layout that it doesn't take",
    mending: { none: "which of the tensors is wrong isn't known" },
    explanation: `The machine faults when this operation is issued: it doesn't take this data type, layout or precision. Declare the tensor with another one, or convert it first (vu.cast, vu.requant, dma.trans, dma.ldw). ${FOLLOWED}`,
  },
  "tensor-memory": {
    level: "error",
    summary: "an operation on a tensor or table that leaves its memory or lies in the wrong one",
    mending: { none: "where there is room for it isn't known" },
    explanation: `The machine faults when this operation is issued: a tensor or table leaves its memory, has the wrong alignment, or lies in a memory that the unit doesn't reach. Feature maps lie in DM, weights and requantisation tables in WM; transfers bring them there. ${FOLLOWED}`,
  },
  "refused-value": {
    level: "error",
    summary: "a value that the machine doesn't take: of a descriptor, of sticky state, of a unit's number",
    mending: { none: "which value is meant isn't known" },
    explanation: `The machine faults at this instruction: a slice exceeds its tensor, a field is set to a value out of its range, or a unit or service doesn't exist in this machine. ${FOLLOWED}`,
  },
  "access-fault": {
    level: "error",
    summary: "a load or store at an address where there is no memory, or that can't be written",
    mending: { none: "which address is meant isn't known" },
    explanation: `The machine faults at this instruction: the address lies outside of all memories, in the first 256 bytes, or in program memory that only the loader writes. ${FOLLOWED}`,
  },
  "token-never-issued": {
    level: "error",
    summary: "a wait for a number that is no operation's token",
    mending: { none: "which operation is meant isn't known" },
    explanation: `Waiting for a token that was never issued is a fault. Tokens come from nn.token, read after the operation was issued; a register that was overwritten since holds none. ${FOLLOWED}`,
  },
  "endless-wait": {
    level: "error",
    summary: "a wfi that nothing can end",
    mending: { fix: "removes the instruction" },
    explanation: `Every operation that was issued is complete when the program comes here, so no completion can wake the control unit: the machine stops with a deadlock. Remove the instruction, or issue what it is to wait for. ${FOLLOWED}`,
  },
  "fault-on-a-way": {
    level: "warning",
    summary: "an instruction that faults on some way through the program",
    mending: { none: "which value is wrong isn't known" },
    explanation:
      "A run that takes this way faults here, like those of the lints tensor-shape, tensor-type, tensor-memory, refused-value, access-fault, token-never-issued and endless-wait. Branches on values that are not known decide whether a run comes here.",
  },
  race: {
    level: "error",
    summary: "two accesses of the same bytes, one of them a write, that nothing puts into an order",
    mending: { fix: "waits for the first operation's unit in front of the second one" },
    explanation: `Between two units, and between a unit and the control unit, only tokens, fences and polls give an order; what such a program reads is not promised. Put nn.wait or nn.fence between the two, or make the second operation wait with nn.after. It is what the simulator's race check finds in a run. ${FOLLOWED}`,
  },
  "race-on-a-way": {
    level: "warning",
    summary: "a race on some way through the program",
    mending: { fix: "waits for the first operation's unit in front of the second one" },
    explanation:
      "A run that takes this way has a race (see the lint race). Branches on values that are not known decide whether a run comes here; nothing on the way puts the two accesses into an order.",
  },
  "possible-race": {
    level: "hint",
    summary: "accesses of the same bytes of which it isn't known whether something orders them",
    mending: { fix: "waits for the first operation's unit in front of the second one" },
    explanation:
      "Both touch, or may touch, the same bytes, and whether a token, fence or poll puts them into an order depends on something that isn't known: which operation a token stands for, which way was taken, or an address. The simulator's race check tells for one run.",
  },
  "redundant-wait": {
    level: "hint",
    summary: "a wait or fence for operations that are known to be complete, or in order anyway",
    mending: { fix: "removes the instruction" },
    explanation:
      "On every way to here, everything that this instruction waits for has been waited for before, or is ordered by the unit's own queue. It costs a few cycles and hides which waits matter. It is told only where the whole program can be followed.",
    unnecessary: true,
  },
  "after-without-operation": {
    level: "warning",
    summary: "an nn.after that no operation of the unit follows",
    mending: { fix: "removes the instruction" },
    explanation:
      "nn.after makes the unit's next operation wait; the program ends without another operation for this unit, so nothing waits. Name the unit that has to wait, or put the instruction in front of the operation.",
  },
  "unused-prefetch": {
    level: "warning",
    summary: "weights declared by nu.prefetch that the next operation doesn't use",
    mending: { fix: "removes the instruction" },
    explanation:
      "nu.prefetch names the weights of the neural unit's next operation. That one has other weights, or none, so the declaration is used up without effect. Put it directly in front of the operation with these weights.",
  },
  "unloaded-weights": {
    level: "warning",
    summary: "an operation on weights, a table or a mask in WM that nothing has written",
    mending: { none: "where the weights come from isn't known" },
    explanation:
      "Neither the program's file nor anything on the way to here writes these bytes of the weight memory. Bring them there with dma.ldw (weights) or dma.ld (tables) before the operation, and wait for it.",
  },
  "unchecked-operation": {
    level: "hint",
    summary: "an operation that can't be checked because something about it isn't known",
    mending: { none: "it tells what isn't known, which is no mistake" },
    explanation:
      "A descriptor or the unit's sticky state depends on data that are known only when the program runs, on every way to here. Shapes, places and races of this operation are left to the machine.",
  },
  "unfollowed-way": {
    level: "hint",
    summary: "a place from which the program can't be followed",
    mending: { none: "it tells what isn't known, which is no mistake" },
    explanation:
      "Where control goes from here depends on something that isn't known, or the program is too long to be followed. The lints about operations say nothing about what comes behind, and those that need the whole program are silent.",
  },
  "tensor-outside": {
    level: "warning",
    summary: "a declared tensor that doesn't lie within one memory of this machine",
    mending: { none: "where there is room for it isn't known" },
    explanation:
      "The elements of this tensor leave the memory that it begins in, with the sizes that nnp.json gives: no operation takes it. Move it, make it smaller, or raise the memory's size.",
  },
  "tensor-overlap": {
    level: "warning",
    summary: "declared tensors that share bytes without saying so",
    mending: { none: "which of them should move, or whether they share on purpose, only their author knows" },
    explanation:
      "The elements of the two tensors overlap, and their places are written in different terms, so that it looks like an accident. Views of one buffer are written in terms of the same symbol (`at=buffer`, `at=buffer + 64`, `at=other.base`), and tensors that take turns in the same place begin at the same address: both are left alone.",
  },
} as const satisfies Readonly<Record<string, LintKind>>;
