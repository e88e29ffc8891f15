import { readFileSync } from "node:fs";
import path from "node:path";
import { readElf, readObject } from "@nnasm/sim-core/elf";
import { describe, expect, test } from "vitest";
import { describeWith, EXTERNALS, runCommand, runNnasm, temporaryFolder } from "../../../test/tools/index.ts";

const MAIN = `        .globl  _start
_start: la      sp, __stack_top
        call    answer
        li      a7, 93
        ecall
`;
const ANSWER = `        .globl  answer
answer: lw      a0, value
        ret
        .data
value:  .word   42
`;

describe("nnasm build of several files, and nnasm link", () => {
  test("sources are built into one program, or into objects that are linked to the same one", async () => {
    const cwd = temporaryFolder({ "main.nnasm": MAIN, "answer.nnasm": ANSWER });
    const built = await runNnasm(["build", "main.nnasm", "answer.nnasm", "-o", "built.elf"], { cwd });
    expect(built).toEqual({ code: 0, stdout: "built.elf: .text 36 B in pm, .data 4 B in dm\n", stderr: "" });
    const compiled = await runNnasm(["build", "-c", "main.nnasm", "answer.nnasm"], { cwd });
    expect(compiled).toEqual({ code: 0, stdout: "main.o: .text 24 B\nanswer.o: .text 12 B, .data 4 B\n", stderr: "" });
    const linked = await runNnasm(["link", "main.o", "answer.o", "--map", "main.map", "--memory"], { cwd });
    expect(linked.stderr).toBe("");
    expect(linked.stdout).toContain("main.elf: .text 36 B in pm, .data 4 B in dm\nmemory  used ");
    const read = (file: string) => readFileSync(path.join(cwd, file));
    expect(read("main.elf").equals(read("built.elf"))).toBe(true);
    expect(read("main.map").toString()).toContain("answer global");
    expect((await runNnasm(["run", "-q", "main.elf"], { cwd })).code).toBe(42);
    const { program } = readElf(read("main.elf"));
    expect(program?.files).toEqual(["main.nnasm", "answer.nnasm"]);
  });

  test("without a file the project's nnp.json names what is linked", async () => {
    const cwd = temporaryFolder({
      "nnp.json": '{ "link": ["main.nnasm", "lib/answer.nnasm"] }',
      "main.nnasm": MAIN,
      "lib/answer.nnasm": ANSWER,
    });
    const built = await runNnasm(["build"], { cwd });
    expect(built).toEqual({ code: 0, stdout: "main.elf: .text 36 B in pm, .data 4 B in dm\n", stderr: "" });
    expect((await runNnasm(["run", "-q", "main.elf"], { cwd })).code).toBe(42);
    expect(await runNnasm(["run", "--quiet"], { cwd })).toMatchObject({ code: 42, stderr: "" });
    const checked = await runNnasm(["check"], { cwd });
    expect(checked).toEqual({ code: 0, stdout: expect.stringMatching(/^main\.nnasm: no errors/), stderr: "" });
  });

  test("--json names objects, sections and what the result depends on", async () => {
    const cwd = temporaryFolder({
      "main.nnasm": MAIN,
      "answer.nnasm": '.include "value.nnasm"\n',
      "value.nnasm": ANSWER,
    });
    const { stdout } = await runNnasm(["build", "main.nnasm", "answer.nnasm", "--json"], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      output: "main.elf",
      objects: ["main.nnasm", "answer.nnasm"],
      dependencies: ["main.nnasm", "answer.nnasm", "value.nnasm"],
      sections: [
        { name: ".text", memory: "pm" },
        { name: ".data", memory: "dm" },
      ],
    });
    const compiled = await runNnasm(["build", "-c", "answer.nnasm", "-o", "out/a.o", "--json"], { cwd });
    expect(JSON.parse(compiled.stdout)).toMatchObject({
      ok: true,
      objects: [{ entry: "answer.nnasm", output: "out/a.o" }],
    });
    expect(readObject(readFileSync(path.join(cwd, "out/a.o"))).object?.sections[0]?.size).toBe(12);
  });

  test("an undefined symbol is shown at the statement that needs it", async () => {
    const cwd = temporaryFolder({
      "main.nnasm": MAIN,
      "answer.nnasm": ANSWER.replace(".globl  answer", ".globl  value"),
    });
    const { code, stderr } = await runNnasm(["build", "main.nnasm", "answer.nnasm"], { cwd });
    expect(code).toBe(1);
    expect(stderr).toMatchInlineSnapshot(`
      "main.nnasm:3:9: error: undefined symbol \`answer\`, needed by \`_start\` in main.nnasm (.text+0x8) [link-undefined]
                call    answer
                ^~~~~~~~~~~~~~
        hint: link the object or library that defines it; a symbol of another source must be .globl there
      1 error
      "
    `);
  });

  test("nnp.json's layout decides where sections go, in one step and through objects", async () => {
    const layout = { layout: { sections: [{ match: ".data", memory: "ddr", at: "0x80001000" }] } };
    const cwd = temporaryFolder({ "main.nnasm": MAIN, "answer.nnasm": ANSWER, "nnp.json": JSON.stringify(layout) });
    const one = await runNnasm(["build", "answer.nnasm", "--json"], { cwd });
    const place = { name: ".data", memory: "ddr", address: 0x80001000, bytes: 4 };
    expect(JSON.parse(one.stdout).sections).toContainEqual(place);
    const several = await runNnasm(["build", "main.nnasm", "answer.nnasm", "--json"], { cwd });
    expect(JSON.parse(several.stdout).sections).toContainEqual(place);
  });

  test("what is no input of a linker is refused", async () => {
    const cwd = temporaryFolder({ "main.nnasm": MAIN, "image.bin": "\0\0\0\0", "broken.o": "\x7fELF\x01\x01" });
    expect((await runNnasm(["link", "main.nnasm", "image.bin"], { cwd })).stderr).toContain("neither an object");
    expect((await runNnasm(["link", "broken.o"], { cwd })).stderr).toContain(
      "cannot link broken.o: the ELF header ends",
    );
    const both = await runNnasm(["build", "-c", "main.nnasm", "main.nnasm", "-o", "x.o"], { cwd });
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining("-o names one object") });
    const listing = await runNnasm(["build", "main.nnasm", "main.nnasm", "--listing", "x"], { cwd });
    expect(listing).toMatchObject({ code: 2, stderr: expect.stringContaining("--listing takes one source") });
  });
});

