/** Assembling after edits gives what assembling from scratch gives: bytes, diagnostics, symbols, lines, references. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  type AssembleOptions,
  type Assembly,
  assemble,
  type ParsedFile,
  parseFile,
  Reassembler,
  reparseFile,
} from "@nnasm/sim-core/asm";
import { PRESETS } from "@nnasm/sim-core/config";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scaled } from "../../test/tools/external.ts";

const FIXTURES = path.resolve(import.meta.dirname, "..");

/** Everything that anybody can ask of an assembly. */
function everything(assembly: Assembly): unknown {
  const { program, diagnostics, layers, sections, references, placements, includes, dependencies } = assembly;
  const files = assembly.files.map(({ name, text }) => [name, text]);
  const named = { symbols: [...assembly.symbols], macros: [...assembly.macros] };
  return { program, diagnostics, layers, sections, references, placements, includes, dependencies, files, ...named };
}

function expectSame(actual: Assembly, expected: Assembly): void {
  const [a, b] = [everything(actual), everything(expected)];
  // The quick comparison says whether, the other one what.
  if (!isDeepStrictEqual(a, b)) expect(a).toEqual(b);
}

/** A program whose files are edited as in a language server: trees are kept, and the last result is. */
class Editor {
  readonly reassembler = new Reassembler();
  private readonly texts = new Map<string, string>();
  private readonly trees = new Map<string, ParsedFile>();
  private readonly bytes = new Map<string, Uint8Array>();
  private readonly entry: string;

  constructor(entry: string, texts: Readonly<Record<string, string>> = {}) {
    this.entry = entry;
    for (const [name, text] of Object.entries(texts)) this.texts.set(name, text);
  }

  text(file: string): string {
    return this.textOf(file) ?? "";
  }

  set(file: string, text: string): void {
    this.texts.set(file, text);
  }

  now(): Assembly {
    return this.reassembler.assemble({ ...this.options, parse: (name, text) => this.parse(name, text) });
  }

  fresh(): Assembly {
    return assemble(this.options);
  }

  private get options(): AssembleOptions {
    const host = {
      resolve: (from: string, relative: string) => path.join(path.dirname(from), relative),
      readText: (name: string) => this.textOf(name),
      readBytes: (name: string) => this.bytesOf(name),
    };
    return { entry: this.entry, host, config: PRESETS.default, isa: BASE_ISA, expansionLimit: 5000 };
  }

  private parse(name: string, text: string): ParsedFile {
    const before = this.trees.get(name);
    const tree = before ? reparseFile(before, text) : parseFile(name, text);
    // A tree that somebody has asked for is kept, and its lines remember.
    expect(tree.lines.length).toBeGreaterThanOrEqual(0);
    this.trees.set(name, tree);
    return tree;
  }

  private textOf(name: string): string | undefined {
    if (!this.texts.has(name)) {
      const bytes = this.bytesOf(name);
      if (bytes) this.texts.set(name, new TextDecoder().decode(bytes));
    }
    return this.texts.get(name);
  }

  private bytesOf(name: string): Uint8Array | undefined {
    const known = this.bytes.get(name);
    if (known) return known;
    try {
      const bytes = new Uint8Array(readFileSync(name));
      this.bytes.set(name, bytes);
      return bytes;
    } catch {
      return undefined;
    }
  }
}

const OPERANDS =
  "a0 a1 sp zero t6 a9 td0 td3 0 1 -1 4 12 -2048 2048 0xfffff 4096 x y LIMIT again far 1b 1f 2f . %hi(x) %lo(y) %pcrel_lo(1b) 4(sp) (a0) relu nu rw cycle image image.n done missing a0+1 (x) y-x far-x 'c' ".split(
    " ",
  );
const MNEMONICS =
  "add addi addx lw sw beq bnez j jal li la mv nop call td.ld nu.pad nu.act nn.wait csrr lui auipc ret mul step LI local fence".split(
    " ",
  );
