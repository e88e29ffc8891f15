import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { PSEUDO_INSTRUCTIONS } from "@nnasm/sim-core/asm";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import { beforeAll, describe, expect, test } from "vitest";
// Both packages are CommonJS without the export list that Node could read names from.
import oniguruma from "vscode-oniguruma";
import textmate, { type IGrammar } from "vscode-textmate";
import { staleFiles } from "../scripts/generate.ts";

const require = createRequire(import.meta.url);
let grammar: IGrammar;

beforeAll(async () => {
  const wasm = await readFile(require.resolve("vscode-oniguruma/release/onig.wasm"));
  await oniguruma.loadWASM(wasm);
  const text = await readFile(new URL("nnasm.tmLanguage.json", import.meta.url), "utf8");
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => oniguruma.createOnigScanner(patterns),
      createOnigString: (string) => oniguruma.createOnigString(string),
    }),
    loadGrammar: async () => textmate.parseRawGrammar(text, "nnasm.tmLanguage.json"),
  });
  const loaded = await registry.loadGrammar("source.nnasm");
  if (loaded === null) throw new Error("the grammar did not load");
  grammar = loaded;
});

/** `[text, innermost scope]` of every token of the lines that has a scope of its own; `.nnasm` is left out. */
function tokens(source: string): [string, string][] {
  const result: [string, string][] = [];
  let state = textmate.INITIAL;
  for (const line of source.split("\n")) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    for (const token of tokens) {
      const scope = token.scopes.at(-1) ?? "";
      const text = line.slice(token.startIndex, token.endIndex).trim();
      if (scope !== "source.nnasm" && text !== "") result.push([text, scope.replace(/\.nnasm$/, "")]);
    }
  }
  return result;
}

const scopeOf = (source: string, text: string): string | undefined => tokens(source).find(([t]) => t === text)?.[1];

test("generated files are up to date (npm run generate)", async () => {
  expect(await staleFiles()).toEqual([]);
});

test("every instruction of the table is coloured as a mnemonic by the unit that runs it", () => {
  for (const { mnemonic, row } of BASE_ISA.instructions) {
    const [first, scope] = tokens(`        ${row.example}   # comment`)[0] ?? [];
    expect(first).toBe(mnemonic);
    expect(scope, mnemonic).toMatch(/^(keyword\.(control|mnemonic)|support\.function\.mnemonic)\./);
    if (row.unit !== "cu" && row.timing === "issue") expect(scope).toBe(`support.function.mnemonic.${row.unit}`);
  }
});

test("every pseudo-instruction is coloured as one, or as the instruction whose name it shares", () => {
  for (const { mnemonic, example, operands } of PSEUDO_INSTRUCTIONS) {
    const [first, scope] = tokens(`        ${example}`)[0] ?? [];
    expect(first).toBe(mnemonic);
    if (BASE_ISA.get(mnemonic) !== undefined) continue;
    const jumps = operands.some(({ type }) => type === "target") || /^(call|tail|jump|jr|ret)$/.test(mnemonic);
    expect(scope, mnemonic).toBe(jumps ? "keyword.control.flow" : "keyword.mnemonic.pseudo");
  }
});

test("every operand of every example in the table gets the scope of its kind", () => {
  for (const { row } of BASE_ISA.instructions) {
    const all = tokens(row.example);
    const scopes = all.map(([, scope]) => scope);
    for (const operand of row.operands) {
      if (operand.type === "x") expect(scopes, row.example).toContain("variable.other.register.scalar");
      if (operand.type === "td") expect(scopes, row.example).toContain("support.type.register.tensor");
      if (operand.type === "csr") expect(scopes, row.example).toContain("support.constant.csr");
      if (operand.type === "enum" || operand.type === "set") {
        expect(scopes, row.example).toContain(`constant.language.${operand.values}`);
      }
    }
    expect(scopes, row.example).not.toContain("variable.other.constant.symbol");
  }
});

