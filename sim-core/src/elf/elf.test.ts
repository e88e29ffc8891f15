/** What is written is read back the same; what is damaged is refused or read in part, never a crash. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assembleText } from "../asm/testing.ts";
import { ENUMS } from "../isa/enums.ts";
import type {
  InlinedCall,
  LineRow,
  Program,
  ProgramExpectation,
  ProgramSegment,
  ProgramSymbol,
  ProgramTensor,
} from "../program/index.ts";
import { readElf, writeElf } from "./index.ts";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

const SAMPLE = `
        .text
        .globl _start
        .type _start, @function
_start: la a0, message
        .layer "first"
        td.ld td0, image
        .layer "second \u00fc"
        nop
        .macro inner r
        nop
        .pushsection .ddr.code, "ax"
        nop
        .popsection
        addi \\r, \\r, 1
        .endm
        .macro outer
        inner a0
        inner a1
        .endm
        outer ; outer
        .size _start, . - _start
        .data
message: .asciz "hello"
        .tensor image, int8, 1, 4, 4, 3, zp=-128, scale=0.1, in=ddr
        .tensor weights, int8, 8, 3, 3, 3, layout=blocked, in=wm, table=0x20000000
        .expect a0 == message
        .expect image, "image.bin", at=far
        .bss
        .space 100
        .equ LIMIT, 42
        .section .ddr.code, "ax"
far:    ret
`;

function sample(): Program {
  const { program, diagnostics } = assembleText(SAMPLE, { "image.bin": new Uint8Array(48) });
  if (!program) throw new Error(diagnostics.map((diagnostic) => diagnostic.message).join("\n"));
  return program;
}

const u32 = fc.nat(0xffffffff);
const text = fc.string({ unit: "grapheme", maxLength: 12 }).filter((value) => !value.includes("\0"));
const name = text.map((value) => `n${value}`);

const segments = fc.array(
  fc.record({
    bytes: fc.uint8Array({ maxLength: 40 }),
    zeros: fc.nat(40),
    gap: fc.integer({ min: 0, max: 9000 }),
    executable: fc.boolean(),
    writable: fc.boolean(),
  }),
  { minLength: 1, maxLength: 5 },
);

/** Segments one behind the other, each with a section of its own. */
const placed = segments.map((list) => {
  let address = 0x1000;
  return list.map(({ bytes, zeros, gap, executable, writable }): ProgramSegment => {
    const segment = { address, bytes, memoryBytes: bytes.length + zeros + 1, executable, writable };
    address += segment.memoryBytes + gap;
    return segment;
  });
});

const symbol = fc.record({
  name,
  // Some of them in code, where functions and macro calls meet.
  address: fc.oneof(u32, fc.integer({ min: 0x1000, max: 0x1080 })),
  bytes: fc.oneof(u32, fc.nat(40)),
  kind: fc.constantFrom("none", "function", "object"),
  global: fc.boolean(),
  absolute: fc.boolean(),
}) as fc.Arbitrary<ProgramSymbol>;

const quad = fc.tuple(u32, u32, u32, u32);
const i32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const tensor = fc.record({
  name,
  descriptorAddress: u32,
  base: u32,
  dtype: fc.constantFrom(...(Object.keys(ENUMS.dtype) as ProgramTensor["dtype"][])),
  layout: fc.constantFrom(...(Object.keys(ENUMS.layout) as ProgramTensor["layout"][])),
  dims: quad,
  strides: fc.tuple(i32, i32, i32, i32),
  zeroPoint: i32,
  table: u32,
  scale: fc.double({ noNaN: true }),
}) as fc.Arbitrary<ProgramTensor>;

const expectation = fc
  .record({
    name: text,
    place: fc.oneof(
      fc.record({ kind: fc.constant("register"), register: fc.nat(31) }),
      fc.record({
        kind: fc.constant("memory"),
        address: u32,
        dtype: fc.constantFrom(...(Object.keys(ENUMS.dtype) as ProgramTensor["dtype"][])),
      }),
      fc.record({ kind: fc.constant("tensor"), descriptorAddress: u32 }),
    ),
    values: fc.oneof(
      fc.array(fc.integer({ min: -128, max: 127 })),
      fc.array(fc.integer({ min: -40000, max: 40000 })),
      fc.array(i32),
    ),
    at: fc.option(fc.record({ name: text, address: u32 }), { nil: undefined }),
    file: text,
    line: u32,
    column: u32,
  })
  .map(({ values, at, ...rest }) => ({
    ...rest,
    values: Int32Array.from(values),
    ...(at ? { at } : {}),
  })) as fc.Arbitrary<ProgramExpectation>;

/** Rows within executable segments, in address order, ended where code ends. */
function rowsOf(list: readonly ProgramSegment[], seeds: readonly number[], files: number): LineRow[] {
  const rows: LineRow[] = [];
  let seed = 0;
  const next = () => seeds[seed++ % seeds.length]!;
  for (const segment of list) {
    if (!segment.executable || segment.memoryBytes < 8 || files === 0) continue;
    let address = segment.address;
    for (let count = next() % 5; count >= 0 && address < segment.address + segment.memoryBytes - 4; count--) {
      rows.push({ address, file: next() % files, line: 1 + (next() % 5000), column: next() % 300, code: true });
      address += 1 + (next() % 8);
    }
    const last = rows.at(-1);
    if (last?.code)
      rows.push({ ...last, address: Math.min(address, segment.address + segment.memoryBytes), code: false });
  }
  return rows;
}

