/**
 * The machine's configuration, `nnp.json`: one zod schema gives the type, the check and the JSON schema that
 * editors use. Section names are those of `nnasm sweep --set nu.cip=8`.
 */
import * as z from "zod";
import { parseExpression } from "../advice/expression.ts";
import { METRICS } from "../advice/metrics.ts";
import { RULE_IDS } from "../advice/rule-ids.ts";
import { LINTS } from "../lint/catalogue.ts";
import { LINT_LEVELS } from "../lint/kind.ts";
import { layoutSchema } from "./layout.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** Powers of two; the JSON schema lists them, so that editors offer and check them. */
const powerOfTwo = (min: number, max: number, text: string) =>
  z
    .number()
    .int()
    .min(min)
    .max(max)
    .refine((value) => Number.isInteger(Math.log2(value)), { error: "must be a power of two" })
    .meta({
      description: text,
      enum: Array.from({ length: Math.log2(max / min) + 1 }, (_, exponent) => min * 2 ** exponent),
    });
const count = (min: number, max: number, text: string) => z.number().int().min(min).max(max).describe(text);
const bytes = (min: number, max: number, text: string) =>
  z.number().int().min(min).max(max).multipleOf(4096, { error: "must be a multiple of 4096" }).describe(text);

export const PRESET_NAMES = [
  "default",
  "nn32",
  "nn64",
  "nn128",
  "nn256",
  "nn512",
  "nn1024",
  "nn2048",
  "nn4096",
] as const;
export type PresetName = (typeof PRESET_NAMES)[number];

const pm = z.strictObject({
  bytes: bytes(4 * KIB, 16 * MIB, "Size of the program memory in bytes."),
});

const dm = z.strictObject({
  bytes: bytes(4 * KIB, 64 * MIB, "Size of the data memory in bytes."),
  banks: powerOfTwo(1, 64, "Number of banks of the data memory."),
  bankBytes: powerOfTwo(4, 64, "Width of one bank of the data memory in bytes."),
  conflicts: z
    .boolean()
    .describe("Whether each bank serves one access a cycle; false: an ideal memory that serves everybody at once."),
  starvationCycles: count(1, 1000, "Cycles that a unit waits for a bank until it comes before all others."),
});

const wm = z.strictObject({
  bytes: bytes(4 * KIB, 64 * MIB, "Size of the weight memory in bytes."),
});

const ddr = z.strictObject({
  bytes: bytes(64 * KIB, 2032 * MIB, "Size of the DDR memory in bytes."),
  bytesPerCycle: count(1, 256, "Peak DDR bandwidth in bytes per cycle."),
  burstBytes: powerOfTwo(8, 512, "Bytes of one DDR burst: the smallest amount that a transfer moves."),
  latencyCycles: count(0, 10000, "Cycles from a DDR request to its first data."),
});

const cu = z.strictObject({
  misaligned: z.enum(["trap", "split"]).describe("Misaligned loads and stores trap, or are done in two accesses."),
  divideCycles: count(1, 64, "Cycles that a division keeps the execute stage busy."),
  pmWritable: z.boolean().describe("Whether stores of the CU may write the program memory."),
});

const dma = z.strictObject({
  channels: count(1, 4, "Number of DMA channels, each a unit with its own queue."),
  queueDepth: count(1, 64, "Operations that one channel's queue holds."),
  setupCycles: count(0, 1000, "Cycles from the start of a transfer to its first request."),
  bytesPerCycle: count(1, 256, "Bytes per cycle that one channel moves on the on-chip side."),
});

const nu = z.strictObject({
  cip: powerOfTwo(1, 256, "Input channels that the MAC array takes in parallel (CiP)."),
  cop: powerOfTwo(1, 256, "Output channels that the MAC array computes in parallel (CoP)."),
  cores: count(1, 8, "Number of MAC arrays, each with accumulators of its own; they share the memories' ports."),
  ports: powerOfTwo(1, 16, "Ports of dm.bankBytes each through which the cores read, and write, the data memory."),
  queueDepth: count(1, 64, "Operations that the neural unit's queue holds."),
  accumulatorBytes: bytes(4 * KIB, 4 * MIB, "Size of each core's int32 accumulator memory in bytes."),
  weightBytesPerCycle: powerOfTwo(1, 1024, "Bytes per cycle that the weight memory delivers to the array."),
  pipelineStages: count(1, 64, "Stages of the neural unit's pipeline: fill and drain cost this many cycles less one."),
});

