import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT, runNnasm, temporaryFolder } from "../../../test/tools/index.ts";

const HELLO = `        .text
        .globl  _start
_start: li      a0, 1
        la      a1, text
        li      a2, text_end - text
        li      a7, 64
        ecall
        li      a0, 2
        li      a2, 3
        li      a7, 64
        ecall
        li      a0, 300
        li      a7, 93
        ecall
        .data
text:   .ascii  "hello\\n"
text_end:
`;
const LOOP = "        .globl  _start\n_start:\n        j       _start\n";
const FAULT = `        .globl  _start
_start: lui     a0, 0x30000
        lw      a1, 4(a0)
        ecall
`;

describe("nnasm run", () => {
  test("the program's output and exit code are the command's", async () => {
    const cwd = temporaryFolder({ "hello.nnasm": HELLO });
    const { code, stdout, stderr } = await runNnasm(["run", "hello.nnasm"], { cwd });
    expect({ code, stdout }).toEqual({ code: 300 & 0xff, stdout: "hello\n" });
    expect(stderr).toMatch(/^hel\nexit 44: \d+ cycles \(0\.\d us at 500 MHz\), \d+ instructions\n$/);
  });

  test("runs an ELF file in the same number of cycles", async () => {
    const cwd = temporaryFolder({ "hello.nnasm": HELLO });
    expect((await runNnasm(["build", "hello.nnasm"], { cwd })).code).toBe(0);
    const [source, elf] = await Promise.all(
      ["hello.nnasm", "hello.elf"].map((file) => runNnasm(["run", file], { cwd })),
    );
    expect(elf).toEqual(source);
  });

  test("--functional gives results without times", async () => {
    const cwd = temporaryFolder({ "hello.nnasm": HELLO });
    const { code, stdout, stderr } = await runNnasm(["run", "--functional", "hello.nnasm"], { cwd });
    expect({ code, stdout, stderr }).toEqual({
      code: 44,
      stdout: "hello\n",
      stderr: "hel\nexit 44: 14 instructions in functional mode\n",
    });
    const json = await runNnasm(["run", "--functional", "--json", "hello.nnasm"], { cwd });
    expect(JSON.parse(json.stdout)).toMatchObject({ mode: "functional", cycles: null, seconds: null, retired: 14 });
    const trace = await runNnasm(["run", "--functional", "--trace", "t.json", "hello.nnasm"], { cwd });
    expect(trace.stderr).toContain("--functional has no times to trace");
    expect(trace.code).not.toBe(0);
  });

  test("--log-commits writes what every instruction did", async () => {
    const cwd = temporaryFolder({ "hello.nnasm": HELLO });
    const { code, stdout } = await runNnasm(["run", "--log-commits", "log.txt", "hello.nnasm"], { cwd });
    expect({ code, stdout }).toEqual({ code: 44, stdout: "hello\n" });
    const lines = readFileSync(path.join(cwd, "log.txt"), "utf8").split("\n");
    expect(lines).toHaveLength(14 + 1);
    expect(lines[0]).toBe("core   0: 3 0x00000000 (0x00100513) x10 0x00000001");
    expect(lines.filter((line) => / \(0x00000073\) /.test(line))).toEqual([
      // The host reads what it writes, and answers with the count.
      expect.stringMatching(/^core {3}0: 3 0x[0-9a-f]{8} \(0x00000073\) mem 0x10000000$/),
      expect.stringMatching(/^core {3}0: 3 0x[0-9a-f]{8} \(0x00000073\) mem 0x10000000$/),
    ]);
    const nowhere = await runNnasm(["run", "--log-commits", "hello.nnasm/log.txt", "hello.nnasm"], { cwd });
    expect(nowhere.stderr).toContain("cannot write hello.nnasm/log.txt");
  });

  test("--json keeps the program's output apart", async () => {
    const cwd = temporaryFolder({ "hello.nnasm": HELLO });
    const { code, stdout, stderr } = await runNnasm(["run", "hello.nnasm", "--json"], { cwd });
    expect({ code, stderr }).toEqual({ code: 44, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      config: null,
      stop: { reason: "exit", exitCode: 44 },
      stdout: "hello\n",
      stderr: "hel",
    });
  });

  test("--max-cycles stops an endless program", async () => {
    const cwd = temporaryFolder({ "loop.nnasm": LOOP });
    const { code, stdout, stderr } = await runNnasm(["run", "loop.nnasm", "--max-cycles", "1e6"], { cwd });
    expect({ code, stdout }).toEqual({ code: 124, stdout: "" });
    expect(stderr).toContain(
      "loop.nnasm:3:9: error: stopped at pc 0x00000000 <_start> after 1,000,000 cycles [max-cycles]\n" +
        "          j       _start\n          ^~~~~~~~~~~~~~\n  hint: raise --max-cycles",
    );
  });

  test("a fault names unit, pc, source line, cause and the way out", async () => {
    const cwd = temporaryFolder({ "fault.nnasm": FAULT });
    const { code, stderr } = await runNnasm(["run", "-q", "fault.nnasm"], { cwd });
    expect(code).toBe(126);
    expect(stderr).toMatchInlineSnapshot(`
      "fault.nnasm:3:9: error: CU fault at pc 0x00000004 <_start+4>: no memory for a load of 4 bytes at 0x30000004 [fault-loadAccess]
                lw      a1, 4(a0)
                ^~~~~~~~~~~~~~~~~
        hint: see the memory map in docs/machine.md and the sizes in nnp.json
      "
    `);
    // An address outside of the program belongs to no label.
    const lost = temporaryFolder({ "lost.nnasm": "_start: li t0, 0x10000000\n jr t0\n" });
    expect((await runNnasm(["run", "-q", "lost.nnasm"], { cwd: lost })).stderr).toContain(
      "CU fault at pc 0x10000000: no code memory at 0x10000000",
    );
    const { code: jsonCode, stdout } = await runNnasm(["run", "fault.nnasm", "--json"], { cwd });
    expect(jsonCode).toBe(126);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      stop: {
        reason: "fault",
        pc: 4,
        file: "fault.nnasm",
        line: 3,
        fault: { kind: "loadAccess", unit: "cu", value: 0x30000004 },
      },
    });
  });

  test("a wait that nothing can end is a deadlock", async () => {
    const cwd = temporaryFolder({ "wait.nnasm": "        .globl _start\n_start:\n        wfi\n        nop\n" });
    const { code, stderr } = await runNnasm(["run", "wait.nnasm"], { cwd });
    expect(code).toBe(127);
    expect(stderr).toContain("wait.nnasm:3:9: error: deadlock at pc 0x00000000 <_start>: ");
  });

  test("what can't be started ends with 125", async () => {
    const cwd = temporaryFolder({ "bad.nnasm": "_start: adi a0, a0, 1\n" });
    for (const args of [
      ["run", "none.nnasm"],
      ["run", "bad.nnasm"],
      ["run", "--bogus"],
      ["run", "bad.nnasm", "-m", "0"],
    ]) {
      expect((await runNnasm(args, { cwd })).code, args.join(" ")).toBe(125);
    }
    expect((await runNnasm(["run", "--help"], { cwd })).code).toBe(0);
  });

  test("a program that doesn't fit the machine says what to change", async () => {
    const cwd = temporaryFolder({
      "big.nnasm": "        .globl _start\n_start: nop\n        .bss\n        .space 0x100000\n",
    });
    const { code, stderr } = await runNnasm(["run", "big.nnasm"], { cwd });
    expect(code).toBe(125);
    expect(stderr).toMatch(/dm\.bytes|DM/);
  });

  test("Ctrl-C stops a long run and says where it was", async () => {
    // The program greets before it loops, so that the signal comes neither before its start nor after its end.
    const cwd = temporaryFolder({ "loop.nnasm": HELLO.replace("li      a0, 300", "j       .") });
    const nnasm = path.join(ROOT, "cli/bin/nnasm.js");
    const child = spawn(process.execPath, [nnasm, "run", "loop.nnasm"], { cwd });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.stdout.once("data", () => child.kill("SIGINT"));
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect(code).toBe(130);
    expect(stderr).toContain("[interrupted]");
  });

  test("--trace writes events that a trace viewer takes", async () => {
    const cwd = temporaryFolder({ "hello.nnasm": HELLO });
    const { code } = await runNnasm(["run", "hello.nnasm", "-t", "out/trace.json"], { cwd });
    expect(code).toBe(44);
    const { readFileSync } = await import("node:fs");
    const { traceEvents } = JSON.parse(readFileSync(path.join(cwd, "out/trace.json"), "utf8"));
    expect(traceEvents.length).toBeGreaterThan(0);
    for (const event of traceEvents)
      expect(event).toMatchObject({ ph: expect.any(String), pid: 1, name: expect.any(String) });
  });

  test("what of an ELF file is doubtful is a warning that can be chosen", async () => {
    const cwd = temporaryFolder({ "hello.nnasm": HELLO });
    await runNnasm(["build", "hello.nnasm"], { cwd });
    const elf = readFileSync(path.join(cwd, "hello.elf"));
    // e_flags, bit 0: RVC.
    elf[36]! |= 1;
    writeFileSync(path.join(cwd, "hello.elf"), elf);
    const run = (...args: string[]) => runNnasm(["run", "hello.elf", "-q", ...args], { cwd });
    const warned = await run();
    expect(warned.stderr).toMatch(
      /^hello\.elf:1:1: warning: the program may hold compressed .*\[elf-compressed\]\n {2}hint: /,
    );
    expect(await run("-W", "no-elf-compressed")).toEqual({ code: 44, stdout: "hello\n", stderr: "hel\n" });
    expect(await run("-W", "error=elf-compressed")).toMatchObject({ code: 125, stdout: "" });
  });
});
