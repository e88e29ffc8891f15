/** The parser: lossless, local to lines, recovering, and the same after an edit as from scratch. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { lineIndexAt, parseFile, rangeIn, reparseFile, statementAt } from "./file.ts";
import { stringBytes } from "./literals.ts";
import { tokensOf } from "./scanner.ts";
import type { Operand, ParsedFile, Statement } from "./tree.ts";

const statements = (file: ParsedFile): Statement[] => file.lines.flatMap((line) => [...line.statements]);
const parse = (text: string): Statement[] => statements(parseFile("t", text));

/** Pieces that make many strange files: what the lexer and the parser branch on. */
const fragment = fc.oneof(
  fc.constantFrom(
    ..."add a0, a1|label:|1:|.word 1, 2|\n|\r\n|\r|;|/*|*/|#|// x|\"|\\|'|'a'|(|)|%hi(|,|=|==|@x|0x1f|1b|0b1|1.5e3|..|\\name|\\@|\\()|<<|!|é|\u00a0|😀|\t| ".split(
      "|",
    ),
  ),
  fc.string({ maxLength: 4 }),
  fc.string({ unit: "binary", maxLength: 3 }),
);
const source = fc.array(fragment, { maxLength: 40 }).map((parts) => parts.join(" "));

/** A tree as one line: structure without positions. */
function shape(node: Operand): string {
  switch (node.kind) {
    case "name":
      return node.name;
    case "number":
    case "float":
      return String(node.value);
    case "string":
      return JSON.stringify(node.text);
    case "local":
      return node.label + (node.forward ? "f" : "b");
    case "here":
      return ".";
    case "unary":
      return `${node.operator}${shape(node.operand)}`;
    case "binary":
      return `[${shape(node.left)} ${node.operator} ${shape(node.right)}]`;
    case "group":
      return `(${shape(node.inner)})`;
    case "modifier":
      return `%${node.modifier}{${shape(node.inner)}}`;
    case "memory":
      return `${shape(node.offset)}@${shape(node.base)}`;
    case "keyword":
      return `${node.name.name}=${shape(node.value)}`;
    case "at":
      return `@${node.name}`;
    case "missing":
      return "_";
  }
}

const operandsOf = (text: string): string[] => parse(`x ${text}`)[0]!.operands.map(shape);

