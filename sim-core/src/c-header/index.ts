/** C headers: every instruction beyond RISC-V as a macro over `.insn`, made from the instruction table. */
import { ENUMS, extractField, fieldOf, type Instruction, type InstructionSet, type Operand } from "../isa/index.ts";

const STANDARD = new Set(["rv32i", "rv32m", "zicsr", "zifencei", "privileged"]);
/** Their operands are code addresses, which C has no names for. */
const WITHOUT_MACRO = new Set(["hwloop"]);

const identifier = (name: string): string => name.replaceAll(".", "_");

/** How the operand stands in the assembler template, and how it is bound. */
interface Binding {
  readonly template: string;
  readonly output?: string;
  readonly input?: string;
}

function bind(operand: Operand, parameter: string, index: number): Binding {
  if (operand.type === "x") {
    if (operand.access === "write") return { template: `%${index}`, output: '"=r"(nn_result)' };
    if (operand.access === "readwrite") return { template: `%${index}`, output: '"+r"(nn_result)' };
    return { template: `%${index}`, input: `"r"(${parameter})` };
  }
  if (operand.type === "td") return { template: `x%${index}`, input: `"i"(${parameter})` };
  const scale = "scale" in operand ? operand.scale : 1;
  return { template: `%${index}`, input: `"i"(${scale === 1 ? parameter : `(${parameter}) / ${scale}`})` };
}

/** Bits of a register field as the assembler's name of a register. */
const registerText = (binding: Binding | undefined, operand: Operand | undefined, fixed: number): string => {
  if (!binding) return `x${fixed}`;
  // Numbers and names in a register field are encoded as the register of that number.
  return operand?.type === "x" || operand?.type === "td" ? binding.template : `x${binding.template}`;
};

function template(instruction: Instruction, bindings: ReadonlyMap<string, Binding>): string | undefined {
  const { row, match } = instruction;
  const fixed = (name: Parameters<typeof fieldOf>[1]) => {
    const field = fieldOf(row.format, name);
    return field ? extractField(field, match) : 0;
  };
  const register = (name: "rd" | "rs1" | "rs2" | "rs3") => {
    const operand = row.operands.find(({ field }) => field === name);
    return registerText(operand && bindings.get(operand.name), operand, fixed(name));
  };
  const bound = (field: string) => {
    const operand = row.operands.find((candidate) => candidate.field === field);
    return operand && bindings.get(operand.name)?.template;
  };
  const opcode = `0x${(match & 0x7f).toString(16)}, ${(match >>> 12) & 7}`;
  switch (row.format) {
    case "R":
      return `.insn r ${opcode}, ${bound("funct7") ?? fixed("funct7")}, ${register("rd")}, ${register("rs1")}, ${register("rs2")}`;
    case "RC": {
      const channel = bound("channel");
      const funct7 = channel ? `(${fixed("funct5")} << 2) | ${channel}` : `${(match >>> 25) & 0x7f}`;
      return `.insn r ${opcode}, ${funct7}, ${register("rd")}, ${register("rs1")}, ${register("rs2")}`;
    }
    case "R4":
      return `.insn r4 ${opcode}, ${bound("funct2") ?? fixed("funct2")}, ${register("rd")}, ${register("rs1")}, ${register("rs2")}, ${register("rs3")}`;
    case "I":
      return `.insn i ${opcode}, ${register("rd")}, ${register("rs1")}, ${bound("imm12") ?? fixed("imm12")}`;
    case "S":
      return `.insn s ${opcode}, ${register("rs2")}, ${bound("imm12") ?? fixed("imm12")}(${register("rs1")})`;
    case "IU": {
      // .insn takes a signed immediate.
      const immediate = bound("uimm12");
      const value = immediate ? `((${immediate}) ^ 0x800) - 0x800` : String((fixed("uimm12") ^ 0x800) - 0x800);
      return `.insn i ${opcode}, ${register("rd")}, ${register("rs1")}, ${value}`;
    }
    default:
      return undefined;
  }
}

function macro(instruction: Instruction): string | undefined {
  const { mnemonic, row } = instruction;
  const result = row.operands.find((operand) => operand.type === "x" && operand.access !== "read");
  // Outputs are numbered before inputs in a template.
  const ordered = [...row.operands].sort((a, b) => Number(b === result) - Number(a === result));
  const bindings = new Map(ordered.map((operand, index) => [operand.name, bind(operand, operand.name, index)]));
  const text = template(instruction, bindings);
  if (!text) return undefined;
  const accumulates = result?.type === "x" && result.access === "readwrite";
  const parameters = row.operands.filter((operand) => operand !== result || accumulates).map(({ name }) => name);
  const outputs = ordered.flatMap(({ name }) => bindings.get(name)?.output ?? []).join(", ");
  const inputs = ordered.flatMap(({ name }) => bindings.get(name)?.input ?? []).join(", ");
  const asm = `__asm__ volatile("${text}" : ${outputs} : ${inputs} : "memory")`;
  const body = result
    ? `({ int nn_result${accumulates ? ` = (${result.name})` : ""}; ${asm}; nn_result; })`
    : `do { ${asm}; } while (0)`;
  return `/* ${row.summary.replaceAll("*/", "* /")} */\n#define ${identifier(mnemonic)}(${parameters.join(", ")}) ${body}`;
}

const RULES = [
  " * One macro each, named like the instruction with _ for dots. Tensor descriptors are numbers 0..31; these and other",
  " * numbers must be constants. General-purpose operands are int expressions; a macro for an instruction with a result has",
  " * its value. All order memory accesses.",
];

const macros = (instructions: readonly Instruction[]): string[] =>
  instructions.map(macro).flatMap((text) => (text === undefined ? [] : ["", text]));

/** Text of nn.h: the machine's own instructions. */
export function cHeader(isa: InstructionSet): string {
  const lines = [
    "/* Generated by scripts/generate.ts from the instruction table. Do not edit. */",
    "/*",
    " * The instructions of the NNP for C.",
    ...RULES,
    " * Names of operands are NN_<list>_<name>.",
    " */",
    "#ifndef NN_H",
    "#define NN_H",
    "",
  ];
  for (const [list, values] of Object.entries(ENUMS)) {
    for (const [name, value] of Object.entries(values)) {
      lines.push(`#define NN_${list}_${name} ${value}`.replace(/NN_\w+/, (word) => word.toUpperCase()));
    }
  }
  const own = isa.instructions.filter(
    ({ row }) => !row.user && !STANDARD.has(row.family) && !WITHOUT_MACRO.has(row.family),
  );
  return [...lines, ...macros(own), "", "#endif", ""].join("\n");
}

/** Text of a header with a workspace's own instructions, undefined when it has none. */
export function userCHeader(isa: InstructionSet): string | undefined {
  if (!isa.user) return undefined;
  const { name, hash } = isa.user;
  const guard = `NN_USER_${hash.toString(16).padStart(8, "0").toUpperCase()}_H`;
  // The name stands in a comment, which it must not end.
  const title = name.replaceAll("*/", "* /");
  return [
    `/* Generated by nnasm isa --header from the instruction file "${title}". Do not edit. */`,
    "/*",
    ...RULES,
    " */",
    `#ifndef ${guard}`,
    `#define ${guard}`,
    ...macros(isa.instructions.filter(({ row }) => row.user)),
    "",
    "#endif",
    "",
  ].join("\n");
}
