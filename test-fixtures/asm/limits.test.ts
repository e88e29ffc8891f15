/** Sources that are far too large, or that never end: assembled within 500 MB, or refused with a message. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT, runCommand, temporaryFolder } from "../../test/tools/command.ts";
import { ours } from "./gnu.ts";

const MEGABYTES = 500;

/** Builds a program in a process of its own; gives the most memory that the process ever had, in MB. */
async function build(files: Readonly<Record<string, string | Uint8Array>>): Promise<{ stderr: string; peak: number }> {
  const measure = `process.on("exit", () => require("node:fs").writeFileSync("peak", String(process.resourceUsage().maxRSS)));`;
  const folder = temporaryFolder({ ...files, "measure.cjs": measure });
  const node = ["--max-old-space-size=400", "--require", path.join(folder, "measure.cjs")];
  const command = [path.join(ROOT, "cli/bin/nnasm.js"), "build", "main.nnasm", "-o", "main.elf"];
  const { code, stderr } = await runCommand(process.execPath, [...node, ...command], { cwd: folder });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  // maxRSS counts kilobytes.
  return { stderr, peak: Number(readFileSync(path.join(folder, "peak"), "utf8")) / 1024 };
}

const CODE = '        .section .ddr.code, "ax"\n_start: nop\n';

describe("large sources", () => {
  it("100,000 lines, 10,000 macros, 10 MB of data and 5,000 statements on a line take less than 500 MB", async () => {
    const lines: string[] = [CODE];
    for (let index = 0; index < 10_000; index++) {
      lines.push(`.macro m${index} r\n        addi \\r, \\r, ${index % 2048}\n.endm\n        m${index} a0\n`);
    }
    for (let index = 0; index < 60_000; index++) lines.push(`l${index}:  addi a0, a1, ${index % 2048} # ${index}\n`);
    lines.push("nop;".repeat(5000), '\n        .section .ddr.data\n        .incbin "big.bin"\n');
    const { peak } = await build({ "main.nnasm": lines.join(""), "big.bin": new Uint8Array(10 * 2 ** 20).fill(1) });
    expect(peak).toBeLessThan(MEGABYTES);
  });

  it("100,000 expansions of nested macros, with debug information, take less than 500 MB", async () => {
    const macros = ".macro one r\naddi \\r, \\r, 1\n.endm\n.macro two r\none \\r\none \\r\n.endm\n";
    const source = `${macros}${CODE}.rept 34000\ntwo a0\n.endr\n`;
    const { peak } = await build({ "main.nnasm": source });
    expect(peak).toBeLessThan(MEGABYTES);
  });
});

describe("sources without end", () => {
  /** The ids of a source's errors; the first one must name what to do. */
  const errors = (source: string, files: Readonly<Record<string, string | Uint8Array>> = {}): string[] => {
    const found = ours(source, files).diagnostics.filter(({ severity }) => severity === "error");
    for (const { hint } of found) expect(hint?.length).toBeGreaterThan(10);
    return found.map(({ id }) => id);
  };

  it("200 levels of includes are taken, a circle is refused", () => {
    const files = Object.fromEntries(
      Array.from({ length: 200 }, (_, level) => [`f${level}`, level === 199 ? "nop\n" : `.include "f${level + 1}"\n`]),
    );
    expect(errors('.include "f0"\n', files)).toEqual([]);
    expect(errors('.include "a.s"\n')).toEqual(["include-depth"]);
    const twice = { b: '.include "c"\n.include "c"\n', c: '.include "b"\n.include "b"\n' };
    expect(errors('.include "b"\n', twice)).toEqual(["include-depth"]);
  });

  it("macros that double and macros that call themselves are cut off", () => {
    const bomb = Array.from({ length: 40 }, (_, level) => `.macro m${level}\nm${level + 1}\nm${level + 1}\n.endm\n`);
    expect(errors(`${bomb.join("")}.macro m40\nnop\n.endm\nm0\n`)).toEqual(["expansion-limit"]);
    expect(errors(".macro m\nm\n.endm\nm\n")).toEqual(["expansion-limit"]);
    expect(errors(".macro m\nm\nm\n.endm\nm\n")).toEqual(["expansion-limit"]);
    expect(errors(".macro a\nb\n.endm\n.macro b\na\n.endm\na\n")).toEqual(["expansion-limit"]);
    expect(errors(".macro m x\nm \\x\\x\n.endm\nm abcdefgh\n")).toEqual(["expansion-limit"]);
  });

  it("repetitions and reservations beyond all memories are refused", () => {
    expect(errors(".rept 0xffffffff\nnop\n.endr\n")).toEqual(["expansion-limit"]);
    expect(errors(".rept 100000\n.rept 100000\nnop\n.endr\n.endr\n")).toEqual(["expansion-limit"]);
    for (const line of [".space 0xffffffff", ".fill 0xffffffff, 8, 1", ".org 0xfffffff0", ".zero 0xffffffff"]) {
      expect({ line, errors: errors(`nop\n.data\n${line}\n`) }).toEqual({ line, errors: ["section-overflow"] });
    }
    expect(errors("nop\n.data\n.space 0x100000001\n")).toEqual(["directive-range"]);
  });
});
