/** What a program and an assembly hold: placing, tensors, layers, line table, symbols, references. */
import { describe, expect, it } from "vitest";
import { PRESETS } from "../config/index.ts";
import { BASE_ISA, disassemble, ENUMS } from "../isa/index.ts";
import { LineIndex } from "../program/index.ts";
import { requantisation } from "./directives/requant.ts";
import type { Assembly, Reference } from "./model.ts";
import { parseFile, reparseFile } from "./syntax/file.ts";
import { assembleText, bytesAt, memoryHost, wordsAt } from "./testing.ts";

const DM = 0x10000000;
const WM = 0x20000000;
const DDR = 0x80000000;

/** The program's code as text. */
function code(assembly: Assembly, count: number): string[] {
  return wordsAt(assembly, 0, count).map((word, index) => disassemble(BASE_ISA, word, 4 * index) ?? "?");
}

const value = (assembly: Assembly, name: string) => assembly.symbols.get(name)?.value;

describe("sections", () => {
  it("go to the memories that their names and flags say", () => {
    const assembly = assembleText(`
      .section .ddr.b ; .word 1
      .bss ; .space 3
      .data ; .word 2
      .section .wm.x ; .word 3
      .section .dm.y, "aw" ; .word 4
      .rodata ; .byte 5
      .section .mine, "ax" ; nop
      .section .hers, "aw", @nobits ; .space 8
      .text ; nop
      .section .text.late ; nop`);
    expect(assembly.diagnostics).toEqual([]);
    expect(assembly.sections.map(({ name, memory, address, bytes }) => [name, memory, address, bytes])).toEqual([
      [".text", "pm", 0, 8],
      [".mine", "pm", 8, 4],
      [".rodata", "dm", DM, 1],
      [".data", "dm", DM + 1, 4],
      [".dm.y", "dm", DM + 5, 4],
      [".bss", "dm", DM + 12, 3],
      [".hers", "dm", DM + 15, 8],
      [".wm.x", "wm", WM, 4],
      [".ddr.b", "ddr", DDR, 4],
    ]);
    const [text] = assembly.program!.segments;
    expect(text).toMatchObject({ address: 0, memoryBytes: 12, executable: true, writable: false });
  });

  it("end where symbols of the layout say, for programs that don't define them", () => {
    const assembly = assembleText(
      "la sp, __stack_top\nla a0, __bss_start\n.bss\n.space 5\n.data\n.word __bss_end, _end",
    );
    expect(assembly.diagnostics).toEqual([]);
    expect(wordsAt(assembly, DM, 2)).toEqual([DM + 16, DM + 16]);
    const names = assembly.program!.symbols.map(({ name, address }) => [name, address]);
    expect(names).toContainEqual(["__stack_top", DM + 512 * 1024]);
    expect(names).toContainEqual(["__bss_start", DM + 8]);
    const own = assembleText("nop\n.data\n.word __stack_top\n.equ __stack_top, 64");
    expect(wordsAt(own, DM, 1)).toEqual([64]);
  });

  it("begin where their alignment allows", () => {
    const assembly = assembleText("nop\n.rodata\n.byte 1\n.data\n.align 4\nx: .word 1");
    expect(value(assembly, "x")).toBe(DM + 16);
  });

  it("the program starts at _start, or where .text begins", () => {
    expect(assembleText("nop\nnop").program?.entry).toBe(0);
    expect(assembleText("nop\n_start: nop").program?.entry).toBe(4);
    expect(assembleText('.section .ddr.code, "ax"\n_start: nop').program?.entry).toBe(DDR);
  });
});

