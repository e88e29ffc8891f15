import { parseFile } from "@nnasm/sim-core/asm";
import { PRESETS } from "@nnasm/sim-core/config";
import { describe, expect, test } from "vitest";
import { type FixtureOptions, fixture } from "../../testing/fixture.ts";
import { allDirectives, EXAMPLES } from "../directives.ts";
import { allForms } from "../forms.ts";
import { completionsAt, documentationOf, type ListFolder } from "./complete.ts";
import type { Completion } from "./items.ts";

const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  "": ["main.nnasm", "weights.bin", "lib/", "nnp.json"],
  "lib/": ["conv.nnasm", "table.bin"],
};
const list: ListFolder = (path) =>
  (FOLDERS[path] ?? []).map((name) => ({ name: name.replace("/", ""), isFolder: name.endsWith("/") }));

function complete(source: string, options?: FixtureOptions): readonly Completion[] {
  const snapshot = fixture(source, options);
  return completionsAt(snapshot, snapshot.position, list)?.items ?? [];
}

const labels = (source: string, options?: FixtureOptions): string[] =>
  complete(source, options).map(({ label }) => label);

/** That exactly these labels are offered, in any order. */
function check(source: string, expected: readonly string[], options?: FixtureOptions): void {
  expect(labels(source, options).sort()).toEqual([...expected].sort());
}

/** That some labels are offered and others are not. */
function checkSome(source: string, wanted: readonly string[], unwanted: readonly string[] = []): void {
  const found = labels(source);
  expect(found).toEqual(expect.arrayContaining([...wanted]));
  for (const label of unwanted) expect(found).not.toContain(label);
}

describe("behind a whole operand nothing goes on", () => {
  test.each([
    "N = 1\nadd a0, a1, a2 |",
    "N = 1\nli a0, 12 |",
    "N = 1\nli a0, (N) |",
    "N = 1\n.word N |",
    "N = 1\nli a0, 0x1|",
    "N = 1\nli a0, 'a|",
  ])("%s", (source) => check(source, []));

  test("but behind an operator, and where blanks separate operands", () => {
    checkSome("N = 1\nli a0, N + |", ["N"]);
    checkSome("N = 1\n.if N == |\n.endif", ["N"]);
    checkSome(".macro m a b\n.endm\nm a0 |", ["a1"]);
    check("1: nop\nj 1|", ["1b"]);
  });
});

test("names of a macro's parameters that its call can still give", () => {
  const source = ".macro m reg:req, by=1, n = 4\n.endm\n";
  checkSome(`${source}m |`, ["reg=", "by=", "n="]);
  checkSome(`${source}m a0, |`, ["by=", "n="], ["reg="]);
  checkSome(`${source}m a0, n=3, |`, [], ["n=", "by="]);
  checkSome(`${source}m a0, by=|`, ["a1"], ["n="]);
});

describe("what directives take in quotes and by name", () => {
  test("ids for .nowarn, those that aren't given yet", () => {
    checkSome('.nowarn "|"', ["unused-result", "value-truncated"], ["next"]);
    checkSome('.nowarn "unused-result", "|', ["race"], ["unused-result"]);
    check('.nowarn "unused-result", |', ["next", "end"]);
  });

  test("flags of sections", () => check('.section .mine, "|"', ["a", "aw", "ax"]));

  test("files of .weights and .expect", () => {
    checkSome('.weights w, int8, 1, 1, 1, 1, "|"', ["weights.bin", "lib"]);
    checkSome('.expect x, int8, "|"', ["weights.bin"]);
    checkSome('.weights w, int8, 1, 1, 1, 1, "weights.bin", |', ["in=", "layout=", "zp="], ["at="]);
    check('.weights w, int8, 1, 1, 1, 1, "weights.bin", layout=|', ["nhwc", "blocked"]);
  });

  test("what .expect looks at", () => {
    const source = ".tensor t, int8, 1, 1, 1, 1, in=dm\nN = 1\n.text\nmain: nop\n.expect ";
    checkSome(`${source}|`, ["a0", "t", "main"]);
    checkSome(`${source}a0 == |`, ["N"], ["a1"]);
    check(`${source}a0 == 1, |`, ["at="]);
    checkSome(`${source}a0 == 1, at=|`, ["main"]);
    checkSome(`${source}main, |`, ["int8", "int32"]);
    checkSome(`${source}t, |`, ["N"], ["int8"]);
  });
});

