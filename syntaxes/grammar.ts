/** Makes the TextMate grammar out of the instruction table. Pure: generate.ts writes the result. */
import { ABI_NAMES, BASE_ISA, CSRS, type EnumName, enumValues, type Instruction } from "@nnasm/sim-core/isa";

/** A rule of a TextMate grammar, as far as we use the format. */
interface Rule {
  readonly name?: string;
  readonly contentName?: string;
  readonly match?: string;
  readonly begin?: string;
  readonly end?: string;
  readonly captures?: Readonly<Record<string, Rule>>;
  readonly beginCaptures?: Readonly<Record<string, Rule>>;
  readonly endCaptures?: Readonly<Record<string, Rule>>;
  readonly patterns?: readonly Rule[];
  readonly include?: string;
}

export interface Grammar {
  readonly information_for_contributors: readonly string[];
  readonly name: string;
  readonly scopeName: string;
  readonly patterns: readonly Rule[];
  readonly repository: Readonly<Record<string, Rule>>;
}

// A name may hold dots, and `\` begins a macro argument inside one.
const BEFORE = String.raw`(?<![\w.$\\])`;
const AFTER = String.raw`(?![\w.$])`;
const SYMBOL = String.raw`[A-Za-z_.$\\][\w.$\\@]*`;
// A statement ends at the end of its line, at `;` and where a comment to the end of the line begins; a block comment is a space.
const STATEMENT_END = String.raw`(?=$|;|#|//)`;

const include = (name: string): Rule => ({ include: `#${name}` });
const named = (name: string): Rule => ({ name: `${name}.nnasm` });

/** `(?:a|b)` of whole words, longest first so that no word hides a longer one. */
function words(list: Iterable<string>): string {
  const escaped = [...list].map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return `(?:${escaped.sort((a, b) => b.length - a.length || (a < b ? -1 : 1)).join("|")})`;
}

const FLOW_SCOPE = "keyword.control.flow";

/** The scope of a mnemonic: what runs it, and whether it changes the flow of control. */
function mnemonicScope({ row }: Instruction): string {
  if (row.timing === "branch" || row.timing === "jump" || row.timing === "jumpReg") return FLOW_SCOPE;
  if (row.timing === "loop") return "keyword.control.loop";
  if (row.unit !== "cu") return `support.function.mnemonic.${row.unit}`;
  if (row.timing === "descriptor" || row.timing === "sync" || row.timing === "marker") {
    return `support.function.mnemonic.${row.timing}`;
  }
  return "keyword.mnemonic.cu";
}

/** Lists of named values that an instruction's operands take; `csr` stands for the names of CSRs. */
function valueLists({ row }: Instruction): readonly string[] {
  const lists = new Set<string>();
  for (const operand of row.operands) {
    if (operand.type === "enum" || operand.type === "set") lists.add(operand.values);
    if (operand.type === "csr") lists.add("csr");
  }
  return [...lists].sort();
}

const valueListRule = (list: string): Rule =>
  list === "csr"
    ? { match: `${BEFORE}${words(Object.keys(CSRS))}${AFTER}`, ...named("support.constant.csr") }
    : {
        // Sets are written `a|b`, but the fence's letters are also written together: `rw`.
        match:
          list === "fence"
            ? `${BEFORE}[${Object.keys(enumValues("fence")).join("")}]+${AFTER}`
            : `${BEFORE}${words(Object.keys(enumValues(list as EnumName)))}${AFTER}`,
        ...named(`constant.language.${list}`),
      };