describe(".tensor", () => {
  const word = (assembly: Assembly, name: string, field: keyof typeof ENUMS.tdfield) =>
    wordsAt(assembly, value(assembly, name)! + 4 * ENUMS.tdfield[field], 1)[0]! | 0;

  it("writes the descriptor of a dense tensor and reserves its elements", () => {
    const assembly = assembleText(
      "nop\n.tensor t, int8, 2, 5, 6, 3, zp=-7, scale=0.5, in=dm\n.tensor u, int16, 1, 1, 1, 1, in=dm",
    );
    expect(assembly.diagnostics).toEqual([]);
    const t = value(assembly, "t")!;
    expect(t % 16).toBe(0);
    const base = value(assembly, "t.base")!;
    expect(base % 64).toBe(0);
    expect(value(assembly, "u.base")).toBe(base + 192);
    const words = wordsAt(assembly, t, 16).map((unsigned) => unsigned | 0);
    expect(words).toEqual([base, 2, 5, 6, 3, 90, 18, 3, 1, 0, -7, 0, 0x3f000000, 0, 0, 0]);
    expect(["n", "h", "w", "c", "bytes", "zp"].map((field) => value(assembly, `t.${field}`))).toEqual([
      2, 5, 6, 3, 180, -7,
    ]);
    expect(assembly.symbols.get("t")).toMatchObject({
      kind: "tensor",
      bytes: 64,
      tensor: { name: "t", base, scale: 0.5 },
    });
    expect(assembly.program?.tensors[0]).toEqual({
      name: "t",
      descriptorAddress: t,
      base,
      dtype: "int8",
      layout: "nhwc",
      dims: [2, 5, 6, 3],
      strides: [90, 18, 3, 1],
      zeroPoint: -7,
      table: 0,
      scale: 0.5,
    });
  });

  it("knows layouts and types below a byte", () => {
    const assembly = assembleText(`nop
      .tensor a, int16, 1, 4, 5, 3, layout=nchw, in=ddr
      .tensor b, int4, 1, 2, 2, 3, in=wm
      .tensor c, bit, 1, 1, 1, 20, in=dm`);
    expect((["sn", "sh", "sw", "sc"] as const).map((field) => word(assembly, "a", field))).toEqual([120, 10, 2, 40]);
    expect(word(assembly, "a", "type")).toBe(ENUMS.dtype.int16 | (ENUMS.layout.nchw << 8));
    expect([value(assembly, "b.bytes"), value(assembly, "c.bytes")]).toEqual([8, 3]);
    expect([value(assembly, "a.base"), value(assembly, "b.base")]).toEqual([DDR, WM]);
  });

  it("blocks weights for the configuration's array", () => {
    const source =
      "nop\n.tensor w, int8, 20, 3, 3, 5, layout=blocked, in=wm\n.tensor d, int8, 1, 3, 3, 20, layout=blocked, in=wm";
    const assembly = assembleText(source);
    expect([value(assembly, "w.bytes"), value(assembly, "d.bytes")]).toEqual([32 * 16 * 9, 32 * 9]);
    expect(word(assembly, "w", "block")).toBe(16 | (16 << 16));
    expect(assembly.program?.facts).toEqual({ isaVersion: 1, cip: 16, cop: 16 });
    expect(value(assembleText(source, {}, PRESETS.nn32), "w.bytes")).toBe(20 * 8 * 9);
    expect(assembleText("nop").program?.facts).toEqual({ isaVersion: 1 });
  });

  it("takes an address or another tensor's storage, also one defined below", () => {
    const assembly = assembleText(`nop
      .tensor view, int8, 1, 2, 2, 4, at=whole.base + 16, table=factors
      .tensor whole, int8, 1, 4, 2, 4, in=dm
      .tensor later, int8, 1, 1, 1, 1, at=0
      .data
      factors: .word 1`);
    expect(assembly.diagnostics).toEqual([]);
    expect(word(assembly, "view", "base")).toBe(value(assembly, "whole.base")! + 16);
    expect(word(assembly, "view", "table")).toBe(value(assembly, "factors"));
    expect(assembly.program?.tensors.map(({ name, base }) => [name, base])).toEqual([
      ["view", value(assembly, "whole.base")! + 16],
      ["whole", value(assembly, "whole.base")],
      ["later", 0],
    ]);
  });

  it("is loaded by td.ld through a scratch register", () => {
    const assembly = assembleText(
      ".tensor t, int8, 1, 1, 1, 1, in=dm\ntd.ld td3, t\ntd.ld td4, t, a0\ntd.ld td5, (a1)\nnn.wait s0",
    );
    expect(code(assembly, 8)).toEqual([
      "auipc t6, 0x10000",
      "addi t6, t6, 0",
      "td.ld td3, (t6)",
      "auipc a0, 0x10000",
      "addi a0, a0, -12",
      "td.ld td4, (a0)",
      "td.ld td5, (a1)",
      "nn.wait s0, zero",
    ]);
  });
});

