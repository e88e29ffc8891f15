/** Every diagnostic of the catalogue: what provokes it, exactly where it is shown, and that it says the way out. */
import { describe, expect, it } from "vitest";
import { type LayoutConfig, PRESETS } from "../config/index.ts";
import { BASE_ISA } from "../isa/index.ts";
import { DIAGNOSTICS, type DiagnosticId } from "./catalogue/index.ts";
import { assembleObject } from "./index.ts";
import { assembleText, type Files, memoryHost } from "./testing.ts";

/** A source whose one diagnostic is the id, at the text between « and ». */
interface Case {
  readonly id: DiagnosticId;
  readonly source: string;
  readonly files?: Files;
  /** Part of the hint. */
  readonly hint?: string;
  readonly layout?: LayoutConfig;
  /** Found only where an object is made. */
  readonly object?: true;
}

const nested = (depth: number) => `${"(".repeat(depth)}1${")".repeat(depth)}`;

const CASES: readonly Case[] = [
  { id: "syntax", source: "add a0 «a1» a2" },
  { id: "syntax", source: "«?» nop" },
  { id: "syntax", source: `.word ${"(".repeat(200)}«(»${nested(5)}${")".repeat(201)}`, hint: "comma" },
  { id: "unterminated-string", source: '.data\n.ascii «"abc»' },
  { id: "unterminated-comment", source: "nop\n«/*» and so on\n" },
  { id: "bad-number", source: ".word «0x»" },
  { id: "bad-number", source: ".word «09»", hint: "octal" },
  { id: "bad-number", source: ".word «12abc»" },
  { id: "bad-character", source: ".word «'\\»" },
  { id: "bad-escape", source: 'nop\n.data\n.ascii «"a\\q"»' },
  { id: "missing-operand", source: ".byte 1,«»" },
  { id: "unknown-modifier", source: "lui a0, «%high»(5)" },

  { id: "unknown-mnemonic", source: "«adddi» a0, a1, 1", hint: "`addi`" },
  { id: "unknown-mnemonic", source: "«nu.convv» td0, td1, td2", hint: "`nu.conv`" },
  { id: "unknown-mnemonic", source: "«ld» a0, 0(a1)", hint: "RV64" },
  { id: "unknown-mnemonic", source: "«c.addi» a0, 1", hint: "the C extension" },
  { id: "unknown-mnemonic", source: "«amoadd.w.aqrl» a0, a1, (a2)", hint: "the A extension" },
  { id: "unknown-mnemonic", source: "«fmadd.s» ft0, ft1, ft2, ft3", hint: "the F and D extensions" },
  { id: "unknown-mnemonic", source: "«vle32.v» v0, (a0)", hint: "the V extension" },
  { id: "unknown-mnemonic", source: "«andn» a0, a1, a2", hint: "the B extension" },
  { id: "unknown-directive", source: "«.wrod» 1", hint: "`.word`" },
  { id: "operand-count", source: "«add a0, a1»", hint: "`add rd, rs1, rs2`" },
  { id: "operand-count", source: "«nop 1»" },
  { id: "operand-type", source: "addi a0, a1, «a2»", hint: "addi rd, rs1, imm" },
  { id: "operand-type", source: "sub a0, a1, «5»" },
  { id: "operand-type", source: "lw a0, «a1»", hint: "lw rd, offset(rs1)" },
  { id: "operand-type", source: "la a0, «a1»" },
  { id: "operand-type", source: 'addi a0, a1, «"x"»' },
  { id: "operand-type", source: "nu.conv td0, «a0», td1" },
  { id: "unknown-register", source: "add «A0», a1, a2", hint: "`a0`" },
  { id: "unknown-register", source: "add «x32», a1, a2" },
  { id: "unknown-register", source: "nn.wait «dma0»", hint: "`nn.fence dma0` waits" },
  { id: "unknown-register", source: "lw a0, 4(«spp»)", hint: "`sp`" },
  { id: "unknown-register", source: "nu.conv «td32», td0, td1", hint: "`td" },
  { id: "unknown-value", source: "nn.token a0, «nuu»", hint: "`nu`" },
  { id: "unknown-value", source: "nn.fence nu|«dma9»", hint: "`dma" },
  { id: "unknown-value", source: "fence «wr», rw", hint: "iorw" },
  { id: "unknown-csr", source: "csrr a0, «mstatuss»", hint: "`mstatus`" },
  { id: "out-of-range", source: "addi a0, a0, «2048»", hint: "-2048 .. 2047" },
  { id: "out-of-range", source: "addi a0, a0, «LATER»\n.equ LATER, -2049", hint: "-2048 .. 2047" },
  { id: "out-of-range", source: "slli a0, a0, «32»", hint: "0 .. 31" },
  { id: "out-of-range", source: "nu.window 3, 3, «0», 1", hint: "1 .. 31" },
  { id: "out-of-range", source: "li a0, «0x100000000»" },
  { id: "address-operand", source: "addi a0, a0, «here»\nhere: nop", hint: "%lo(here)" },
  { id: "address-operand", source: "here: lui a0, «here»" },
  { id: "target-out-of-range", source: "beq a0, a1, «far»\n.space 4096\nfar: nop", hint: "-4096 .. 4094" },
  { id: "target-misaligned", source: "beq a0, a1, «. + 9»" },
  { id: "pcrel-lo", source: "x: addi a0, a0, «%pcrel_lo(x)»" },
  { id: "data-misaligned", source: ".byte 1\n«nop»" },
  { id: "code-in-data", source: ".data\n«nop»", hint: ".text" },

  { id: "undefined-symbol", source: "counter: j «countr»", hint: "`counter`" },
  { id: "undefined-symbol", source: ".data\n.word 1, 2 + «nowhere»" },
  { id: "undefined-symbol", source: ".macro m a\naddi \\a, \\a, \\b\n.endm\n«m a0»", hint: ".macro name, b" },
  { id: "undefined-local", source: "j «1b»\n1: nop", hint: "above" },
  { id: "undefined-local", source: "1: j «1f»", hint: "below" },
  { id: "duplicate-symbol", source: "twice: nop\n«twice»: nop" },
  { id: "duplicate-symbol", source: ".equiv once, 1\n.equiv «once», 2" },
  { id: "circular-symbol", source: ".equ a, b + 1\n.equ b, «a» + 1\nnop" },
  { id: "not-constant", source: ".space «later»\nlater: nop" },
  { id: "not-constant", source: "nop\n.if «later»\n.endif\nlater: nop" },
  { id: "bad-expression", source: ".word «1.5»" },
  { id: "bad-expression", source: "x: .word -«x»".replace("-«x»", "«-x»") },
  { id: "bad-expression", source: ".word 1 + «a0»" },
  { id: "bad-expression", source: "nop\n.balign «3»" },
  { id: "bad-expression", source: "1: auipc a0, %pcrel_hi(«%pcrel_lo(1b)»)" },
  { id: "division-by-zero", source: ".word 1 / «0»" },
  { id: "register-name", source: "«a0»: nop" },
  { id: "value-truncated", source: "nop\n.data\n.byte «256»", hint: "0xff" },

  { id: "missing-include", source: '.include «"gone.nnasm"»', hint: "looked for gone.nnasm" },
  { id: "missing-include", source: '.data\n.incbin «"gone.bin"»' },
  { id: "include-depth", source: "nop" },
  { id: "missing-entry", source: "nop" },
  { id: "incbin-range", source: '.data\n.incbin "b", «9»', files: { b: new Uint8Array(8) } },
  { id: "incbin-short", source: '.data\n.incbin "b", 4, «5»', files: { b: new Uint8Array(8) } },

  { id: "directive-operands", source: "«.section»", hint: ".section name" },
  { id: "directive-operands", source: ".data\n.ascii «hello»" },
  { id: "directive-range", source: ".align «99»", hint: "0 .. 24" },
  { id: "directive-range", source: ".space «-1»" },
  { id: "directive-ignored", source: ".option «bogus»\nnop" },
  { id: "unsupported-option", source: ".option «rvc»", hint: "-march" },
  { id: "section-stack", source: "«.popsection»" },
  { id: "section-flags", source: '.section .foo, «"q"»' },
  { id: "section-data", source: ".bss\n«.word 5»" },
  { id: "section-not-loaded", source: "nop\n.section .mine\n«.word 5»" },
  { id: "section-not-loaded", source: "nop\n.section .dtaa\n«.word 5»", hint: "`.data`" },
  { id: "org-backwards", source: "nop\n.org «0»" },
  { id: "user-error", source: '«.error "stop"»' },
  { id: "user-warning", source: 'nop\n«.warning "careful"»' },

  { id: "user-note", source: 'nop\n«.print "passing by"»' },
  { id: "assertion", source: ".assert «end - start < 8»\nstart: nop\nnop\nend:" },
  { id: "unknown-value", source: '.nowarn «"value-truncate"»\nnop', hint: "`value-truncated`" },

  { id: "tensor-option", source: ".tensor t, int8, 1, 1, 1, 1, in=dm, «zero»=1" },
  { id: "tensor-option", source: ".tensor t, int8, 1, 1, 1, 1, in=dm, «layot»=nhwc", hint: "`layout`" },
  { id: "tensor-place", source: ".tensor «t», int8, 1, 1, 1, 1", hint: "in=dm" },
  { id: "tensor-place-twice", source: "nop\n.tensor t, int8, 1, 1, 1, 1, at=0, «in=dm»" },
  {
    id: "weights-size",
    source: '.weights w, int8, 2, 1, 1, 3, «"b"»',
    files: { b: new Uint8Array(5) },
    hint: "OHWI",
  },
  { id: "directive-range", source: ".data\n.requant 0, «0.0»", hint: "2^30" },
  { id: "directive-range", source: ".data\n.requant 0, 1 << 30, «63»", hint: "1 .. 62" },
  { id: "unknown-register", source: "nop\n.expect «a9» == 1", hint: "did you mean `a" },
  { id: "unknown-register", source: "nop\n.expect «A0» == 1", hint: "did you mean `a0`?" },
  { id: "expectation", source: "nop\n.data\nhere: .word 1\n.expect «here», 1", hint: "int8" },
  { id: "layer-count", source: '.rept 4095\n.layer "x"\n.endr\n«.layer "y"»' },
  { id: "directive-operands", source: ".tensor t, «shape=1», 2, 3, 4, int8", hint: ".tensor name, dtype, n, h, w, c" },
  { id: "unknown-value", source: ".tensor t, «int9», 1, 1, 1, 1, in=dm", hint: "`int8`" },
  { id: "directive-range", source: ".tensor t, int8, 1, 1, 1, 1, in=dm, zp=«200»", hint: "-128 .. 127" },

  { id: "unbalanced-block", source: "«.macro» m\nnop", hint: ".endm" },
  { id: "unbalanced-block", source: "«.if» 1\nnop", hint: ".endif" },
  { id: "unbalanced-block", source: "«.rept» 3\nnop" },
  { id: "stray-close", source: "«.endif»" },
  { id: "stray-close", source: "«.endm»" },
  { id: "macro-argument", source: ".macro m x:req\n.endm\n«m»" },
  { id: "macro-argument", source: ".macro m x\n.endm\n«m 1, 2»" },
  { id: "expansion-limit", source: ".macro m\nm\nm\n.endm\n«m»" },
  { id: "expansion-limit", source: "«.rept 0xffffffff»\nnop\n.endr" },

  {
    id: "section-unplaced",
    source: "nop\n.data\n«.word 1»",
    layout: { defaults: false, sections: [{ match: ".text", memory: "pm" }] },
    hint: ".data",
  },
  {
    id: "section-place",
    source: "nop\n.data\n«.word 1»",
    layout: { sections: [{ match: ".data", memory: "dm", at: "0x20000000" }] },
  },
  { id: "not-relocatable", object: true, source: "nop\n.data\n.word «elsewhere * 2»" },
  { id: "not-relocatable", object: true, source: "nop\n.data\n.half «elsewhere»" },
  { id: "not-relocatable", object: true, source: "addi a0, a0, «elsewhere»", hint: ".equ" },
  { id: "not-relocatable", object: true, source: "x: nop\n.globl alias\n«alias» = elsewhere + 4" },
  { id: "assertion-unchecked", object: true, source: "nop\n.assert «elsewhere < 4»" },
  { id: "section-overflow", object: true, source: "«.space 70000»\nnop", hint: "pm.bytes" },
  { id: "section-overflow", source: "«.space 70000»\nnop", hint: "pm.bytes" },
  { id: "section-overflow", source: "nop\n.data\n«.space 0xffffffff»", hint: "dm.bytes" },
  { id: "no-code", source: ".data\n.word 1" },
  { id: "bad-entry", source: "nop\n.data\n«_start»: .word 1" },
  { id: "too-many-errors", source: "nop" },
];