const LINES = [
  "        addi a0, a0, 1",
  "x:      lw a1, 4(a0)",
  "again:",
  "1:      bnez a0, 1b",
  "        la a2, y",
  "        .equ LIMIT, LIMIT2 + 1",
  "        .set again, 3",
  "        .word x, y - x, 5",
  "        .data",
  "        .text",
  '        .section .rodata, "a"',
  "        .if LIMIT > 4",
  "        .else",
  "        .endif",
  "        .macro step reg, by=1",
  "        addi \\reg, \\reg, \\by",
  "        .endm",
  "        step a0",
  "        .rept 2",
  "        .endr",
  "        .align 3",
  "        nop ; nop",
  "        nop # a comment",
  "        # nothing but a comment",
  "        /* a comment",
  "        */",
  '        .include "part.nnasm"',
  "        .tensor image, int8, 1, 4, 4, 2, in=ddr",
  '        .nowarn "value-truncated"',
  "        .byte 300",
  '        .layer "conv"',
  "        .globl x",
  "        .size x, . - x",
  "",
];

const INSTRUCTIONS = [
  "        addi a0, a0, 1",
  "        add a1, a1, a0 # a comment",
  "        bnez a0, 1b",
  "        beqz a0, done",
  "        j x",
  "        jal x0, 1f",
  "        li t1, LIMIT",
  "        li a0, 0x12345",
  "        la a2, y",
  "        la a2, x",
  "        lui a6, %hi(y)",
  "        addi a0, a0, done - x",
  "        li a0, done - x",
  "        beq a0, a1, . + 8",
  "        call x",
  "        addi a0, a0, missing",
  "        adi a0, a0, 1",
  "        td.ld td1, image",
  "        addi a0, a0, 5000",
];

/** A source with something of everything, in which edits find what may depend on them. */
const SOURCE = `# A program.
        .equ    LIMIT, 8
        .equ    again, 1
        .set    again, 2
        .equ    later, end - x
        .macro  step reg, by=1
        addi    \\reg, \\reg, \\by
        .ifnb \\by
        nop
        .endif
        .endm
        .text
        .globl  _start
_start: li      a7, 93
        li      t0, LIMIT
        li      t1, far
        addi    a0, zero, LIMIT
        addi    a1, zero, again
        .if LIMIT > 4
        add     s0, s0, t2
        .else
        sub     s0, s0, t2
        .endif
1:      lw      t2, 0(t0)
        add     s0, s0, t2
        addi    t0, t0, 4
        bnez    t0, 1b
        beqz    t0, 1f
        bne     a0, a1, done
        beq     a0, a1, x
        .rept 2
        addi    a3, a3, 1
        .endr
        step    a0
        step    a0, 3
x:      addi    a0, a0, 1
        la      a2, image
        td.ld   td0, image
        nu.pad  1, 1, 1, 1
        nu.act  relu
        addi    a4, zero, image.n
        .layer  "conv"
        nn.token a0, nu
        nn.wait a0
1:      auipc   a5, %pcrel_hi(y)
        addi    a5, a5, %pcrel_lo(1b)
        lui     a6, %hi(y)
        addi    a6, a6, %lo(y)
        lui     t3, %hi(0x12345)
        ori     t3, t3, end - x
        csrr    t4, cycle
done:   mv      a0, s0
        lw      ra, 12(sp) # what was kept
        call    x
        tail    part
        .include "part.nnasm"
end:    ret
        .tensor image, int8, 1, 4, 4, 2, in=ddr
        .equ    far, 40000
        .data
y:      .word   1, x, end - x
        .byte   300
        .assert LIMIT == 8, "the limit"
`;

const PART = `part:   addi    a0, a0, 2
        add     a1, a1, a0
        li      t0, LIMIT + 1
        j       done
        ret
`;

/** One change of a text, given by numbers. */
interface Edit {
  readonly kind:
    | ("operand" | "mnemonic" | "type" | "cut" | "comment" | "size")
    | ("insert" | "delete" | "double" | "new" | "empty" | "undo");
  readonly line: number;
  readonly at: number;
  readonly pick: number;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom<Edit["kind"][]>(
    ...(["operand", "operand", "operand", "mnemonic", "mnemonic", "type", "undo", "undo", "comment"] as const),
    ...(["insert", "delete", "double", "cut", "new", "new", "empty", "delete", "double", "size"] as const),
  ),
  line: fc.nat(),
  at: fc.nat(),
  pick: fc.nat(),
});