/** One rule for all instructions of one scope and one choice of named operands. */
function instructionRules(instructions: readonly Instruction[]): Rule[] {
  const groups = new Map<string, Instruction[]>();
  for (const instruction of instructions) {
    const key = [mnemonicScope(instruction), ...valueLists(instruction)].join(" ");
    groups.set(key, [...(groups.get(key) ?? []), instruction]);
  }
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, group]) => {
      const [scope = "", ...lists] = key.split(" ");
      return {
        begin: `${BEFORE}${words(group.map(({ mnemonic }) => mnemonic))}${AFTER}`,
        beginCaptures: { 0: named(scope) },
        end: STATEMENT_END,
        patterns: [
          ...lists.map((list) => include(`values-${list}`)),
          // What a branch names is a label; elsewhere a symbol may be anything.
          ...(scope.startsWith("keyword.control") ? [include("label-operands")] : []),
          include("operands"),
        ],
      };
    });
}

export interface PseudoMnemonic {
  readonly mnemonic: string;
  /** The mnemonic of the last instruction that it stands for. */
  readonly last: string;
}

export interface GrammarInput {
  readonly instructions: readonly Instruction[];
  /** What the assembler expands to instructions; mnemonics that are instructions, too, may be among them. */
  readonly pseudoInstructions: readonly PseudoMnemonic[];
}