describe("statements", () => {
  test("instructions, pseudo-instructions, directives", () => {
    checkSome("|", ["add", "nu.conv", "li", "td.ld", ".word", ".tensor", ".macro"], [".endm", ".endif", ".else"]);
    checkSome("loop: nn.w|", ["nn.wait"]);
  });

  test("the unit that executes an instruction", () => {
    const unit = (label: string) => complete("|").find((item) => item.label === label)?.description;
    expect(["add", "nu.conv", "vu.add", "dma.ld", "li"].map(unit)).toEqual(["CU", "NU", "VU", "DMA", "pseudo"]);
  });

  test("macros only behind their definition, through includes", () => {
    checkSome(".macro twice\n.endm\n|", ["twice"]);
    checkSome("|\n.macro twice\n.endm", [], ["twice"]);
    checkSome('#- main.nnasm\n.include "m.nnasm"\n|\n#- m.nnasm\n.macro twice\n.endm', ["twice"]);
    checkSome('#- main.nnasm\n|\n.include "m.nnasm"\n#- m.nnasm\n.macro twice\n.endm', [], ["twice"]);
    checkSome('#- main.nnasm\n.macro twice\n.endm\n.include "m.nnasm"\n#- m.nnasm\n|', ["twice"]);
  });

  test("what closes a block only in that block", () => {
    checkSome(".macro m\n|", [".endm", ".exitm"], [".endr", ".endif", ".else"]);
    checkSome(".macro m\n.if 1\n|", [".endif", ".else", ".elseif", ".exitm"], [".endm", ".endr"]);
    checkSome(".if 1\n.endif\n|", [], [".endif"]);
  });

  test("no instructions in data sections", () => {
    checkSome(".data\n|", [".word", ".text"], ["add", "li"]);
    checkSome('.section .hot, "ax"\n|', ["add"]);
    checkSome(".data\n.text\n|", ["add"]);
    checkSome(".pushsection .rodata\n.popsection\n|", ["add"]);
    checkSome('#- main.nnasm\n.data\n.include "d.nnasm"\n#- d.nnasm\n|', [".word"], ["add"]);
  });

  test("a macro's parameters in its body", () => {
    check(".macro m reg, by=1, rest:vararg\naddi \\r|", ["\\reg", "\\by", "\\rest"]);
    check(".irp r, a0, a1\nmv \\r|", ["\\r"]);
  });
});

