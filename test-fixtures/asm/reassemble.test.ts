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
  readonly kind: "operand" | "mnemonic" | "insert" | "delete" | "double" | "type" | "cut" | "undo" | "comment";
  readonly line: number;
  readonly at: number;
  readonly pick: number;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom<Edit["kind"][]>(
    ...(["operand", "operand", "operand", "mnemonic", "mnemonic", "type", "undo", "undo", "comment"] as const),
    ...(["insert", "delete", "double", "cut"] as const),
  ),
  line: fc.nat(),
  at: fc.nat(),
  pick: fc.nat(),
});

const pick = <T>(list: readonly T[], number: number): T => list[number % list.length]!;

function edited(text: string, before: string, { kind, line, at, pick: choice }: Edit): string {
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
    expect(revisions).toBeGreaterThan(edits / 12);
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
});