describeWith([EXTERNALS.riscvGcc, EXTERNALS.gnuObjdump], "C and assembly together", () => {
  test("a C file is linked with a source and a library", async () => {
    const cwd = temporaryFolder({
      "main.nnasm": MAIN,
      "answer.c": "int half(int); int answer(void) { return half(84); }\n",
      "half.c": "int half(int x) { return x / 2; }\nint unused(void) { return 1; }\n",
    });
    const flags = ["-march=rv32im_zicsr", "-mabi=ilp32", "-O2", "-g", "-ffunction-sections", "-c"];
    await runCommand("riscv64-unknown-elf-gcc", [...flags, "answer.c", "half.c"], { cwd });
    await runCommand("riscv64-unknown-elf-ar", ["rcs", "libhalf.a", "half.o"], { cwd });
    const files = ["main.nnasm", "answer.o", "libhalf.a"];
    const { code, stdout, stderr } = await runNnasm(["build", ...files, "-o", "c.elf", "--gc-sections", "--json"], {
      cwd,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout).objects).toEqual(["main.nnasm", "answer.o", "libhalf.a(half.o)"]);
    expect((await runNnasm(["run", "-q", "c.elf"], { cwd })).code).toBe(42);
    const { program } = readElf(readFileSync(path.join(cwd, "c.elf")));
    expect(program?.symbols.map(({ name }) => name)).not.toContain("unused");
    const disassembly = await runNnasm(["disasm", "c.elf"], { cwd });
    expect(disassembly.stdout).toMatch(/half\.c:1/);
  });
});

describe("programs of several files that nnp.json links", () => {
  const files = {
    "nnp.json": '{ "link": ["src/main.nnasm", "src/twice.nnasm"] }',
    "src/main.nnasm":
      "        .globl  _start\n_start: li      a0, 3\n        call    twice\nback:   li      a7, 93\n        ecall\n" +
      "        .expect a0 == 6, at=back\n",
    "src/twice.nnasm": "        .globl  twice\ntwice:  add     a0, a0, a0\n        ret\n",
  };

  test("run, by the project or by one of its files, are profiled and tested without an ELF file", async () => {
    const cwd = temporaryFolder(files);
    expect(await runNnasm(["run", "--quiet"], { cwd })).toMatchObject({ code: 6, stderr: "" });
    expect(await runNnasm(["run", "--quiet", "src/twice.nnasm"], { cwd })).toMatchObject({ code: 6, stderr: "" });
    const { stdout } = await runNnasm(["profile", "--json"], { cwd });
    const { profile, lines = profile?.lines } = JSON.parse(stdout);
    expect(lines.map(({ file, line }: { file: string; line: number }) => `${file}:${line}`)).toContain(
      "src/twice.nnasm:2",
    );
    const tested = await runNnasm(["test", "--json"], { cwd });
    const { tests } = JSON.parse(tested.stdout);
    expect(tests[0]).toMatchObject({ file: "src/main.nnasm", checks: [{ status: "passed" }] });
    expect(tests[0].dependencies).toContain("src/twice.nnasm");
    expect(tests[0].failures).toMatchObject([{ id: "exit-code", file: "src/main.nnasm", line: 5 }]);
  });
});