const vu = z.strictObject({
  lanes: powerOfTwo(1, 256, "Elements that the vector unit works on in parallel."),
  queueDepth: count(1, 64, "Operations that the vector unit's queue holds."),
  pipelineStages: count(1, 64, "Stages of the vector unit's pipeline: fill and drain cost this many cycles less one."),
});

const xu = z.strictObject({
  queueDepth: count(1, 64, "Operations that the extension port's queue holds."),
  setupCycles: count(0, 1000, "Cycles from the start of an operation until its accelerator works."),
  bytesPerCycle: powerOfTwo(4, 256, "Bytes per cycle of each of the port's two ways to the data memory."),
  butterflies: powerOfTwo(1, 64, "Butterflies per cycle of the FFT accelerator."),
});

export const machineSchema = z.strictObject({
  clockMHz: z.number().positive().max(10000).describe("Clock in MHz; only used to show cycles as time."),
  pm,
  dm,
  wm,
  ddr,
  cu,
  dma,
  nu,
  vu,
  xu,
  layout: layoutSchema.optional(),
});

/** A complete configuration of the machine. All sizes in bytes, all times in cycles. */
export type MachineConfig = z.infer<typeof machineSchema>;

/** Levels of lints by their ids. */
const lint = z.strictObject(
  Object.fromEntries(
    Object.entries(LINTS).map(([id, { summary, level }]) => [
      id,
      z.enum(LINT_LEVELS).optional().describe(`Finds ${summary}. Default: ${level}.`),
    ]),
  ),
);

/** An expression over metrics of a profile (docs/advice.md). */
const metricExpression = (text: string) =>
  z
    .string()
    .superRefine((value, context) => {
      const parsed = parseExpression(value, METRICS);
      if (!("problem" in parsed)) return;
      const { message, hint, column } = parsed.problem;
      context.addIssue({ code: "custom", message, params: { hint, column } });
    })
    .describe(text);

const adviceRule = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, { error: "must be small letters, digits and -" })
    .describe("Name of the rule, for nnasm check --fail-on."),
  when: metricExpression("Condition over metrics; with one of layer.* it is asked for each layer."),
  message: z.string().min(1).describe("What it means when the condition holds."),
  edit: z.string().min(1).describe("What to change."),
  saves: metricExpression("Cycles that the edit would save, over the same metrics.").optional(),
});

/** The file `nnp.json`: a preset and whatever differs from it, and the project's entry file. */
export const fileSchema = z.strictObject({
  $schema: z.string().optional().describe("Address of the JSON schema, for editors."),
  entry: z.string().optional().describe("Entry file of a project of several files, relative to this file."),
  link: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      "Sources, objects and libraries that `nnasm build` without a file links into one program, relative to this file (docs/linking.md).",
    ),
  instructions: z
    .string()
    .min(1)
    .optional()
    .describe("File with the project's own instructions, relative to this file (docs/user-instructions.md)."),
  preset: z.enum(PRESET_NAMES).optional().describe("Named configuration to start from."),
  clockMHz: machineSchema.shape.clockMHz.optional(),
  pm: pm.partial().optional().describe("Program memory."),
  dm: dm.partial().optional().describe("Data memory (banked SRAM)."),
  wm: wm.partial().optional().describe("Weight memory."),
  ddr: ddr.partial().optional().describe("External memory."),
  cu: cu.partial().optional().describe("Control unit (scalar core)."),
  dma: dma.partial().optional().describe("DMA engine."),
  nu: nu.partial().optional().describe("Neural unit (MAC array)."),
  vu: vu.partial().optional().describe("Vector unit."),
  xu: xu.partial().optional().describe("Extension port and its accelerators."),
  lint: lint.optional().describe("How findings of lints are shown, by the lint's id (docs/lints.md)."),
  advice: z
    .array(adviceRule)
    .superRefine((rules, context) => {
      for (const [index, { id }] of rules.entries()) {
        const isTaken = RULE_IDS.includes(id) || rules.findIndex((other) => other.id === id) < index;
        if (!isTaken) continue;
        const message = `there is a rule ${id} already`;
        context.addIssue({
          code: "custom",
          path: [index, "id"],
          message,
          params: { hint: "give this one another id" },
        });
      }
    })
    .optional()
    .describe("Rules of the project beside those of nnasm profile --advice (docs/advice.md)."),
  layout: layoutSchema.optional().describe("Which section of a program goes to which memory (docs/linking.md)."),
});

export type ConfigFile = z.infer<typeof fileSchema>;

/** JSON schema (draft 2020-12) of `nnp.json`. */
export function configJsonSchema(): object {
  return { title: "NNP configuration", ...z.toJSONSchema(fileSchema, { unrepresentable: "any" }) };
}