/** Calls that nest, within executable segments. */
function callsOf(list: readonly ProgramSegment[], seeds: readonly number[], files: number): InlinedCall[] {
  const calls: InlinedCall[] = [];
  let seed = 7;
  const next = () => seeds[seed++ % seeds.length]!;
  const fill = (low: number, high: number, parent: number, depth: number) => {
    let at = low + (next() % 3);
    while (at < high && depth < 4 && calls.length < 30) {
      const end = Math.min(high, at + 1 + (next() % (high - low)));
      const call = { name: `m${next() % 4}`, kind: "macro" as const, parent, low: at, high: end };
      const index = calls.push({
        ...call,
        callFile: next() % files,
        callLine: next(),
        callColumn: next() % 100,
        entry: next() % 4 === 0 ? next() : at,
      });
      fill(at, end, index - 1, depth + 1);
      at = end + (next() % 8);
    }
  };
  for (const { executable, address, memoryBytes } of files > 0 ? list : []) {
    if (executable) fill(address, address + memoryBytes, -1, 0);
  }
  return calls;
}

const program = fc
  .record({
    entry: u32,
    segments: placed,
    symbols: fc.array(symbol, { maxLength: 6 }),
    files: fc.uniqueArray(name, { maxLength: 3 }),
    seeds: fc.array(fc.nat(10000), { minLength: 5, maxLength: 40 }),
    tensors: fc.array(tensor, { maxLength: 3 }),
    layers: fc.array(fc.record({ id: u32, name: text }), { maxLength: 3 }),
    expectations: fc.array(expectation, { maxLength: 3 }),
    facts: fc.oneof(
      fc.record({ isaVersion: u32 }),
      fc.record({ isaVersion: u32, cip: fc.integer({ min: 1, max: 256 }), cop: fc.integer({ min: 1, max: 256 }) }),
    ),
  })
  .map(
    ({ seeds, symbols, ...rest }): Program => ({
      ...rest,
      sections: rest.segments.map(({ address, memoryBytes }, index) => ({
        name: `.s${index}`,
        address,
        bytes: memoryBytes,
      })),
      // ELF wants local symbols first.
      symbols: [...symbols.filter(({ global }) => !global), ...symbols.filter(({ global }) => global)],
      lines: rowsOf(rest.segments, seeds, rest.files.length),
      inlined: callsOf(rest.segments, seeds, rest.files.length),
    }),
  );

describe("ELF files", () => {
  it("give an assembled program back", () => {
    const written = sample();
    const { program: read, warnings } = readElf(writeElf(written));
    expect(warnings).toEqual([]);
    expect(read).toEqual(written);
    expect(written.layers).toEqual([
      { id: 1, name: "first" },
      { id: 2, name: "second ü" },
    ]);
    expect(written.facts).toEqual({ isaVersion: 1, cip: 16, cop: 16 });
    expect(written.inlined.filter(({ name }) => name === "inner")).toHaveLength(8);
  });

  it("give any program back", () => {
    fc.assert(
      fc.property(program, (written) => {
        const { program: read, warnings, errors } = readElf(writeElf(written));
        expect(errors ?? warnings).toEqual([]);
        expect(read).toEqual(written);
      }),
      { numRuns: 500 },
    );
  });

  it("that are cut off are refused", () => {
    const bytes = writeElf(sample());
    for (let length = 0; length < bytes.length; length += 7) {
      const { errors } = readElf(bytes.subarray(0, length));
      expect(errors?.length).toBe(1);
      expect(errors![0]!.hint.length).toBeGreaterThan(10);
    }
  });

  it("with damaged bytes are read or refused with a reason", () => {
    const bytes = writeElf(sample());
    const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(damage, (changes) => {
        const damaged = bytes.slice();
        for (const [at, value] of changes) damaged[at] = value;
        const { program: read, warnings, errors } = readElf(damaged);
        expect(read === undefined).toBe(errors !== undefined);
        for (const error of errors ?? warnings ?? []) expect(error.message.length).toBeGreaterThan(5);
      }),
      { numRuns: 1000 },
    );
  });

  it("of random bytes behind a valid header are no trouble", () => {
    const header = writeElf(sample()).slice(0, 52);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (tail) => {
        const { program: read, errors } = readElf(Uint8Array.from([...header, ...tail]));
        expect(read === undefined).toBe(errors !== undefined);
      }),
      { numRuns: 500 },
    );
  });

  it("say what is wrong", () => {
    const bytes = writeElf(sample());
    const changed = (at: number, value: number): string => {
      const copy = bytes.slice();
      copy[at] = value;
      return readElf(copy).errors?.[0]?.id ?? "";
    };
    expect(changed(0, 0)).toBe("elf-magic");
    expect(changed(4, 2)).toBe("elf-machine");
    expect(changed(5, 2)).toBe("elf-machine");
    expect(changed(16, 1)).toBe("elf-type");
    expect(changed(18, 0x3e)).toBe("elf-machine");
    expect(changed(44, 0)).toBe("elf-empty");
    expect(changed(30, 0xff)).toBe("elf-truncated");
    expect(readElf(new Uint8Array(0)).errors?.[0]?.id).toBe("elf-magic");
  });
});

describe("UTF-8", () => {
  it("comes back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (value) => {
        expect(decodeUtf8(encodeUtf8(value))).toBe(value);
      }),
    );
  });

  it("takes any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(typeof decodeUtf8(bytes)).toBe("string");
      }),
    );
  });
});