const pick = <T>(list: readonly T[], number: number): T => list[number % list.length]!;

function edited(text: string, before: string, { kind, line, at, pick: chosen }: Edit): string {
  let choice = chosen;
  if (kind === "undo") return before;
  const lines = text.split("\n");
  const index = line % lines.length;
  const now = lines[index]!;
  const [, head = "", mnemonic = "", rest = ""] = /^(\s*(?:\w+:)?\s*)([\w.]*)(.*)$/.exec(now) ?? [];
  switch (kind) {
    case "operand": {
      const operands = rest.split(",");
      operands[at % operands.length] = ` ${pick(OPERANDS, choice)}`;
      lines[index] = head + mnemonic + operands.join(",");
      break;
    }
    case "mnemonic":
      lines[index] = head + (at % 2 === 0 ? pick(MNEMONICS, choice) : `${mnemonic}x`) + rest;
      break;
    case "comment":
      lines[index] = `${now.replace(/\s*#.*/, "")} # ${choice % 9}`;
      break;
    case "type":
      lines[index] =
        now.slice(0, at % (now.length + 1)) + pick([...'x1,( #;:"'], choice) + now.slice(at % (now.length + 1));
      break;
    case "insert":
      lines.splice(index, 0, pick(LINES, choice));
      break;
    case "new":
      // Some at a time, as when something is pasted.
      lines.splice(index, at % 2, ...Array.from({ length: 1 + (choice % 3) }, () => pick(INSTRUCTIONS, choice++)));
      break;
    case "empty":
      lines.splice(index, 0, pick(["", "        # a comment", "        /* a\n comment */"], choice));
      break;
    case "size":
      lines[index] = head + pick(["li a0, 1", "li a0, 0x12345", "la a2, y", "nop"], choice);
      break;
    case "delete":
      lines.splice(index, 1);
      break;
    case "double":
      lines.splice(index, 0, now);
      break;
    case "cut":
      lines[index] = now.slice(0, at % (now.length + 1));
      break;
  }
  return lines.join("\n");
}

/** Makes the edits one after another, and compares after each; also what was given before the edit. */
function follow(editor: Editor, files: readonly string[], edits: readonly Edit[]): void {
  let last = editor.now();
  let lastFresh = editor.fresh();
  const befores = new Map(files.map((file) => [file, editor.text(file)]));
  for (const each of edits) {
    const file = pick(files, each.line >> 8);
    const text = editor.text(file);
    editor.set(file, edited(text, befores.get(file)!, each));
    befores.set(file, text);
    const isAskedEarly = each.pick % 3 === 0;
    if (isAskedEarly) expectSame(last, lastFresh);
    const now = editor.now();
    const fresh = editor.fresh();
    if (each.pick % 5 === 0) expectSame(last, lastFresh);
    // Some ask for diagnostics alone: what else there is must then be made from what comes later.
    if (each.at % 2 === 0) expectSame(now, fresh);
    else expect(now.diagnostics).toEqual(fresh.diagnostics);
    last = now;
    lastFresh = fresh;
  }
  expectSame(last, lastFresh);
}