describe(".weights", () => {
  const bytes = Uint8Array.from({ length: 20 * 2 * 2 * 5 }, (_, index) => index + 1);
  const file = { w: bytes };

  it("takes a file as it is, or arranged for the array", () => {
    const source =
      'nop\n.weights plain, int8, 20, 2, 2, 5, "w"\n.weights blocked, int8, 20, 2, 2, 5, "w", zp=9, layout=blocked, in=dm';
    const assembly = assembleText(source, file);
    expect(assembly.diagnostics).toEqual([]);
    expect(bytesAt(assembly, value(assembly, "plain.base")!, bytes.length)).toEqual([...bytes]);
    const base = value(assembly, "blocked.base")!;
    const arranged = bytesAt(assembly, base, value(assembly, "blocked.bytes")!);
    // Element (o, kh, kw, i) of the OHWI file, looked for where the array reads it: co block, ci block, tap, co, ci.
    for (const [o, kh, kw, i] of [
      [0, 0, 0, 0],
      [17, 1, 0, 4],
      [19, 1, 1, 2],
      [3, 0, 1, 3],
    ] as const) {
      const tap = (Math.floor(o / 16) * 1 + 0) * 4 + kh * 2 + kw;
      expect(arranged[(tap * 16 + (o % 16)) * 16 + i]).toBe(bytes[((o * 2 + kh) * 2 + kw) * 5 + i]);
    }
    expect(arranged[5]).toBe(9);
    expect(assembly.program?.tensors.map(({ name, layout }) => [name, layout])).toEqual([
      ["plain", "nhwc"],
      ["blocked", "blocked"],
    ]);
  });

  it("packs elements below a byte", () => {
    const source = 'nop\n.weights q, int4, 1, 1, 1, 3, "q", layout=blocked, in=dm';
    const assembly = assembleText(source, { q: Uint8Array.of(0x21, 0x03) });
    expect(bytesAt(assembly, value(assembly, "q.base")!, 8)).toEqual([0x21, 0x03, 0, 0, 0, 0, 0, 0]);
  });
});