export function makeGrammar({ instructions, pseudoInstructions }: GrammarInput): Grammar {
  const known = new Map(instructions.map((instruction) => [instruction.mnemonic, mnemonicScope(instruction)]));
  const pseudo = pseudoInstructions.filter(({ mnemonic }) => !known.has(mnemonic));
  const jumps = ({ last }: PseudoMnemonic): boolean => known.get(last) === FLOW_SCOPE;
  const mnemonics = (list: readonly PseudoMnemonic[]): string => words(new Set(list.map(({ mnemonic }) => mnemonic)));
  const lists = [...new Set(instructions.flatMap(valueLists))].sort();
  const tensorWords = ["dtype", "layout"].flatMap((list) => Object.keys(enumValues(list as EnumName)));
  return {
    information_for_contributors: ["Generated by scripts/generate.ts from the instruction table. Do not edit."],
    name: "NNASM",
    scopeName: "source.nnasm",
    patterns: [
      include("comments"),
      include("label"),
      include("directives"),
      include("instructions"),
      include("invocation"),
    ],
    repository: {
      "block-comment": { begin: "/\\*", end: "\\*/", ...named("comment.block") },
      comments: {
        patterns: [
          include("block-comment"),
          { match: "(#|//).*$", captures: { 1: named("punctuation.definition.comment") }, ...named("comment.line") },
        ],
      },
      label: {
        match: `(?<=^|[\\s;:/])(${SYMBOL}|\\d+)\\s*(:)`,
        captures: { 1: named("entity.name.function.label"), 2: named("punctuation.separator.label") },
      },
      directives: {
        patterns: [
          {
            begin: `${BEFORE}(\\.macro)${AFTER}\\s*(${SYMBOL})?`,
            beginCaptures: { 1: named("keyword.control.directive"), 2: named("entity.name.function.macro") },
            end: STATEMENT_END,
            patterns: [{ match: `${SYMBOL}`, ...named("variable.parameter.macro") }, include("operands")],
          },
          {
            begin: `${BEFORE}(\\.tensor)${AFTER}\\s*(${SYMBOL})?`,
            beginCaptures: { 1: named("keyword.control.directive"), 2: named("entity.name.type.tensor") },
            end: STATEMENT_END,
            patterns: [
              {
                match: `${BEFORE}([A-Za-z]\\w*)\\s*(=)`,
                captures: { 1: named("variable.parameter"), 2: named("keyword.operator.assignment") },
              },
              {
                match: `${BEFORE}${words([...tensorWords, "dm", "ddr", "wm", "pm"])}${AFTER}`,
                ...named("constant.language"),
              },
              include("operands"),
            ],
          },
          {
            begin: `${BEFORE}(\\.(?:equ|equiv|set))${AFTER}\\s*(${SYMBOL})?`,
            beginCaptures: { 1: named("keyword.control.directive"), 2: named("variable.other.constant") },
            end: STATEMENT_END,
            patterns: [include("operands")],
          },
          {
            begin: `${BEFORE}\\.[a-z][\\w.]*${AFTER}`,
            beginCaptures: { 0: named("keyword.control.directive") },
            end: STATEMENT_END,
            patterns: [include("operands")],
          },
        ],
      },
      instructions: {
        patterns: [
          ...instructionRules(instructions),
          {
            begin: `${BEFORE}${mnemonics(pseudo.filter(jumps))}${AFTER}`,
            beginCaptures: { 0: named(FLOW_SCOPE) },
            end: STATEMENT_END,
            patterns: [include("label-operands"), include("operands")],
          },
          {
            begin: `${BEFORE}${mnemonics(pseudo.filter((one) => !jumps(one)))}${AFTER}`,
            beginCaptures: { 0: named("keyword.mnemonic.pseudo") },
            end: STATEMENT_END,
            patterns: [include("values-csr"), include("operands")],
          },
        ],
      },
      // Whatever else a statement begins with is a macro, a user's own instruction or a mistake: the language server knows.
      invocation: {
        begin: `${BEFORE}${SYMBOL}`,
        beginCaptures: { 0: named("entity.name.function.macro") },
        end: STATEMENT_END,
        patterns: [include("operands")],
      },
      ...Object.fromEntries(lists.map((list) => [`values-${list}`, valueListRule(list)])),
      operands: {
        patterns: [
          include("block-comment"),
          include("strings"),
          include("registers"),
          { match: `%[a-z_]+(?=\\()`, ...named("keyword.operator.relocation") },
          include("macro-argument"),
          include("numbers"),
          { match: `${BEFORE}\\d+[bf]${AFTER}`, ...named("variable.other.label.local") },
          include("location"),
          { match: SYMBOL, ...named("variable.other.constant.symbol") },
          { match: "<<|>>|<=|>=|==|!=|<>|&&|\\|\\||[-+*/%&|^~!<>=@]", ...named("keyword.operator") },
          { match: ",", ...named("punctuation.separator") },
        ],
      },
      "label-operands": {
        patterns: [
          include("registers"),
          include("macro-argument"),
          include("location"),
          { match: SYMBOL, ...named("entity.name.function.label") },
        ],
      },
      "macro-argument": { match: String.raw`\\(?:\w+|@|\(\))`, ...named("variable.parameter.macro") },
      location: { match: `${BEFORE}\\.${AFTER}`, ...named("variable.language.location") },
      registers: {
        patterns: [
          {
            match: `${BEFORE}${words([...ABI_NAMES, "fp", ...numbered("x", 32)])}${AFTER}`,
            ...named("variable.other.register.scalar"),
          },
          { match: `${BEFORE}${words(numbered("td", 32))}${AFTER}`, ...named("support.type.register.tensor") },
        ],
      },
      numbers: {
        patterns: [
          { match: `${BEFORE}0[xX][0-9a-fA-F]+${AFTER}`, ...named("constant.numeric.hex") },
          { match: `${BEFORE}0[bB][01]+${AFTER}`, ...named("constant.numeric.binary") },
          { match: `${BEFORE}\\d+\\.\\d*(?:[eE][-+]?\\d+)?${AFTER}`, ...named("constant.numeric.float") },
          { match: `${BEFORE}\\d+(?:[eE][-+]?\\d+)?${AFTER}`, ...named("constant.numeric.decimal") },
        ],
      },
      strings: {
        patterns: [
          {
            begin: '"',
            end: '"|$',
            ...named("string.quoted.double"),
            patterns: [{ match: String.raw`\\(?:[0-7]{1,3}|x[0-9a-fA-F]+|.)`, ...named("constant.character.escape") }],
          },
          { match: String.raw`'(?:\\.|[^\\'])'?`, ...named("string.quoted.single") },
        ],
      },
    },
  };
}

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

export const builtInInstructions = BASE_ISA.instructions;