describe("assembling after edits", () => {
  it("gives what assembling from scratch gives, whatever the edits are", { timeout: scaled(60_000, 3_600_000) }, () => {
    let edits = 0;
    let revisions = 0;
    fc.assert(
      fc.property(fc.array(edit, { minLength: 4, maxLength: 12 }), fc.boolean(), (list, isAnchored) => {
        // Written anchors of distances make every edit one of the whole program.
        const main = isAnchored ? SOURCE : SOURCE.replace(/.*%pcrel.*\n/g, "");
        const editor = new Editor("main.nnasm", { "main.nnasm": main, "part.nnasm": PART });
        follow(editor, ["main.nnasm", "main.nnasm", "main.nnasm", "part.nnasm"], list);
        edits += list.length;
        revisions += editor.reassembler.revisions;
      }),
      { numRuns: scaled(40, 5000) },
    );
    const start = new Editor("main.nnasm", { "main.nnasm": SOURCE, "part.nnasm": PART });
    expect(start.now().program).toBeDefined();
    // Otherwise the test would compare assembling from scratch with itself.
    expect(revisions).toBeGreaterThan(edits / 10);
  });

  const fixtures = readdirSync(FIXTURES, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".nnasm"))
    .sort()
    .map((name) => path.join(FIXTURES, name));
  it("gives it for real programs", { timeout: scaled(60_000, 3_600_000) }, () => {
    expect(fixtures.length).toBeGreaterThan(10);
    let revisions = 0;
    fc.assert(
      fc.property(fc.nat(), fc.array(edit, { minLength: 1, maxLength: 6 }), (number, list) => {
        const file = pick(fixtures, number);
        const editor = new Editor(file);
        follow(editor, [file], list);
        revisions += editor.reassembler.revisions;
      }),
      { numRuns: scaled(25, 3000) },
    );
    expect(revisions).toBeGreaterThan(0);
  });

  const TYPED = `        .text
        .globl  _start
        .p2align 2
_start: li      t0, 8
        la      a2, table
loop:   lw      a1, 0(a2)
        add     a0, a0, a1
        addi    t0, t0, -1
        bnez    t0, loop
        beqz    a0, done
        call    other
done:
        ret
        .size   _start, . - _start

other:  addi    a0, a0, 1
        ret
        .data
table:  .word   1, 2, other
`;
  const edits: readonly (readonly [name: string, from: string, to: string, taken: boolean])[] = [
    ["an empty line", "        add     a0, a0, a1\n", "        add     a0, a0, a1\n\n", true],
    ["an empty line among directives", "        .globl  _start\n", "\n        .globl  _start\n", true],
    ["comments", "table:  .word   1, 2, other\n", "# A table.\ntable:  .word   1, 2, other # and more\n", true],
    ["the first letter of a line", "        add     a0, a0, a1\n", "        add     a0, a0, a1\n        x\n", true],
    ["a line in a loop", "        add     a0, a0, a1\n", "        add     a0, a0, a1\n        nop\n", true],
    ["a line behind a label", "done:\n", "done:\n        mv      a0, a1\n", true],
    ["a line in front of a label", "done:\n", "        mv      a0, a1\ndone:\n", true],
    [
      "several lines",
      "        bnez    t0, loop\n",
      "        bnez    t0, loop\n        nop\n        j       loop\n        li a0, 70000\n",
      true,
    ],
    ["a line less", "        add     a0, a0, a1\n", "", true],
    ["a longer instruction", "loop:   lw      a1, 0(a2)\n", "loop:   li      t0, 80000\n", true],
    ["a shorter instruction", "other:  addi    a0, a0, 1\n", "other:  li      a0, 80000\n", true],
    ["a name that nothing defines", "        call    other\n", "        call    othe\n", true],
    ["the first mention of a symbol", "        la      a2, table\n", "        nop\n", true],
    ["a line that mentions the label in front of it", "done:\n", "done:\n        j       done\n", true],
    ["a line that mentions the label behind it", "done:\n", "        j       done\ndone:\n", true],
    ["a directive", "        .size ", "        .word 4\n        .size ", false],
    ["a label", "        ret\n        .size", "out:    ret\n        .size", false],
  ];
  it.each(edits)("takes or refuses %s", (_, from, to, taken) => {
    const editor = new Editor("main.nnasm", { "main.nnasm": TYPED });
    for (const text of [TYPED, TYPED.replace(from, to), TYPED]) {
      editor.set("main.nnasm", text);
      expectSame(editor.now(), editor.fresh());
    }
    expect(TYPED).toContain(from);
    expect(editor.reassembler.revisions).toBe(taken ? 2 : 0);
  });
});
