/** Lints about registers, the stack and tokens. */
import type { LintKind } from "./kind.ts";

export const REGISTER_LINTS = {
  "uninitialised-register": {
    level: "warning",
    summary: "a register that no way here has written",
    mending: { none: "what it should hold isn't known" },
    explanation:
      "No instruction on any way to here writes this register: its value is what reset left there, which programs must not rely on. At the start nothing is set but x0, not even sp; in functions the calling convention's registers are: a0 to a7, ra, sp, gp, tp and s0 to s11, and what the callers have written. Saving a register on the stack doesn't count as a use.",
  },
  "maybe-uninitialised-register": {
    level: "off",
    summary: "a register that some way here hasn't written",
    mending: { none: "what it should hold isn't known" },
    explanation:
      "There is a way to here on which nothing writes this register, and another on which something does. Where the program makes sure that the first one isn't taken, nothing is wrong; so the lint is off unless asked for.",
  },
  "uninitialised-descriptor": {
    level: "warning",
    summary: "a tensor descriptor register that no way here has written",
    mending: { none: "which tensor is meant isn't known" },
    explanation:
      "No instruction on any way to here writes this descriptor register: it describes a tensor of shape 0x0x0x0 at address 0, which operations refuse. Load it first, with `td.ld` or the instructions that set its fields.",
  },
  "write-to-zero": {
    level: "warning",
    summary: "an instruction whose only effect is a result in x0",
    mending: { fix: "removes the instruction" },
    explanation:
      "Writes to x0 are dropped, so the instruction does nothing. Write another register, or `nop` where nothing is meant to happen.",
    unnecessary: true,
  },
  "unused-result": {
    level: "hint",
    summary: "a result that is overwritten or forgotten before anything reads it",
    mending: { fix: "removes the instruction" },
    explanation:
      "On no way from here does anything read the register before it is written again or the function returns. Remove the instruction, or find out who should have read it. What the calling convention makes visible to others counts as read: a0 and a1 and the saved registers at a return, a0 to a7 at a call.",
    unnecessary: true,
  },
  "saved-register-changed": {
    level: "warning",
    summary: "a function changes a register that its callers expect to be kept",
    mending: { fix: "saves the registers at the function's entry and loads them where it returns" },
    explanation:
      "The calling convention promises callers that s0 to s11 are the same behind a call as before. This function writes one and returns without its old value. Save it on the stack at the beginning and load it before the return, or use a t or a register.",
  },
  "stack-imbalance": {
    level: "warning",
    summary: "a function returns with another stack pointer than it was called with",
    mending: { fix: "gives back what is missing in front of the return" },
    explanation:
      "On a way to this return more bytes are taken from the stack than given back, or the other way round: the caller finds its own stack frame at the wrong place. Let every way, and every pass through a loop, add as much to sp as it subtracts.",
  },
  "unused-token": {
    level: "information",
    summary: "a token that nothing waits for",
    mending: { fix: "removes the instruction" },
    explanation:
      "The token is read and never used: nothing waits for the operation that it stands for. Give it to `nn.wait`, `nn.poll` or `nn.after`, or remove the instruction when a fence waits anyway.",
    unnecessary: true,
  },
  "idle-unit": {
    level: "warning",
    summary: "a token of, or a wait for, a unit to which the program issues nothing",
    mending: { fix: "names the unit that has work, where there is only one" },
    explanation:
      "The program has no operation for this unit, so its token is always 0 and waiting for it waits for nothing. Name the unit that does the work. In files that are linked with others the lint can't see what these issue.",
  },
  "empty-wait": {
    level: "warning",
    summary: "a wait for no token, or a fence over no unit",
    mending: { fix: "removes the instruction" },
    explanation:
      "The instruction waits for token 0, which stands for nothing and is always complete, or for no unit at all. Give it the token of the operation, or remove it.",
    unnecessary: true,
  },
  "hideable-stall": {
    level: "hint",
    summary: "a wait for a loaded value or a product that another order of the instructions would hide",
    mending: { fix: "moves an instruction of the same block into the time of the wait" },
    explanation:
      "The instruction waits for a register that the one before it, or shortly before, loads or multiplies (docs/timing.md, T-CU-3 and T-CU-4). Another instruction of the same block that neither needs nor changes any of it could run in the meantime, and the block would take fewer cycles.",
  },
  "bank-stall": {
    level: "hint",
    summary:
      "a load that a unit may hold up over a bank of the data memory, and that could run before the unit's operation",
    mending: { fix: "moves the load in front of the operation's issue" },
    explanation:
      "The operation that is issued above works on the data memory when the load comes, and who wants the same bank in the same cycle waits (docs/timing.md, T-DM-4 and T-DM-5): the load or the operation. In front of the issue the load has the memory for itself.",
  },
} as const satisfies Readonly<Record<string, LintKind>>;