describe("operands by type", () => {
  test("registers with their ABI names and what they are for", () => {
    const items = complete("add |");
    expect(items).toHaveLength(32);
    expect(items[10]).toMatchObject({
      label: "a0",
      kind: "register",
      detail: "x10 · argument and result; a call changes it",
    });
    expect(labels("add a0, x|")).toContain("x31");
  });

  test("tensor descriptor registers", () => {
    expect(labels("nu.conv td0, |")).toEqual(Array.from({ length: 32 }, (_, index) => `td${index}`));
  });

  test("constants that are in range, and the modifiers that the instruction has bits for", () => {
    const source = (line: string) => `.equ SMALL, 5\n.equ LARGE, 5000\nmain: ${line}`;
    check(source("addi a0, a0, |"), ["SMALL", "%lo", "%pcrel_lo"]);
    check(source("lui a0, |"), ["SMALL", "LARGE", "%hi", "%pcrel_hi"]);
    check(source("nu.window |"), ["SMALL"]);
    check(source("add a0, a0, |").replace("add ", "li "), []);
    check(source("li a0, |"), ["SMALL", "LARGE"]);
  });

  test("modifiers as soon as their sign is typed", () => {
    checkSome("x: lui a0, %|", ["%hi", "%pcrel_hi"], ["%lo", "x"]);
    check("lw a0, %l|", ["%lo", "%pcrel_lo"]);
  });

  test("anything for a macro", () => {
    checkSome(".equ N, 3\n.macro m a\n.endm\nm |", ["a0", "td3", "N"]);
  });

  test("the range of a pseudo-instruction's operand is that of its expansion", () => {
    check(".equ SMALL, 5\n.equ LARGE, 5000\nand a0, a0, a|", ["SMALL", ...labels("add |")]);
  });

  test("labels of code that the branch reaches, and numeric labels around it", () => {
    const far = ".space 8192\nfar: nop\n.data\nvalue: .word 1";
    check(`near: nop\n1: beq a0, a1, |\n${far}`, ["near", "1b"]);
    check(`near: nop\nj |\n1: nop\n${far}`, ["near", "far", "1f"]);
    check(`before: nop\nlp.setupi L0, 4, |\nnop\nnop\nafter: nop`, ["after"]);
  });

  test("tensors where a tensor belongs, addresses where an address does", () => {
    const data = ".tensor t, int8, 1, 2, 3, 4, in=dm\n.data\nvalue: .word 1\n.text\nmain: ";
    check(`${data}td.ld td0, |`, ["t"]);
    check(`${data}la a0, |`, ["t", "t.base", "value", "main"]);
    check(`${data}tail |`, ["main"]);
    check(`${data}lui a0, %hi(|`, ["t", "t.base", "value", "main"]);
  });

  test("a tensor's fields", () => {
    checkSome(".tensor t, int8, 1, 2, 3, 4, in=dm\n.text\nli a0, t.|", ["t.bytes", "t.c", "t.zp"], ["t", "t.base"]);
  });

  test("values, units, CSRs, sets", () => {
    check("td.type td0, |", ["int8", "uint8", "int16", "int32", "int4", "bit"]);
    check("nu.act |", ["none", "relu", "clamp"]);
    checkSome("csrr a0, |", ["mcycle", "mtvec", "lpcount0"]);
    check("fence r|", ["iorw", "rw", "r", "w", "i", "o", "ir", "ow"]);
    check("nn.fence nu\\||", ["cu", "vu", "xu", "dma0", "dma1"]);
  });

  test("units and channels that the machine has", () => {
    const dma = { ...PRESETS.default.dma, channels: 4 };
    check("dma.ld td0, td1, |", ["ch0", "ch1"]);
    check("dma.ld td0, td1, |", ["ch0", "ch1", "ch2", "ch3"], { config: { ...PRESETS.default, dma } });
  });

  test("the base register behind a parenthesis", () => {
    expect(labels("lw a0, 8(|)")).toContain("sp");
    expect(labels("lw a0, 8(|)")).not.toContain("%lo");
    expect(labels("x: lw a0, 8(|")).not.toContain("x");
    expect(labels("lw a0, %lo(x)(|")).toContain("t0");
    expect(labels("td.ld td0, (|)")).toContain("t0");
  });

  test("what the operands before leave open", () => {
    checkSome("main: jal |", ["a0", "main"]);
    check("main: jal a0, |", ["main"]);
  });

  test("nothing behind the last operand, in comments, in unknown instructions", () => {
    for (const source of ["nop |", "add a0, a1, a2, |", "nop # |", "unknown |", "mret |", 'li a0, "|"'])
      check(source, []);
  });
});

describe("directives' operands", () => {
  const tensor = ".tensor a, int8, 1, 1, 1, 1, ";
  test("tensors", () => {
    check(".tensor a, |", ["int8", "uint8", "int16", "int32", "int4", "bit"]);
    check(`${tensor}|`, ["in=", "at=", "zp=", "scale=", "table=", "layout="]);
    check(`${tensor}in=dm, zp=3, |`, ["scale=", "table=", "layout="]);
    check(`${tensor}in=|`, ["dm", "wm", "ddr"]);
    check(`.data\nplace: .word 1\n${tensor}at=|`, ["place"]);
  });

  test("symbols, constants, sections, types", () => {
    checkSome("main: nop\n.globl |", ["main"]);
    checkSome(".equ N, 4\nmain: nop\n.space |", ["N"], ["main"]);
    // Sizes and counts can't wait for what comes later.
    check(".data\n.equ N, 4\n.space |\n.equ M, 5\n", ["N"]);
    check(".data\n.equ N, 4\n.equ M, 5\n.equ X, -1\n.balign |", ["N"]);
    check(".data\n.equ N, 4\n.equ X, -1\n.rept |\n.endr", ["N"]);
    checkSome(".equ N, 4\nmain: nop\n.data\n.word |", ["N", "main"]);
    checkSome(".section |", [".text", ".rodata", ".ddr"]);
    check("main: nop\n.type main, |", ["@function", "@object"]);
    check("N = 3\nx = |", ["N", ...labels("N = 3\n.globl |").filter((label) => label === "x")]);
  });

  test("paths, folder by folder", () => {
    check('.include "|"', ["main.nnasm", "lib"]);
    check('.include "lib/|', ["conv.nnasm"]);
    check('.incbin "lib/t|"', ["conv.nnasm", "table.bin"]);
    const snapshot = fixture('.include "lib/co|"');
    expect(completionsAt(snapshot, snapshot.position, list)?.range).toEqual({
      start: { line: 0, character: 14 },
      end: { line: 0, character: 16 },
    });
  });
});

