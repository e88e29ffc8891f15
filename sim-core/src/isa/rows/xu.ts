/**
 * Extension port: custom-3. funct3 0 runs accelerators, their number in the place of rs3, funct2 telling the kind of the
 * third operand (funct2 3 is free); funct3 1 handles registers; funct3 2 to 5 are free, 6 and 7 belong to users.
 */
import type { InstructionRow, RowParts } from "../types.ts";
import { CUSTOM_3, choice, imm, rd, rs1, rs2, td } from "./operands.ts";

const OUT = td("out", "rd");
const IN = td("in", "rs1");
const ACCELERATOR = choice("accelerator", "rs3", "accelerator");

const FAULTS = [
  "illegal instruction when there is no such accelerator, or it takes other operands",
  "shape, type or memory fault on tensors that the accelerator doesn't take",
];

const run = (funct2: number, parts: RowParts): InstructionRow => ({
  family: "xu",
  unit: "xu",
  timing: "issue",
  format: "R4",
  faults: FAULTS,
  ...parts,
  fixed: { opcode: CUSTOM_3, funct3: 0, funct2, ...parts.fixed },
});

const state = (funct7: number, parts: RowParts): InstructionRow => ({
  family: "xu",
  unit: "xu",
  timing: "descriptor",
  format: "R",
  ...parts,
  fixed: { opcode: CUSTOM_3, funct3: 1, funct7, ...parts.fixed },
});

const COPY = "The descriptors and the accelerator's registers are copied; the operation goes to the port's queue.";
const WORK = "When it completes, out = what the accelerator makes of";
const NO_REGISTER = "illegal instruction when the accelerator has no such register";

export const XU = {
  "xu.run": run(0, {
    fixed: { rs2: 0 },
    operands: [ACCELERATOR, OUT, IN],
    syntax: "accelerator, out, in",
    summary: "run an accelerator on one tensor",
    steps: [COPY, `${WORK} in.`],
    example: "xu.run fft, td1, td0",
  }),
  "xu.run2": run(1, {
    operands: [ACCELERATOR, OUT, IN, td("in2", "rs2")],
    syntax: "accelerator, out, in, in2",
    summary: "run an accelerator on two tensors",
    steps: [COPY, `${WORK} in and in2.`],
    example: "xu.run2 own0, td2, td0, td1",
  }),
  "xu.runx": run(2, {
    operands: [ACCELERATOR, OUT, IN, rs2],
    syntax: "accelerator, out, in, rs2",
    summary: "run an accelerator on a tensor and a number",
    steps: [COPY, `${WORK} in and the value that rs2 had at the issue.`],
    example: "xu.runx own1, td1, td0, a0",
  }),
  "xu.select": state(0, {
    fixed: { rs1: 0, rs2: 0 },
    operands: [choice("accelerator", "rd", "accelerator")],
    syntax: "accelerator",
    summary: "select the accelerator whose registers xu.get and xu.set mean",
    steps: ["The sticky selection = accelerator; 0 after reset."],
    faults: ["illegal instruction when there is no such accelerator"],
    example: "xu.select resize",
  }),
  "xu.selected": state(1, {
    fixed: { rs1: 0, rs2: 0 },
    operands: [rd],
    syntax: "rd",
    summary: "read which accelerator is selected",
    steps: ["rd = the number of the selected accelerator."],
    example: "xu.selected a0",
  }),
  "xu.ident": state(2, {
    fixed: { rs2: 0 },
    operands: [rd, rs1],
    syntax: "rd, rs1",
    summary: "ask what accelerator has a number",
    steps: [
      "rd = the identification of accelerator number rs1, four letters with the first in the low byte; 0 when there is none.",
    ],
    example: "xu.ident a0, a1",
  }),
  "xu.get": state(4, {
    fixed: { rs2: 0 },
    operands: [rd, imm("register", "rs1", 0, 15)],
    syntax: "rd, register",
    summary: "read a register of the selected accelerator",
    steps: ["rd = the register."],
    faults: [NO_REGISTER],
    example: "xu.get a0, 0",
  }),
  "xu.set": state(5, {
    fixed: { rs2: 0 },
    operands: [imm("register", "rd", 0, 15), rs1],
    syntax: "register, rs1",
    summary: "write a register of the selected accelerator",
    steps: ["The register = rs1. Operations that have been issued keep the old value."],
    faults: [NO_REGISTER, "illegal instruction on a value out of the register's range"],
    example: "xu.set 1, a0",
  }),
  "xu.reset": state(6, {
    fixed: { rd: 0, rs1: 0, rs2: 0 },
    operands: [],
    syntax: "",
    summary: "reset the registers of all accelerators",
    steps: ["Every register = its reset value; accelerator 0 is selected."],
    example: "xu.reset",
  }),
} as const satisfies Record<string, InstructionRow>;
