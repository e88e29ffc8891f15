/** GDB itself, in batch mode, on programs that our server has. */
import { spawn } from "node:child_process";
import { connect } from "node:net";
import path from "node:path";
import { expect, it } from "vitest";
import { describeWith, EXTERNALS, ROOT, runNnasm } from "../tools/index.ts";
import { commands, compile, gdbOn, workFolder } from "./served.ts";

const SAMPLE = path.join(ROOT, "sdk/sample.c");

/** What GDB printed, without blanks at the ends of lines. */
const lines = (text: string): string[] => text.split("\n").map((line) => line.trim());

describeWith([EXTERNALS.riscvGcc, EXTERNALS.gdb], "GDB on a C program", () => {
  it("breaks by symbol and line, steps, looks at everything, and runs to the exit code", async () => {
    const elf = compile(SAMPLE, "-O0");
    const { stdout, stderr } = await gdbOn(
      elf,
      commands(
        "break describe",
        "continue",
        "info args",
        "next",
        'printf "first %x\\n", descriptor[0]',
        "finish",
        "delete",
        "break sample.c:34",
        "info registers a0 mcycle",
        "p $nu.kh",
        "continue",
        "delete",
        "finish",
        "p $td0.tensor.h",
        "p $td1.tensor.h",
        "p $nu.kh",
        "p $nu_completed",
        "p $nu_token",
        "x/2xw descriptor",
        "p input[1]",
        "set var input[0][0][0] = 99",
        "p/d input[0][0][0]",
        "set $a5 = 77",
        "p $a5",
        "p $cycles > 1000 && $retired > 1000",
        "monitor cycles",
        "continue",
      ),
    );
    const out = lines(stdout);
    expect(out, stderr).toContain("w = 4");
    expect(out).toContain("first 10000010");
    expect(out.some((line) => /^Breakpoint 2, dot .*words=4\)/.test(line))).toBe(true);
    expect(out).toContain("Value returned is $2 = 440");
    for (const text of ["$1 = 1", "$3 = 4", "$4 = 2", "$5 = 2", "$6 = 1", "$7 = 268435457"])
      expect(out).toContain(text);
    expect(stdout).toMatch(/<descriptor>:\s*0x10000110\s+0x00000001/);
    expect(out).toContain("$9 = 99");
    expect(out).toContain("$10 = 77");
    expect(out).toContain("$11 = 1");
    expect(stderr).toMatch(/[\d,]+ cycles \([\d.]+ ms at 500 MHz\), [\d,]+ instructions/);
    expect(stdout).toContain("[Inferior 1 (Remote target) exited with code 052]");
  });

  it("goes back: steps, to breakpoints, to where something was written, to the beginning", async () => {
    const elf = compile(SAMPLE, "-O0");
    const { stdout, stderr } = await gdbOn(
      elf,
      commands(
        "break dot",
        "continue",
        "next",
        "next",
        "reverse-next",
        "info symbol $pc",
        "delete",
        "watch output[0][0][3]",
        "reverse-continue",
        'printf "before %d\\n", output[0][0][3]',
        "continue",
        'printf "after %d\\n", output[0][0][3]',
        "delete",
        "reverse-stepi",
        "stepi",
        "reverse-continue",
        "info symbol $pc",
      ),
    );
    const out = lines(stdout);
    const order = ["before 0", "after 23", "No more reverse-execution history.", "_start in section .text"];
    expect(
      out.filter((line) => order.includes(line)),
      stderr + stdout,
    ).toEqual(order);
    // What the program or the machine says is no output of GDB's own.
    expect(stderr).toContain("was written by nu.maxpool");
  });
});

describeWith([EXTERNALS.gdb], "GDB on an assembly program", () => {
  it("steps through a hardware loop, instruction by instruction, and meets a fault as a signal", async () => {
    const elf = path.join(workFolder(), "loops.elf");
    const built = await runNnasm(["build", path.join(ROOT, "test/gdb/loops.nnasm"), "-o", elf]);
    expect(built.code, built.stderr).toBe(0);
    const { stdout, stderr } = await gdbOn(
      elf,
      commands(
        "break body",
        "continue",
        ...Array.from({ length: 4 }, () => ["stepi", 'printf "at %d with %d\\n", (int)$pc - (int)&body, $a0']).flat(),
        "delete",
        "continue",
        'printf "a0 %d\\n", $a0',
        "continue",
      ),
    );
    const out = lines(stdout);
    expect(out.filter((line) => line.startsWith("at "))).toEqual([
      "at 4 with 1",
      "at 0 with 11",
      "at 4 with 12",
      "at 0 with 22",
    ]);
    expect(out).toContain("Program received signal SIGSEGV, Segmentation fault.");
    expect(stderr).toContain("no memory for a load of 4 bytes at 0x70000000");
    expect(out).toContain("a0 33");
    expect(out).toContain("Program terminated with signal SIGSEGV, Segmentation fault.");
  });
});

/** The command as a process; `use` gets its port. It ends with the test. */
async function served(args: readonly string[], use: (port: number) => Promise<void>): Promise<string> {
  const child = spawn(process.execPath, [path.join(ROOT, "cli/bin/nnasm.js"), "gdbserver", ...args]);
  let told = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (told += text));
  try {
    const port = await new Promise<number>((resolve, reject) => {
      child.once("exit", () => reject(new Error(told)));
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        const [, found] = /127\.0\.0\.1:(\d+)/.exec(text) ?? [];
        if (found) resolve(Number(found));
      });
    });
    await use(port);
  } finally {
    child.kill();
  }
  return told;
}

/** Everything that the server sends until it says `until`, or closes. */
function talk(port: number, until: string): Promise<{ text: string; end: () => void }> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    const done = () => resolve({ text, end: () => socket.destroy() });
    socket.setEncoding("latin1").on("data", (part: string) => {
      text += part;
      if (text.includes(until)) done();
    });
    socket.on("error", reject).on("close", done);
    socket.write("$qC#b4");
  });
}

describeWith([], "nnasm gdbserver", () => {
  it("takes one client at a time, and the next one after it", async () => {
    const log = await served([path.join(ROOT, "test/gdb/loops.nnasm")], async (port) => {
      const first = await talk(port, "QC1");
      expect(first.text).toContain("$QC1#");
      const second = await talk(port, "no such text");
      expect(second.text).toMatch(/^\$E\.another debugger is connected.*#[\da-f]{2}$/);
      first.end();
      // The server hears of it a little later.
      for (let tries = 0; ; tries++) {
        const third = await talk(port, "QC1");
        third.end();
        if (third.text.includes("$QC1#")) break;
        expect(tries).toBeLessThan(1000);
      }
    });
    expect(log).toContain("another debugger is connected");
  });

  it("says what is wrong with a program, an option or a port", async () => {
    const missing = await runNnasm(["gdbserver", "missing.elf"]);
    expect(missing).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("cannot read missing.elf: no such file"),
    });
    const port = await runNnasm(["gdbserver", "x.nnasm", "--port", "70000"]);
    expect(port).toMatchObject({ code: 2, stderr: expect.stringContaining("0..65535") });
    await served([path.join(ROOT, "test/gdb/loops.nnasm")], async (taken) => {
      const again = await runNnasm(["gdbserver", path.join(ROOT, "test/gdb/loops.nnasm"), "-p", String(taken)]);
      expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining(`port ${taken} is taken`) });
    });
  });
});