describe("parser", () => {
  it("loses nothing: lines tile the file, tokens tile each line", () => {
    fc.assert(
      fc.property(source, (text) => {
        const file = parseFile("t", text);
        expect(file.lines.map((line) => line.text).join("")).toBe(text);
        for (const line of file.lines) {
          expect(
            tokensOf(line.text)
              .map((token) => line.text.slice(token.start, token.end))
              .join(""),
          ).toBe(line.text);
        }
        const count = text.split(/\r\n|\r|\n/).length;
        const covered = file.lines.reduce((sum, line) => sum + line.height, 0);
        expect(covered === count || covered === count - 1).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it("keeps every node within its statement and every statement within its line", () => {
    fc.assert(
      fc.property(source, (text) => {
        for (const line of parseFile("t", text).lines) {
          let end = 0;
          for (const statement of line.statements) {
            expect(statement.start).toBeGreaterThanOrEqual(end);
            expect(statement.end).toBeLessThanOrEqual(line.text.length);
            end = statement.end;
            for (const operand of statement.operands) {
              expect(operand.start).toBeGreaterThanOrEqual(statement.start);
              expect(operand.end).toBeGreaterThanOrEqual(operand.start);
            }
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("gives after an edit what it gives from scratch", () => {
    fc.assert(
      fc.property(source, source, fc.nat(), fc.nat(), (text, inserted, from, length) => {
        const start = text.length === 0 ? 0 : from % text.length;
        const edited = text.slice(0, start) + inserted + text.slice(start + (length % 20));
        const again = reparseFile(parseFile("t", text), edited);
        const fresh = parseFile("t", edited);
        expect(again.text).toBe(edited);
        expect(again.lines).toEqual(fresh.lines);
        expect(again.firstLines).toEqual(fresh.firstLines);
      }),
      { numRuns: 2000 },
    );
  });

  it("shares the lines that an edit doesn't touch", () => {
    const text = Array.from({ length: 100 }, (_, index) => `l${index}: addi a0, a0, ${index}\n`).join("");
    const before = parseFile("t", text);
    const after = reparseFile(before, text.replace("l50:", "l50: nop;"));
    const fresh = after.lines.filter((line, index) => line !== before.lines[index]);
    expect(fresh.length).toBeLessThanOrEqual(2);
    expect(reparseFile(before, text)).toBe(before);
  });

  it("reads labels, mnemonics and operands", () => {
    const [first, second] = parse("a: b : 1: add a0, 4(sp) ; .word 1 # tail");
    expect(first!.labels.map((label) => [label.name, label.numeric, label.start])).toEqual([
      ["a", false, 0],
      ["b", false, 3],
      ["1", true, 7],
    ]);
    expect([first!.form, first!.name?.name, first!.operands.map(shape)]).toEqual([
      "instruction",
      "add",
      ["a0", "4@sp"],
    ]);
    expect([second!.form, second!.name?.name]).toEqual(["directive", ".word"]);
    expect(second!.end).toBe(33);
    const [assignment] = parse("x = y + 1");
    expect([assignment!.form, assignment!.name?.name, assignment!.operands.map(shape)]).toEqual([
      "assignment",
      "x",
      ["[y + 1]"],
    ]);
  });

  it("binds operators as GNU as does", () => {
    expect(operandsOf("1 + 2 * 3 | 4")).toEqual(
      ["[1 + [[2 * 3] | 4]]"].map((text) => text.replace("[[2 * 3] | 4]", "[[2 * 3] | 4]")),
    );
    expect(operandsOf("1 == 2 + 3 && 4 || 5")).toEqual(["[[[1 == [2 + 3]] && 4] || 5]"]);
    expect(operandsOf("-1 - -2 ! 3")).toEqual(["[-1 - [-2 ! 3]]"]);
    expect(operandsOf("8 - 4 - 2, a !! b, !!c")).toEqual(["[[8 - 4] - 2]", "[a ^ b]", "!!c"]);
  });

  it("reads every kind of operand", () => {
    expect(
      operandsOf('%hi(a + 1), %lo(x)(t0), "s\\n", zp=-128, @progbits, %nobits, 1f, 0b, 0b11, ., .5, .4byte'),
    ).toEqual([
      "%hi{[a + 1]}",
      "%lo{x}@t0",
      '"s\\\\n"',
      "zp=-128",
      "@progbits",
      "@nobits",
      "1f",
      "0b",
      "3",
      ".",
      "0.5",
      ".4byte",
    ]);
    expect(operandsOf("'a, 'b', '\\n', 0x7fffffffffffffff, 0xffffffffffffffff, 010, 1e3, 2.5")).toEqual([
      "97",
      "98",
      "10",
      "9223372036854775807",
      "-1",
      "8",
      "1000",
      "2.5",
    ]);
    expect(operandsOf("3,,4, ")).toEqual(["3", "_", "4", "_"]);
  });

  it("goes on behind an error", () => {
    const [broken, next] = parse("add a0, (1 + , a2 ; nop");
    expect(broken!.problem?.id).toBe("syntax");
    expect(broken!.operands.length).toBe(3);
    expect(next!.name?.name).toBe("nop");
  });

  it("takes deep nesting and long sums without running out of stack", () => {
    expect(parse(`x ${"(".repeat(100_000)}`)[0]!.problem?.id).toBe("syntax");
    expect(parse(`x ${"-".repeat(100_000)}1`)[0]!.problem?.id).toBe("syntax");
    expect(parse(`x ${Array.from({ length: 100_000 }, () => "1").join(" + ")}`)[0]!.problem).toBeUndefined();
  });

  it("decodes strings to bytes", () => {
    expect(stringBytes('a\\n\\t\\"\\\\\\101\\x41é')).toEqual([97, 10, 9, 34, 92, 65, 65, 0xc3, 0xa9]);
    expect(stringBytes("\\")).toEqual([92]);
  });
});

test("lines of the same text are one object, unless a comment opens in them", () => {
  const { lines } = parseFile("t", "nop /* a\n*/\nret\nnop\nret\nnop /* a */\nnop /* a\n");
  expect(lines.map(({ text }) => text)).toEqual([
    "nop /* a\n*/\n",
    "ret\n",
    "nop\n",
    "ret\n",
    "nop /* a */\n",
    "nop /* a\n",
  ]);
  expect(lines[3]).toBe(lines[1]);
  expect(lines[5]!.statements[0]!.problem?.id).toBe("unterminated-comment");
});

describe("positions", () => {
  const text = "nop\n/* a\nb */ add a0, a1, a2 /* c\n*/ ; ret\nlast";
  const file = parseFile("t", text);

  it("of nodes behind a comment of several lines", () => {
    const line = file.lines[1]!;
    expect([line.height, file.firstLines]).toEqual([3, [0, 1, 4]]);
    const [add, ret] = line.statements;
    expect(rangeIn(line, 1, add!.name!)).toEqual({ start: { line: 2, character: 5 }, end: { line: 2, character: 8 } });
    expect(rangeIn(line, 1, ret!)).toEqual({ start: { line: 3, character: 5 }, end: { line: 3, character: 8 } });
  });

  it("lead back to lines and statements", () => {
    expect([0, 1, 2, 3, 4, 5].map((number) => lineIndexAt(file, number))).toEqual([0, 1, 1, 1, 2, -1]);
    const found = statementAt(file, { line: 3, character: 6 });
    expect(found!.statement?.name?.name).toBe("ret");
    expect(found!.line.text.slice(found!.column, found!.column + 2)).toBe("et");
  });
});
