/** The instruction file of a workspace: one zod schema gives the type, the check and the JSON schema that editors use. */
import * as z from "zod";

/** Dots part the names, as in `own.crc`; capitals would not be found, because the assembler takes any case. */
const MNEMONIC = /^[a-z][a-z0-9]*(\.[a-z0-9]+)*$/;
const OPERAND = /^[a-z][a-z0-9]*$/;
const NUMBER = /^0(x[0-9a-f]+|b[01]+)$/i;

const text = (what: string) => z.string().min(1).describe(what);
const lines = (what: string) => z.array(z.string().min(1)).describe(what);

/** JSON has decimal numbers only; encodings are read in binary or hexadecimal. */
const fieldValue = z
  .union([
    z.number().int().min(0),
    z.string().regex(NUMBER, { error: 'must be a number, or a text such as "0x2a" or "0b101"' }),
  ])
  .transform((value) => Number(value));

/** Formats that have opcode and funct3 where all base formats have them, and operands that the core handles. */
const USER_FORMATS = ["R", "R4", "I", "IU", "S"] as const;
const REGISTER_FIELDS = ["rd", "rs1", "rs2", "rs3"] as const;
const NUMBER_FIELDS = [...REGISTER_FIELDS, "funct7", "funct2", "imm12", "uimm12"] as const;
export const OPERATION_DTYPES = ["int8", "uint8", "int16", "int32", "int4", "bit"] as const;

const operandName = z
  .string()
  .regex(OPERAND, { error: "must be small letters and digits, beginning with a letter" })
  .describe("Name of the operand, in the syntax and in the module.");
const registerField = z
  .enum(REGISTER_FIELDS)
  .optional()
  .describe("Field that holds the number; default: the field named like the operand.");

const registerOperand = z.strictObject({
  name: operandName,
  type: z.literal("x").describe("A general-purpose register."),
  field: registerField,
  access: z
    .enum(["read", "write", "readwrite"])
    .optional()
    .describe('What the instruction does with the register; default: "write" in field rd, "read" elsewhere.'),
});
const descriptorOperand = z.strictObject({
  name: operandName,
  type: z.literal("td").describe("A tensor descriptor register; instructions of the extension port only."),
  field: registerField,
  access: z
    .enum(["read", "write"])
    .optional()
    .describe('Whether the tensor is written: exactly one is; default: "write" in field rd, "read" elsewhere.'),
  dtypes: z
    .array(z.enum(OPERATION_DTYPES))
    .min(1)
    .optional()
    .describe("Data types that the tensor may have; default: all of the list."),
});
const numberOperand = z.strictObject({
  name: operandName,
  type: z.literal("imm").describe("A written number."),
  field: z.enum(NUMBER_FIELDS).describe("Field that holds the number."),
  min: z.number().int().optional().describe("Smallest number that may be written; default: what the field holds."),
  max: z.number().int().optional().describe("Largest number that may be written; default: what the field holds."),
  scale: z
    .number()
    .int()
    .min(1)
    .max(4096)
    .refine((value) => Number.isInteger(Math.log2(value)), { error: "must be a power of two" })
    .optional()
    .describe("The field holds the written number divided by this power of two; default 1."),
});

const common = {
  format: z.enum(USER_FORMATS).describe("Encoding format: which fields the word has (docs/isa/opcodes.md)."),
  fixed: z
    .record(z.string(), fieldValue)
    .describe('Constant fields: at least funct3, 6 or 7. Values are numbers or texts such as "0b110". opcode is 0x7b.'),
  operands: z
    .array(z.discriminatedUnion("type", [registerOperand, descriptorOperand, numberOperand]))
    .describe("Operands in the order in which they are written."),
  syntax: z
    .string()
    .optional()
    .describe("Operands as written, such as `rd, offset(rs1)`; default: their names with commas."),
  summary: text("One line without a full stop."),
  steps: lines("What the instruction does, step by step.").min(1),
  faults: lines("When it faults, one line each.").optional(),
  example: text("A line of source that assembles; default: made from the syntax.").optional(),
};

const controlUnitInstruction = z.strictObject({
  unit: z.literal("cu").describe("Executed by the control unit, in its pipeline."),
  ...common,
  latency: z
    .strictObject({
      cycles: z
        .number()
        .int()
        .min(1)
        .max(1000)
        .optional()
        .describe("Cycles that the instruction keeps EX busy; default 1."),
      useDelay: z
        .number()
        .int()
        .min(0)
        .max(1000)
        .optional()
        .describe("Cycles that the result comes later than that of an addition; default 0. A product has 2."),
    })
    .optional()
    .describe("What the instruction costs."),
});
const extensionPortInstruction = z.strictObject({
  unit: z
    .literal("xu")
    .describe("An operation of the extension port, with a token. The module's `cycles` says what it costs."),
  ...common,
});

const mnemonic = z.string().regex(MNEMONIC, {
  error: "a mnemonic is small letters and digits in parts joined by dots, beginning with a letter, such as own.crc",
});

export const instructionFileSchema = z.strictObject({
  $schema: z.string().optional().describe("Address of the JSON schema, for editors."),
  name: text("Name of this set of instructions; programs record it."),
  module: z
    .string()
    .regex(/\.m?js$/, { error: "must name an ES module, a file that ends with .mjs or .js" })
    .describe("ES module that says what the instructions do, relative to this file."),
  instructions: z
    .record(mnemonic, z.discriminatedUnion("unit", [controlUnitInstruction, extensionPortInstruction]))
    .describe("The instructions by mnemonic."),
});

export type InstructionFile = z.infer<typeof instructionFileSchema>;
export type InstructionEntry = InstructionFile["instructions"][string];
export type OperandEntry = InstructionEntry["operands"][number];

/** JSON schema (draft 2020-12) of an instruction file. */
export function instructionJsonSchema(): object {
  const schema = z.toJSONSchema(instructionFileSchema, { unrepresentable: "any", io: "input" });
  return { title: "NNP user instructions", ...schema };
}
