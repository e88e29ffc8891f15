/** Markers, profiling switches and counters: custom-1, funct3 3 (rd numbers the operation) and 4 (counters). */
import type { InstructionRow, RowParts } from "../types.ts";
import { CUSTOM_1, choice, imm, rd, rs1 } from "./operands.ts";

const marker = (operation: number, parts: RowParts): InstructionRow => ({
  family: "trace",
  unit: "cu",
  timing: "marker",
  format: "IU",
  ...parts,
  fixed: { opcode: CUSTOM_1, funct3: 3, rd: operation, ...parts.fixed },
});

const id = (name: string) => imm(name, "uimm12", 0, 4095);

export const TRACE = {
  "nn.layer": marker(0, {
    fixed: { rs1: 0 },
    operands: [id("layer")],
    syntax: "layer",
    summary: "begin a layer of the network",
    steps: ["Cycles and operations issued from here on belong to this layer; 0 = no layer."],
    example: "nn.layer 1",
  }),
  "nn.mark": marker(1, {
    operands: [id("id"), rs1],
    syntax: "id, rs1",
    summary: "put a marker with a value into the trace",
    steps: ["The trace gets an event with this id and the value of rs1. No state changes."],
    example: "nn.mark 7, a0",
  }),
  "nn.prof": marker(2, {
    fixed: { rs1: 0 },
    operands: [choice("state", "uimm12", "onoff")],
    syntax: "state",
    summary: "switch the profiled region on or off",
    steps: ["Cycles between on and off are the profile's region; everything else in the profile counts the whole run."],
    example: "nn.prof on",
  }),
  "nn.ctr": {
    family: "trace",
    unit: "cu",
    timing: "csr",
    format: "IU",
    fixed: { opcode: CUSTOM_1, funct3: 4, rs1: 0 },
    operands: [rd, choice("counter", "uimm12", "counter")],
    syntax: "rd, counter",
    summary: "read a machine counter",
    steps: ["rd = the counter's low word, or its high word for the names that end in h."],
    example: "nn.ctr a0, macs",
  },
} as const satisfies Record<string, InstructionRow>;
