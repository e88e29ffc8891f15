/** The memory layout of `nnp.json`: which section goes to which memory. Its meaning stands in link/rules.ts. */
import * as z from "zod";

/** 0x10000000 or "0x10000000": JSON has no hexadecimal numbers. */
const address = z
  .union([
    z.number().int().min(0).max(0xffff_ffff),
    z.string().regex(/^0x[0-9a-fA-F]{1,8}$/, { error: 'must be a number or a text such as "0x10000000"' }),
  ])
  .describe('Address at which the sections begin, a number or a text such as "0x10000000".');

const alignment = z
  .number()
  .int()
  .min(1)
  .max(65536)
  .refine((value) => Number.isInteger(Math.log2(value)), { error: "must be a power of two" })
  .describe("Smallest alignment of the sections in bytes.");

const rule = z.strictObject({
  match: z
    .string()
    .min(1)
    .describe('Name of the sections that the rule is for; * stands for any characters: ".text*".'),
  memory: z.enum(["pm", "dm", "wm", "ddr"]).describe("Memory that the sections go to."),
  into: z
    .string()
    .min(1)
    .optional()
    .describe("Section of the program that they become part of; without it each keeps its name."),
  at: address.optional(),
  align: alignment.optional(),
});

export type LayoutRule = z.infer<typeof rule>;

export const layoutSchema = z.strictObject({
  sections: z
    .array(rule)
    .max(1000)
    .optional()
    .describe("Rules for sections, tried in order; within a memory sections are placed in the order of their rules."),
  defaults: z
    .boolean()
    .optional()
    .describe("Whether the built-in rules stand behind these (true). Without them every section needs a rule here."),
});

export type LayoutConfig = z.infer<typeof layoutSchema>;