describe("what is inserted assembles", () => {
  /** Text of a snippet with its default texts. */
  const expanded = (snippet: string): string =>
    snippet
      .replace(/\$\{\d+:((?:[^\\}]|\\.)*)\}/g, (_, text: string) => text.replace(/\\(.)/g, "$1"))
      .replace(/\$0/g, "");
  const errors = (source: string) =>
    fixture(source.replaceAll("|", "\\|")).assembly.diagnostics.filter(({ severity }) => severity === "error");

  test("every instruction and pseudo-instruction", () => {
    const items = complete("|").filter(({ kind }) => kind === "instruction" || kind === "pseudo");
    expect(items).toHaveLength(allForms(fixture("").isa).size);
    for (const { snippet = "" } of items) {
      expect(`${snippet}: ${JSON.stringify(errors(`.text\n${expanded(snippet)}\n nop\n nop\n nop`))}`).toBe(
        `${snippet}: []`,
      );
    }
  });

  test.each([".text", ".data"])("every directive in %s", (section) => {
    for (const { label, kind, snippet, again } of complete(`${section}\n|`)) {
      if (kind !== "directive" || snippet === undefined || again) continue;
      // Names that the examples make up must be free, or known where they are used.
      const setup = "known: nop\n";
      const text = expanded(snippet).replace(/\bNAME\b/, label.startsWith(".if") ? "known" : "NAME");
      expect(`${label}: ${errors(`${setup}${section}\n${text}`).map(({ message }) => message)}`).toBe(`${label}: `);
    }
  });

  test("examples are of directives that exist", () => {
    const known = allDirectives().map(({ name }) => name);
    for (const name of Object.keys(EXAMPLES)) expect(known).toContain(name);
  });

  test("every offered operand", () => {
    const setup = ".equ N, 3\n.tensor t, int8, 1, 1, 1, 8, in=dm\n.data\nvalue: .word 1\n.text\nmain: nop\n";
    // Hardware loops need a body behind them.
    const padding = "\n nop\n nop\n nop\n";
    const height = padding.split("\n").length - 1;
    const firstLine = setup.split("\n").length - 1;
    let tried = 0;
    for (const [mnemonic, forms] of allForms(fixture("").isa)) {
      const examples = forms.map(({ example }) => example.slice(mnemonic.length).trim().split(/,\s*/));
      for (const operands of examples) {
        for (const index of operands.keys()) {
          const before = operands.slice(0, index);
          const offered = complete(`${setup}${mnemonic} ${[...before, "|"].join(", ")}${padding}`);
          // What follows may be that of any of the mnemonic's forms; an offset may go on with its base register.
          const lines = offered
            .filter(({ insert }) => insert === undefined)
            .map(({ label }) =>
              examples.flatMap((other) =>
                [label, `${label}(a0)`].map(
                  (text) => `${mnemonic} ${[...before, text, ...other.slice(index + 1)].join(", ")}`,
                ),
              ),
            );
          const all = lines.flat();
          const wrong = new Map(
            errors(`${setup}${all.map((line) => line + padding).join("")}`).map(({ range, message }) => [
              all[(range.start.line - firstLine) / height],
              message,
            ]),
          );
          for (const candidates of lines) {
            const right = candidates.some((line) => !wrong.has(line));
            expect(right ? "" : `${candidates[0]}: ${wrong.get(candidates[0])}`).toBe("");
            tried++;
          }
        }
      }
    }
    expect(tried).toBeGreaterThan(3000);
  });
});

test("documentation of an item", () => {
  const snapshot = fixture(".equ N, 3\n nop");
  expect(documentationOf(snapshot, "instruction", "nu.conv")).toContain("convolution");
  expect(documentationOf(snapshot, "directive", ".align")).toContain(".align power");
  expect(documentationOf(snapshot, "constant", "N")).toContain("3 = 0x3");
});

test("operands that follow stay when a mnemonic is completed", () => {
  const item = complete("ad| a0, a1, 1").find(({ label }) => label === "addi");
  expect(item?.snippet).toBeUndefined();
});

test("a file of one line end", () => {
  expect(parseFile("f", "\n").lines).toHaveLength(1);
  checkSome("\n|", ["add"]);
});