describe("statements", () => {
  test("label, instruction, operands, comment", () => {
    expect(tokens("loop:   lw a0, -0x10(sp) # load")).toEqual([
      ["loop", "entity.name.function.label"],
      [":", "punctuation.separator.label"],
      ["lw", "keyword.mnemonic.cu"],
      ["a0", "variable.other.register.scalar"],
      [",", "punctuation.separator"],
      ["-", "keyword.operator"],
      ["0x10", "constant.numeric.hex"],
      ["sp", "variable.other.register.scalar"],
      ["#", "punctuation.definition.comment"],
      ["load", "comment.line"],
    ]);
  });

  test("several statements on one line", () => {
    const all = tokens("addi a0, a0, 1; j loop // back");
    expect(all).toContainEqual(["addi", "keyword.mnemonic.cu"]);
    expect(all).toContainEqual(["j", "keyword.control.flow"]);
    expect(all).toContainEqual(["loop", "entity.name.function.label"]);
    expect(all.at(-1)).toEqual(["back", "comment.line"]);
  });

  test("a mnemonic in an operand or in a label is a symbol", () => {
    expect(scopeOf("j add", "add")).toBe("entity.name.function.label");
    expect(scopeOf("li a0, add", "add")).toBe("variable.other.constant.symbol");
    expect(scopeOf("add: nop", "add")).toBe("entity.name.function.label");
    expect(scopeOf("        j add_one", "add_one")).toBe("entity.name.function.label");
  });

  test("a longer name that begins with a mnemonic is not that mnemonic", () => {
    expect(scopeOf("nu.convolve td0", "nu.convolve")).toBe("entity.name.function.macro");
    expect(scopeOf("addx a0", "addx")).toBe("entity.name.function.macro");
    expect(scopeOf("fence.i", "fence.i")).toBe("keyword.mnemonic.cu");
  });

  test("named values are coloured only where an instruction takes them", () => {
    expect(scopeOf("nn.fence nu|dma0", "dma0")).toBe("constant.language.unit");
    expect(scopeOf("td.get a0, td1, h", "h")).toBe("constant.language.tdfield");
    expect(scopeOf("lw a0, h", "h")).toBe("variable.other.constant.symbol");
  });
});

describe("directives", () => {
  test(".tensor names a tensor and its attributes", () => {
    const all = tokens(".tensor image, int8, 1, 28, 28, 1, zp=-128, in=ddr, at=IMAGE");
    expect(all.slice(0, 2)).toEqual([
      [".tensor", "keyword.control.directive"],
      ["image", "entity.name.type.tensor"],
    ]);
    expect(all).toContainEqual(["int8", "constant.language"]);
    expect(all).toContainEqual(["zp", "variable.parameter"]);
    expect(all).toContainEqual(["ddr", "constant.language"]);
    expect(all).toContainEqual(["IMAGE", "variable.other.constant.symbol"]);
  });

  test(".equ names a constant, .macro a macro with parameters", () => {
    expect(scopeOf(".equ SIZE, 28*28", "SIZE")).toBe("variable.other.constant");
    expect(scopeOf(".macro copy from, to=1", "copy")).toBe("entity.name.function.macro");
    expect(scopeOf(".macro copy from, to=1", "to")).toBe("variable.parameter.macro");
    expect(scopeOf("lw a0, \\from", "\\from")).toBe("variable.parameter.macro");
  });

  test("strings keep comment signs and semicolons", () => {
    const all = tokens('.incbin "a#b;c//d" # data');
    expect(all.filter(([, scope]) => scope === "string.quoted.double").map(([text]) => text)).toContain("a#b;c//d");
    expect(all.at(-1)).toEqual(["data", "comment.line"]);
    expect(scopeOf('.ascii "a\\n"', "\\n")).toBe("constant.character.escape");
  });

  test("an unclosed string ends with its line", () => {
    expect(tokens('.ascii "abc\nnop').at(-1)).toEqual(["nop", "keyword.mnemonic.pseudo"]);
  });
});

test("block comments span lines and stand between tokens", () => {
  const all = tokens("/* one\ntwo */ nop\nadd a0, /* why */ a1, a2");
  expect(all).toContainEqual(["two", "comment.block"]);
  expect(all).toContainEqual(["nop", "keyword.mnemonic.pseudo"]);
  expect(all).toContainEqual(["a1", "variable.other.register.scalar"]);
  expect(all).toContainEqual(["a2", "variable.other.register.scalar"]);
});

test("numbers, local labels and relocations", () => {
  expect(scopeOf("li a0, 0b101", "0b101")).toBe("constant.numeric.binary");
  expect(scopeOf("bnez a0, 1b", "1b")).toBe("variable.other.label.local");
  expect(scopeOf("1:", "1")).toBe("entity.name.function.label");
  expect(scopeOf("addi a0, a0, %lo(table)", "%lo")).toBe("keyword.operator.relocation");
  expect(scopeOf("li a0, 'x'", "'x'")).toBe("string.quoted.single");
});

test("the sample network holds no statement that the grammar takes for a macro", async () => {
  for (const file of ["fashion.nnasm", "tensors.nnasm"]) {
    const source = await readFile(new URL(`../test-fixtures/fashion-mnist/${file}`, import.meta.url), "utf8");
    const all = tokens(source);
    expect(all.length).toBeGreaterThan(100);
    expect(all.filter(([, scope]) => scope === "entity.name.function.macro")).toEqual([]);
  }
});
