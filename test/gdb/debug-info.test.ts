/** Debug information of C: what a real compiler writes is read, and no damage to it is more than missing information. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  bareType,
  type CScope,
  type CType,
  type DebugInfo,
  expressionAt,
  locate,
  readDebugInfo,
  typeText,
} from "@nnasm/sim-core/elf";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeWith, EXTERNALS, ROOT, scaled } from "../tools/index.ts";

const FLAGS = ["-march=rv32im", "-mabi=ilp32", "-ffreestanding", "-nostdlib", "-Og"];

/** Looks at everything, as a debugger might. */
function lookAt({ functions, globals, frames }: DebugInfo): number {
  let seen = 0;
  const look = (type: CType, depth = 0): void => {
    seen += typeText(type).length + bareType(type).bytes;
    const bare = bareType(type);
    if (depth < 4 && (bare.kind === "struct" || bare.kind === "union")) {
      for (const member of bare.members) look(member.type, depth + 1);
    }
    if (depth < 4 && bare.kind === "pointer") look(bare.to, depth + 1);
  };
  const context = {
    register: (number: number) => 0x10000000 + number,
    memory: (_: number, bytes: number) => new Uint8Array(Math.min(bytes, 8)),
    frameBase: () => 0x10001000,
    callFrameAddress: () => 0x10001000,
    entryValue: () => 5,
  };
  const lookIn = ({ variables, inner, ranges }: CScope): void => {
    for (const { type, location } of variables) {
      look(type);
      const expression = location && expressionAt(location, ranges[0]?.low ?? 0);
      if (expression) locate(expression, context);
    }
    for (const one of inner) lookIn(one);
  };
  for (const one of functions) {
    lookIn(one);
    look(one.type);
    for (const { low, high } of one.ranges)
      for (let at = low; at < Math.min(high, low + 400); at += 4) frames.rowAt(at);
  }
  for (const { type } of globals) look(type);
  return seen;
}

describeWith(EXTERNALS.riscvGcc, "debug information of C", () => {
  const folder = mkdtempSync(join(tmpdir(), "nnasm-dwarf-"));
  const elf = (version: number): string => join(folder, `types${version}.elf`);
  beforeAll(() => {
    for (const version of [4, 5]) {
      const kit = (name: string) => join(ROOT, "sdk", name);
      const sources = [kit("crt0.S"), kit("string.c"), join(ROOT, "test/gdb/types.c")];
      const args = [...FLAGS, `-gdwarf-${version}`, "-T", kit("nnp.ld"), ...sources, "-lgcc", "-o", elf(version)];
      execFileSync("riscv64-unknown-elf-gcc", args);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([4, 5])("DWARF %i: functions, variables and types", (version) => {
    const info = readDebugInfo(new Uint8Array(readFileSync(elf(version))))!;
    const texts = new Map(info.globals.map(({ name, type }) => [name, typeText(type)]));
    expect(texts.get("nodes")).toBe("node [3]");
    expect(texts.get("matrix")).toBe("int16_t [3][4]");
    expect(texts.get("small")).toBe("volatile const signed char");
    const depth = info.functions.find(({ name }) => name === "depth")!;
    expect(depth.variables.map(({ name, type }) => `${typeText(type)}: ${name}`)).toEqual([
      "node *: list",
      "int: level",
      "int: here",
    ]);
    expect(depth.inner.map(({ kind, variables }) => [kind, variables.map(({ name }) => name)])).toEqual([
      ["block", ["here"]],
    ]);
    expect(info.frames.rowAt(depth.ranges[0]!.low)).toEqual({
      cfa: { register: 2, offset: 0 },
      rules: new Map(),
      returnRegister: 1,
    });
    expect(lookAt(info)).toBeGreaterThan(1000);
  });

  it("damaged bytes give less, never an exception", () => {
    const whole = new Uint8Array(readFileSync(elf(5)));
    // Everything behind what is loaded: debug sections, names, headers.
    const from = whole.length >> 2;
    const damage = fc.array(
      fc.tuple(fc.integer({ min: from, max: whole.length - 1 }), fc.integer({ min: 0, max: 255 })),
      { minLength: 1, maxLength: 6 },
    );
    let read = 0;
    fc.assert(
      fc.property(damage, (changes) => {
        const bytes = whole.slice();
        for (const [at, value] of changes) bytes[at] = value;
        const info = readDebugInfo(bytes);
        if (info) read += lookAt(info) > 0 ? 1 : 0;
      }),
      { numRuns: scaled(25, 20_000) },
    );
    expect(read).toBeGreaterThan(2);
  });
});
