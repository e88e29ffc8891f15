import { readFileSync } from "node:fs";
import path from "node:path";
import { readElf } from "@nnasm/sim-core/elf";
import { describe, expect, test } from "vitest";
import { describeWith, EXTERNALS, runCommand, runNnasm, temporaryFolder } from "../../../test/tools/index.ts";
import { runInProcess } from "../in-process.ts";

const EXIT_7 = `        .globl  _start
_start: li      a0, 7
        li      a7, 93
        ecall
`;

describe("nnasm build", () => {
  test("writes an ELF file beside the source", async () => {
    const cwd = temporaryFolder({ "src/seven.nnasm": EXIT_7 });
    const { code, stdout, stderr } = await runNnasm(["build", "src/seven.nnasm"], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe("src/seven.elf: .text 12 B in pm\n");
    const { program } = readElf(readFileSync(path.join(cwd, "src/seven.elf")));
    expect(program?.symbols.map((symbol) => symbol.name)).toContain("_start");
    expect(program?.files).toEqual(["src/seven.nnasm"]);
  });

  test("-o names the output, -D gives symbols values, --json tells what was made", async () => {
    const source = "        .text\n        .globl _start\n_start: li a0, CODE\n        li a7, 93\n        ecall\n";
    const cwd = temporaryFolder({ "a.nnasm": source });
    const { code, stdout } = await runNnasm(["build", "a.nnasm", "-o", "out/b.elf", "-D", "CODE=0x2a", "--json"], {
      cwd,
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      entry: "a.nnasm",
      output: "out/b.elf",
      dependencies: ["a.nnasm"],
    });
    expect((await runNnasm(["run", "-q", "out/b.elf"], { cwd })).code).toBe(42);
  });

  test("--listing, --map and --memory say what the program is made of", async () => {
    const cwd = temporaryFolder({ "seven.nnasm": `${EXIT_7}        .bss\nroom:   .space  64\n` });
    const { code, stdout } = await runNnasm(
      ["build", "seven.nnasm", "--listing", "out/seven.lst", "--map", "seven.map", "--memory"],
      { cwd },
    );
    expect(code).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "seven.elf: .text 12 B in pm, .bss 64 B in dm
      memory  used         of         sections
      pm        12      65536  0.0 %  .text 12
      dm        64     524288  0.0 %  .bss 64
      wm         0     131072  0.0 %
      ddr        0  268435456  0.0 %
      "
    `);
    const read = (file: string) => readFileSync(path.join(cwd, file), "utf8");
    expect(read("out/seven.lst")).toContain("    2  00000000  00700513                 _start: li      a0, 7\n");
    expect(read("seven.map")).toContain("00000000         0 _start global\n");
    const json = await runNnasm(["build", "seven.nnasm", "--memory", "--json"], { cwd });
    expect(JSON.parse(json.stdout).memory[1]).toEqual({
      memory: "dm",
      used: 64,
      available: 524288,
      sections: [{ name: ".bss", bytes: 64 }],
    });
  });

  test("without FILE it builds the entry of nnp.json", async () => {
    const cwd = temporaryFolder({ "nnp.json": '{ "entry": "src/main.nnasm", }', "src/main.nnasm": EXIT_7 });
    expect(await runNnasm(["build"], { cwd: path.join(cwd, "src") })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("main.elf: "),
    });
    const empty = temporaryFolder();
    expect(await runNnasm(["build"], { cwd: empty })).toEqual({
      code: 1,
      stdout: "",
      stderr:
        "nnasm: error: which program? there is no nnp.json here or above\n" +
        '  hint: name a .nnasm or ELF file, or give "entry" in nnp.json\n',
    });
  });

  test("errors have a place, the source line and a way out", async () => {
    const cwd = temporaryFolder({
      "bad.nnasm": "        .text\n_start:\tadi     a0, a0, 1\n        addi    a0, a0, 5000\n",
    });
    const { code, stdout, stderr } = await runNnasm(["build", "bad.nnasm"], { cwd });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatchInlineSnapshot(`
      "bad.nnasm:2:9: error: unknown instruction or macro \`adi\` [unknown-mnemonic]
        _start:	adi     a0, a0, 1
               	^~~
        hint: did you mean \`addi\`?
      bad.nnasm:3:25: error: imm 5000 (0x1388) is out of range [out-of-range]
                addi    a0, a0, 5000
                                ^~~~
        hint: the value must lie in -2048 .. 2047; li loads larger ones into a register
      2 errors
      "
    `);
  });

  test("--json gives the errors as data, counted from one", async () => {
    const cwd = temporaryFolder({ "bad.nnasm": "_start: adi a0, a0, 1\n" });
    const { code, stdout } = await runNnasm(["build", "bad.nnasm", "--json"], { cwd });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      diagnostics: [{ severity: "error", file: "bad.nnasm", line: 1, column: 9, endLine: 1, endColumn: 12 }],
    });
  });
});