describe(".requant and .bias", () => {
  it("place table entries", () => {
    const assembly = assembleText("nop\n.data\n.requant -5, 1 << 30, 33\n.requant 7, 0.25\n.bias 3, -4");
    expect(wordsAt(assembly, DM, 16).map((word) => word | 0)).toEqual([
      -5,
      2 ** 30,
      33,
      0,
      7,
      2 ** 30,
      32,
      0,
      3,
      2 ** 30,
      30,
      0,
      -4,
      2 ** 30,
      30,
      0,
    ]);
  });

  it("round a factor to the nearest multiplier and shift", () => {
    for (const factor of [0.0012345, 0.9999999999, 1e-9, 123.456, 2 ** 29.5]) {
      const { multiplier, shift } = requantisation(factor)!;
      expect(multiplier).toBeGreaterThanOrEqual(2 ** 30);
      expect(multiplier).toBeLessThan(2 ** 31);
      expect(Math.abs(multiplier / 2 ** shift / factor - 1)).toBeLessThan(2 ** -30);
    }
    expect([requantisation(0), requantisation(-1), requantisation(1e-12), requantisation(2 ** 31)]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe(".layer", () => {
  it("numbers layers and places nn.layer", () => {
    const assembly = assembleText('.layer "one"\nnop\n.layer "two"\nnop');
    expect(code(assembly, 4)).toEqual(["nn.layer 1", "addi zero, zero, 0", "nn.layer 2", "addi zero, zero, 0"]);
    expect(assembly.program?.layers).toEqual([
      { id: 1, name: "one" },
      { id: 2, name: "two" },
    ]);
    expect(assembly.layers[1]?.range.start).toEqual({ line: 2, character: 7 });
  });
});

describe("files", () => {
  it("are included once parsed, and every file is a dependency", () => {
    const assembly = assembleText('.include "lib"\n.include "lib"\n.data\nd: .incbin "b", 1, 2', {
      lib: ".ifndef GUARD\n.equ GUARD, 1\nhelper: ret\n.endif\n",
      b: Uint8Array.of(1, 2, 3, 4),
    });
    expect(assembly.files.map((file) => file.name)).toEqual(["main.nnasm", "lib"]);
    expect(assembly.dependencies).toEqual(["main.nnasm", "lib", "b"]);
    expect(assembly.includes.map(({ from, to, range }) => [from, to, range.start.line])).toEqual([
      ["main.nnasm", "lib", 0],
      ["main.nnasm", "lib", 1],
    ]);
    expect(bytesAt(assembly, value(assembly, "d")!, 2)).toEqual([2, 3]);
    expect(assembly.symbols.get("helper")?.file).toBe("lib");
  });

  it("may be parsed by the caller, who keeps the trees", () => {
    const kept = new Map<string, ReturnType<typeof parseFile>>();
    const parse = (name: string, text: string) => {
      const known = kept.get(name);
      const file = known ? reparseFile(known, text) : parseFile(name, text);
      kept.set(name, file);
      return file;
    };
    const first = assembleText("a: nop\nb: j a\n", {}, PRESETS.default, { parse });
    const second = assembleText("a: nop\nnop\nb: j a\n", {}, PRESETS.default, { parse });
    expect([value(first, "b"), value(second, "b")]).toEqual([4, 8]);
    expect(second.files[0]).toBe(kept.get("main.nnasm"));
  });

  it("take values from outside", () => {
    const defines = new Map([["N", 7]]);
    expect(code(assembleText(".ifdef N\nli a0, N\n.endif", {}, PRESETS.default, { defines }), 1)).toEqual([
      "addi a0, zero, 7",
    ]);
  });

  it("that don't exist are an error at the entry", () => {
    const host = memoryHost({});
    const [diagnostic] = assembleText("", {}, PRESETS.default, { entry: "gone", host }).diagnostics;
    expect(diagnostic?.id).toBe("missing-entry");
  });
});

describe("line table", () => {
  it("has a row a statement, with columns, and ends where code ends", () => {
    const { program } = assembleText('  nop ; li a0, 0x12345\n\n.data\n.word 1\n.section .ddr.c, "ax"\nl: ret');
    expect(program!.lines.map(({ address, line, column, code }) => [address, line, column, code])).toEqual([
      [0, 1, 3, true],
      [4, 1, 9, true],
      [12, 1, 9, false],
      [DDR, 6, 1, true],
      [DDR + 4, 6, 1, false],
    ]);
  });

  it("names the body's line inside macros; placements name the call", () => {
    const assembly = assembleText(".macro two r\nnop\naddi \\r, \\r, 1\n.endm\nnop\n two a0");
    const index = new LineIndex(assembly.program!);
    expect([0, 4, 8].map((address) => index.placeOf(address)?.line)).toEqual([5, 2, 3]);
    expect(assembly.placements.map(({ line, address, words }) => [line, address, words?.length])).toEqual([
      [4, 0, 1],
      [5, 4, 1],
      [5, 8, 1],
    ]);
  });
});

describe("symbols", () => {
  const assembly = assembleText(`# Adds things up.
# Twice.
        .globl sum
        .type sum, @function
sum:    ret                  # comes back
        .size sum, . - sum
LIMIT = 4 * 8
        .equ LATE, end - start
        .data
start:  .word LIMIT, LATE
end:
        .weak nothing
        .word nothing
        .comm pool, 100, 16`);

  it("have kinds, values, sizes and documentation", () => {
    expect(assembly.diagnostics).toEqual([]);
    expect(assembly.symbols.get("sum")).toMatchObject({
      kind: "label",
      value: 0,
      section: ".text",
      bytes: 4,
      global: true,
      type: "function",
      documentation: "comes back",
    });
    expect(assembly.symbols.get("LIMIT")).toMatchObject({ kind: "equ", value: 32 });
    expect(assembly.symbols.get("LATE")).toMatchObject({ kind: "equ", value: 8 });
    expect(assembly.symbols.get("nothing")).toMatchObject({ kind: "external", weak: true, value: 0 });
    expect(assembly.symbols.get("pool")).toMatchObject({ kind: "common", bytes: 100, section: ".bss", global: true });
    expect(value(assembly, "pool")! % 16).toBe(0);
  });

  it("come out as ELF has them: local ones first, .L names dropped", () => {
    const { program } = assembleText(".globl a\na: nop\n.Lx: nop\nb: j .Lx\nC = 5");
    expect(program!.symbols).toEqual([
      { name: "b", address: 8, bytes: 0, kind: "none", global: false, absolute: false },
      { name: "C", address: 5, bytes: 0, kind: "none", global: false, absolute: true },
      { name: "a", address: 0, bytes: 0, kind: "none", global: true, absolute: false },
    ]);
  });
});

describe("references", () => {
  const text = `N = 3
f:      li a0, N + 1
1:      bnez a0, 1b
        call g
        beqz a0, 1f
1:      lw a1, %lo(data)(a2)
        .macro m x
        li \\x, N
        .endm
        m a0
        .if 0
        j f
        .endif
g:      ret
        .data
data:   .word f - g
        .tensor t, int8, 1, 1, 1, N, in=dm
        .word t.bytes`;
  const assembly = assembleText(text);
  const of = (name: string): string[] =>
    assembly.references
      .filter((reference: Reference) => reference.name === name)
      .map(({ range, kind }) => `${range.start.line + 1}:${range.start.character} ${kind}`);

  it("find definitions and uses, also where nothing is assembled", () => {
    expect(assembly.diagnostics).toEqual([]);
    expect(of("N")).toEqual(["1:0 write", "2:15 read", "8:15 read", "17:34 read"]);
    expect(of("f")).toEqual(["2:0 definition", "12:10 read", "16:14 read"]);
    expect(of("g")).toEqual(["4:13 call", "14:0 definition", "16:18 read"]);
    expect(of("data")).toEqual(["6:19 read", "16:0 definition"]);
    expect(of("m")).toEqual(["7:15 definition", "10:8 call"]);
    expect(of("t")).toEqual(["17:16 definition"]);
    expect(of("t.bytes")).toEqual(["18:14 read"]);
  });

  it("tell numeric labels of one name apart", () => {
    expect(of("1@main.nnasm:3")).toEqual(["3:0 definition", "3:17 read"]);
    expect(of("1@main.nnasm:6")).toEqual(["5:17 read", "6:0 definition"]);
    expect(assembly.symbols.get("1@main.nnasm:6")).toMatchObject({ kind: "local", value: 20 });
  });
});

describe("limits", () => {
  it("thousands of statements on one line, deep includes and large files are taken", () => {
    const files = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`f${index}`, index === 59 ? "nop" : `.include "f${index + 1}"\nnop`]),
    );
    const big = { big: new Uint8Array(10 * 2 ** 20).fill(1) };
    const source = `${"nop;".repeat(5000)}\n.include "f0"\n.section .ddr.x\n.incbin "big"`;
    const assembly = assembleText(source, { ...files, ...big });
    expect(assembly.diagnostics).toEqual([]);
    expect(assembly.program!.segments.map((segment) => segment.memoryBytes)).toEqual([4 * 5060, 10 * 2 ** 20]);
  });

  it("gigantic reservations end in a message, not in memory", () => {
    for (const statement of [".space 0xffffffff", ".fill 0x7fffffff, 8, 1", ".org 0x7fffffff", ".zero 0xffffffff, 1"]) {
      expect(assembleText(`nop\n.data\n${statement}`).diagnostics.map(({ id }) => id)).toEqual(["section-overflow"]);
    }
  });

  it("ten thousand macros", () => {
    const macros = Array.from(
      { length: 10_000 },
      (_, index) => `.macro m${index} r\naddi \\r, \\r, ${index % 2048}\n.endm\nm${index} a0\n`,
    );
    const assembly = assembleText(macros.join(""), {}, PRESETS.nn4096);
    expect(assembly.diagnostics.map(({ message }) => message)).toEqual([]);
    expect(assembly.program!.segments[0]!.bytes.length).toBe(40_000);
  });
});