/** Not provoked by a marked source: tested on their own below. */
const APART: ReadonlySet<string> = new Set(["include-depth", "missing-entry", "no-code", "too-many-errors"]);

function unmark(marked: string): { text: string; line: number; start: number; end: number } {
  const before = marked.slice(0, marked.indexOf("«"));
  const line = before.split("\n").length - 1;
  const start = before.length - (before.lastIndexOf("\n") + 1);
  const inside = marked.slice(marked.indexOf("«") + 1, marked.indexOf("»"));
  return { text: marked.replace("«", "").replace("»", ""), line, start, end: start + inside.length };
}

describe("diagnostics", () => {
  for (const { id, source, files, hint, layout, object } of CASES.filter((entry) => !APART.has(entry.id))) {
    it(`${id}: ${source.slice(0, 60).replaceAll("\n", " ; ")}`, () => {
      const { text, line, start, end } = unmark(source);
      const config = layout ? { ...PRESETS.default, layout } : PRESETS.default;
      const host = memoryHost({ ...files, "main.nnasm": text });
      const made = object
        ? assembleObject({ entry: "main.nnasm", host, config, isa: BASE_ISA })
        : assembleText(text, files, config, { expansionLimit: 10_000 });
      const { diagnostics } = made;
      expect(diagnostics.map((diagnostic) => diagnostic.id)).toEqual([id]);
      const [diagnostic] = diagnostics;
      expect(diagnostic!.range).toEqual({ start: { line, character: start }, end: { line, character: end } });
      expect(diagnostic!.hint).toContain(hint ?? "");
      expect(("object" in made ? made.object : "program" in made ? made.program : undefined) === undefined).toBe(
        DIAGNOSTICS[id].severity === "error",
      );
    });
  }

  it("all stand in the catalogue and are tested", () => {
    const tested = new Set(CASES.map((entry) => entry.id));
    const known = Object.keys(DIAGNOSTICS) as DiagnosticId[];
    // Not reachable with the built-in rows: every scaled immediate is an offset.
    expect(known.filter((id) => !tested.has(id))).toEqual(["not-multiple"]);
    for (const id of known) {
      const { hint, explanation } = DIAGNOSTICS[id];
      expect(typeof hint === "function" || hint.length > 10).toBe(true);
      expect(explanation).toMatch(/\.$/);
    }
  });

  it("include-depth names the circle", () => {
    const { diagnostics } = assembleText('.include "a"', { a: '.include "b"', b: '.include "a"\nnop' });
    expect(diagnostics.map((d) => d.id)).toEqual(["include-depth"]);
    expect(diagnostics[0]!.message).toMatch(/a -> b -> a|b -> a -> b/);
  });

  it("a file may include itself a limited number of times", () => {
    const source =
      '.ifndef DEPTH\n.equ DEPTH, 0\n.endif\n.if DEPTH < 5\n.equ DEPTH, DEPTH + 1\nnop\n.include "main.nnasm"\n.endif';
    const { diagnostics, program } = assembleText(source);
    expect(diagnostics).toEqual([]);
    expect(program?.segments[0]?.bytes.length).toBe(20);
  });

  it("no-code and too many errors are told once", () => {
    expect(assembleText(".data\n.word 1").diagnostics.map((d) => d.id)).toEqual(["no-code"]);
    const many = assembleText(Array.from({ length: 3000 }, (_, index) => `bogus${index}`).join("\n")).diagnostics;
    expect(many.length).toBe(1001);
    expect(many.at(-1)!.id).toBe("too-many-errors");
  });

  it("come in the order of the source, also those found last", () => {
    const source = 'j nowhere\nbogus\n.include "lib"\n.byte late\nfake';
    const { diagnostics } = assembleText(source, { lib: "false\n j gone" });
    expect(diagnostics.map(({ file, range }) => [file, range.start.line])).toEqual([
      ["main.nnasm", 0],
      ["main.nnasm", 1],
      ["main.nnasm", 3],
      ["main.nnasm", 4],
      ["lib", 0],
      ["lib", 1],
    ]);
  });

  it("a second definition names the first", () => {
    const [diagnostic] = assembleText("x: nop\ny: nop\nx: nop").diagnostics;
    const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };
    expect(diagnostic!.related).toEqual([{ file: "main.nnasm", range, message: "first defined here" }]);
  });

  it("inside a macro the call is marked, and the body's line stands beside it", () => {
    const source =
      ".macro inner x\n  addi a0, a0, \\x\n.endm\n.macro outer y\n inner \\y\n.endm\n  outer 5000\n outer 5";
    const [diagnostic, ...rest] = assembleText(source).diagnostics;
    expect(rest).toEqual([]);
    expect(diagnostic!.id).toBe("out-of-range");
    expect(diagnostic!.range.start).toEqual({ line: 6, character: 2 });
    expect(diagnostic!.related?.map((place) => [place.range.start.line, place.message])).toEqual([
      [1, "in the body of macro `inner`"],
      [4, "in the body of macro `outer`"],
    ]);
  });

  describe("warnings are turned off", () => {
    const shown = (source: string, files?: Files) =>
      assembleText(source, files).diagnostics.map(({ id, file, range }) => `${id} ${file}:${range.start.line + 1}`);

    it("from the directive to the end of its file, also those found last", () => {
      const source =
        'nop\n.data\n.byte 256\n.nowarn "value-truncated"\n.byte 256\n.byte late\nlate = 300\n.include "lib"';
      expect(shown(source, { lib: ".byte 256" })).toEqual(["value-truncated main.nnasm:3", "value-truncated lib:1"]);
    });

    it("on the next line", () => {
      const source = 'nop\n.data\n.nowarn "value-truncated", next\n.byte 256\n.byte 256';
      expect(shown(source)).toEqual(["value-truncated main.nnasm:5"]);
    });

    it("up to where they are turned on again, each id for itself", () => {
      const source =
        'nop\n.data\n.nowarn "value-truncated", "bad-escape"\n.byte 256\n.nowarn "value-truncated", end\n' +
        '.byte 256\n.ascii "\\q"\n.nowarn "bad-escape", end; .ascii "\\q"';
      expect(shown(source)).toEqual(["value-truncated main.nnasm:6", "bad-escape main.nnasm:8"]);
    });

    it("where a macro is called, and in the macro itself for all its calls", () => {
      const loud = ".macro m\n.byte 256\n.endm\n";
      const quiet = '.macro q\n.nowarn "value-truncated", next\n.byte 256\n.byte 257\n.endm\n';
      const source = `${loud}${quiet}nop\n.data\nm\n.nowarn "value-truncated", next\nm\nq`;
      expect(shown(source)).toEqual(["value-truncated main.nnasm:11", "value-truncated main.nnasm:14"]);
    });

    it("but not errors, and nothing that is not off is turned on", () => {
      expect(shown('.nowarn "out-of-range"\nnop')).toEqual(["unknown-value main.nnasm:1"]);
      expect(shown('.nowarn "bad-escape", end\nnop')).toEqual(["stray-close main.nnasm:1"]);
      expect(shown('.nowarn "bad-escape", soon\nnop')).toEqual(["directive-operands main.nnasm:1"]);
      expect(shown(".nowarn next\nnop")).toEqual(["directive-operands main.nnasm:1"]);
    });
  });

  it("a full memory says by how much", () => {
    const small = { ...PRESETS.default, dm: { ...PRESETS.default.dm, bytes: 4096 } };
    const [diagnostic] = assembleText("nop\n.data\n.space 4000\n.bss\n.space 1000", {}, small).diagnostics;
    expect(diagnostic!.message).toBe("section .bss doesn't fit DM: 904 bytes too many (5000 of 4096)");
  });
});