describe("warnings", () => {
  const LOUD = `${EXIT_7}        .data\n        .byte   256\n        .ascii  "\\q"\n`;

  test.each([
    [[], 0, ["warning: value 256", "warning: unknown escape", "2 warnings"]],
    [["-W", "no-value-truncated"], 0, ["warning: unknown escape", "1 warning"]],
    [["-Wno-value-truncated", "-Wno-bad-escape"], 0, []],
    [["-W", "error=bad-escape"], 1, ["warning: value 256", "error: unknown escape", "1 error, 1 warning"]],
    [["--warnings-as-errors", "-W", "no-bad-escape"], 1, ["error: value 256", "1 error"]],
    [["-Werror"], 1, ["error: value 256", "error: unknown escape", "2 errors"]],
  ])("%j", async (options, code, lines) => {
    const cwd = temporaryFolder({ "loud.nnasm": LOUD });
    const result = await runNnasm(["build", "loud.nnasm", ...options], { cwd });
    expect(result.code).toBe(code);
    const told = result.stderr.split("\n").filter((line) => /(error|warning)/.test(line));
    expect(told.map((line) => line.replace(/^loud.nnasm:\d+:\d+: /, "").trim())).toEqual(
      lines.map((line) => expect.stringContaining(line)),
    );
  });

  test.each([
    ["no-value-truncate", '-W no-value-truncate: there is no warning "value-truncate"', "-W no-value-truncated?"],
    ["error=syntax", '-W error=syntax: there is no warning "syntax"', "warnings are "],
    ["all", "-W all says nothing about a warning", "-W no-ID"],
  ])("-W %s is refused", async (choice, message, hint) => {
    const cwd = temporaryFolder({ "ok.nnasm": EXIT_7 });
    const { code, stdout, stderr } = await runNnasm(["build", "ok.nnasm", "-W", choice], { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  });
});

describeWith(EXTERNALS.qemuRiscv32, "nnasm build, for others", () => {
  test("qemu-riscv32 runs the ELF file as it is", async () => {
    const cwd = temporaryFolder({ "seven.nnasm": EXIT_7 });
    await runNnasm(["build", "seven.nnasm"], { cwd });
    expect(await runCommand(EXTERNALS.qemuRiscv32.name, ["seven.elf"], { cwd })).toEqual({
      code: 7,
      stdout: "",
      stderr: "",
    });
  });

  test("the scalar benchmark ends with the same code as here", async () => {
    const cwd = temporaryFolder();
    await runNnasm(["build", "bench/scalar.nnasm", "-o", path.join(cwd, "scalar.elf")]);
    const [ours, qemu] = await Promise.all([
      runNnasm(["run", "-q", "scalar.elf"], { cwd }),
      runCommand(EXTERNALS.qemuRiscv32.name, ["scalar.elf"], { cwd }),
    ]);
    expect(ours).toEqual(qemu);
    expect(ours.code).toBe(101);
  });
});

describe("bad input", () => {
  test.each([
    ["a missing file", ["build", "nope.nnasm"], "nnasm: error: cannot read nope.nnasm: no such file\n"],
    [
      "a missing configuration",
      ["build", "ok.nnasm", "-C", "no.json"],
      "nnasm: error: cannot read no.json: no such file\n",
    ],
    ["C", ["build", "main.c"], "nnasm: error: main.c is C, not assembly\n"],
    ["C among objects", ["link", "ok.nnasm", "main.c"], "nnasm: error: main.c is C, not assembly\n"],
    ["a folder without a project", ["build", "folder"], "nnasm: error: which program? there is no nnp.json in folder"],
    [
      "an output in a folder that is a file",
      ["build", "ok.nnasm", "-o", "ok.nnasm/x.elf"],
      "nnasm: error: cannot write ok.nnasm/x.elf: a folder of its path is a file\n",
    ],
    ["an ELF file to build", ["build", "cut.elf"], "nnasm: error: cannot load cut.elf: "],
    [
      "something binary",
      ["disasm", "picture.bin"],
      "nnasm: error: cannot load picture.bin: neither an ELF file nor text\n",
    ],
    [
      "an output that is a folder",
      ["build", "ok.nnasm", "-o", "folder"],
      "nnasm: error: cannot write folder: is a folder",
    ],
  ])("%s is refused", async (_title, args, message) => {
    const cwd = temporaryFolder({
      "ok.nnasm": EXIT_7,
      "cut.elf": new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 1, 1]),
      "picture.bin": new Uint8Array([1, 2, 0, 4]),
      "folder/x": "",
      "main.c": "int main(void) { return 0; }\n",
    });
    const { code, stdout, stderr } = await runNnasm(args, { cwd });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr.startsWith(message), stderr).toBe(true);
  });

  test.each([
    ["entry", '{ "entry": "none.nnasm" }', 'nnp.json names none.nnasm under "entry", and there is no such file'],
    ["entry", '{ "entry": "." }', 'nnp.json names . under "entry", and that is a folder'],
    ["link", '{ "link": ["ok.nnasm", "none.o"] }', 'nnp.json names none.o under "link", and there is no such file'],
    [
      "an empty link",
      '{ "link": [] }',
      "nnp.json:1:11: error: link: must have at least 1 of them, not 0 [config-value]",
    ],
  ])("a project whose %s is wrong is told: %s", async (_title, project, message) => {
    const cwd = temporaryFolder({ "ok.nnasm": EXIT_7, "nnp.json": project });
    for (const command of ["build", "run", "disasm"]) {
      expect((await runInProcess(cwd, [command])).stderr).toContain(message);
    }
  });

  test("a bad definition is a mistake in the command line", async () => {
    const cwd = temporaryFolder({ "ok.nnasm": EXIT_7 });
    for (const definition of ["1X", "X=y", "X=", "X=99999999999999999999"]) {
      const { code, stderr } = await runInProcess(cwd, ["build", "ok.nnasm", "-D", definition]);
      expect(code).toBe(2);
      expect(stderr).toContain(`nnasm: error: -D ${definition} is not NAME=NUMBER\n`);
    }
  });

  test("a wrong configuration key is shown in its file, with the nearest name", async () => {
    const cwd = temporaryFolder({ "ok.nnasm": EXIT_7, "nnp.json": '{\n  "nu": { "cipp": 8 }\n}\n' });
    expect(await runNnasm(["build", "ok.nnasm"], { cwd })).toEqual({
      code: 1,
      stdout: "",
      stderr:
        'nnp.json:2:11: error: unknown key "nu.cipp" [config-unknown-key]\n' +
        '    "nu": { "cipp": 8 }\n            ^~~~~~\n  hint: did you mean "cip"?\n1 error\n',
    });
  });
});
