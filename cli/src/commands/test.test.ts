import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createColors } from "picocolors";
import { describe, expect, test } from "vitest";
import { describeWith, EXTERNALS, ROOT, runNnasm, temporaryFolder } from "../../../test/tools/index.ts";
import type { Io } from "../io.ts";
import { findTests } from "../testing/find.ts";
import { junitXml } from "../testing/junit.ts";
import type { TestEvent, TestResult } from "../testing/protocol.ts";
import { runTest } from "../testing/run-test.ts";

const ADD = `        .include "lib/twice.inc"
        .text
_start: li      a0, 3
        call    twice
done:   addi    a0, a0, -6
        bnez    a0, bad
exit:   li      a7, 93
        ecall
bad:    j       exit
        .expect a0 == 6, at=done
        .expect a0 == 0
`;
const TWICE = "twice:  add     a0, a0, a0\n        ret\n";
const TENSOR = `        .tensor out, int8, 1, 1, 2, 2, in=dm
        .text
_start: la      t0, out.base
        li      t1, 0x04030201
        sw      t1, 0(t0)
        li      a0, 1
        la      a1, text
        li      a2, 8
        li      a7, 64
        ecall
        li      a0, 7
        li      a7, 93
        ecall
text:   .ascii  "one\\ntwo\\n"
`;
const EXIT = "        li a0, 0\n        li a7, 93\n        ecall\n";

function ioIn(cwd: string): Io {
  const output = { write: () => undefined, colors: createColors(false), isTerminal: false };
  return { out: output, err: output, readInput: () => new Uint8Array(), cwd };
}

/** Runs the tests of a folder one after the other, without threads. */
async function resultsIn(files: Readonly<Record<string, string | Uint8Array>>): Promise<Record<string, TestResult>> {
  const cwd = temporaryFolder(files);
  const results: Record<string, TestResult> = {};
  for (const item of findTests(cwd, ["."])) {
    results[item.file] = (await runTest(ioIn(cwd), item, { maxCycles: 10_000 })).result;
  }
  return results;
}

const failuresOf = ({ failures = [] }: Partial<TestResult> = {}) =>
  failures.map(({ id, message }) => `${id}: ${message}`);

describe("tests are found", () => {
  test("by expectations, expected files and their names; sources that others include are none", () => {
    const cwd = temporaryFolder({
      "z/add.nnasm": ADD.replace("lib/twice.inc", "part.nnasm"),
      "z/part.nnasm": `${TWICE}        .expect a0 == 1\n`,
      "plain.nnasm": `_start:\n${EXIT}`,
      "out.nnasm": TENSOR,
      "out.expected/exit-code.txt": "7\n",
      "smoke.test.nnasm": `_start:\n${EXIT}`,
      "comment.nnasm": `# .expect a0 == 1\n_start:\n${EXIT}`,
    });
    expect(findTests(cwd, ["."])).toEqual([
      {
        file: "out.nnasm",
        checks: [{ name: "exit-code.txt", file: "out.expected/exit-code.txt", line: 1, column: 1 }],
      },
      { file: "smoke.test.nnasm", checks: [] },
      {
        file: "z/add.nnasm",
        checks: [
          { name: ".expect a0 == 6, at=done", file: "z/add.nnasm", line: 10, column: 9 },
          { name: ".expect a0 == 0", file: "z/add.nnasm", line: 11, column: 9 },
        ],
      },
    ]);
    expect(findTests(cwd, ["plain.nnasm", "z", "z/add.nnasm"]).map(({ file }) => file)).toEqual([
      "plain.nnasm",
      "z/add.nnasm",
    ]);
    expect(() => findTests(cwd, ["no.nnasm"])).toThrow("no.nnasm");
  });
});

describe("a test", () => {
  test("passes when everything holds, and names what it depends on", async () => {
    const results = await resultsIn({ "add.nnasm": ADD, "lib/twice.inc": TWICE, "nnp.json": "{}" });
    expect(results["add.nnasm"]).toMatchObject({ status: "passed", failures: [], checks: [{ status: "passed" }, {}] });
    expect(new Set(results["add.nnasm"]!.dependencies)).toEqual(new Set(["add.nnasm", "lib/twice.inc", "nnp.json"]));
  });

  test("is compared with files: tensors, output, exit code", async () => {
    const good = {
      "t.nnasm": TENSOR,
      "t.expected/out.bin": Uint8Array.of(1, 2, 3, 4),
      "t.expected/stdout.txt": "one\ntwo\n",
      "t.expected/exit-code.txt": "7",
    };
    expect((await resultsIn(good))["t.nnasm"]).toMatchObject({ status: "passed" });
    const bad = await resultsIn({
      ...good,
      "t.expected/out.bin": Uint8Array.of(1, 2, 9, 4),
      "t.expected/stdout.txt": "one\nTWO\n",
      "t.expected/exit-code.txt": "8",
    });
    expect(bad["t.nnasm"]!.checks.map(({ status }) => status)).toEqual(["failed", "failed", "failed"]);
    expect(bad["t.nnasm"]!.failures).toMatchObject([
      { file: "t.expected/out.bin", element: [0, 0, 1, 0], expected: "1 2\n9 4", actual: "1 2\n3 4" },
      { id: "exit-code", file: "t.expected/exit-code.txt", expected: "8", actual: "7" },
      { id: "stdout", file: "t.expected/stdout.txt", line: 2, expected: "one\nTWO\n", actual: "one\ntwo\n" },
    ]);
    expect(bad["t.nnasm"]!.failures[0]!.cycle).toBeGreaterThan(5);
  });

  test("has to exit with 0 where nothing else is expected", async () => {
    const results = await resultsIn({ "t.test.nnasm": TENSOR, "u.nnasm": `${TENSOR}        .expect a0 == 7\n` });
    expect(failuresOf(results["t.test.nnasm"])).toEqual(["exit-code: the program exits with 7, expected 0"]);
    expect(results["t.test.nnasm"]!.failures[0]).toMatchObject({ file: "t.test.nnasm", line: 13 });
    expect(results["u.nnasm"]!.status).toBe("passed");
  });

  test("fails when it doesn't assemble, faults, waits for nothing or runs too long", async () => {
    const results = await resultsIn({
      "a.test.nnasm": "_start: lx a0\n",
      "b.test.nnasm": "_start: li a0, 0x30000000\n        lw a1, 0(a0)\n",
      "c.test.nnasm": "_start: wfi\n",
      "d.nnasm": "_start: j _start\n        .expect a0 == 1\n",
      "e.test.nnasm": `        .include "gone.inc"\n_start:\n${EXIT}`,
    });
    expect(Object.values(results).map(({ failures }) => failures.map(({ id, line }) => `${id} ${line}`))).toEqual([
      ["unknown-mnemonic 1"],
      ["fault-loadAccess 2"],
      ["deadlock 1"],
      ["max-cycles 1"],
      [expect.stringMatching(/ 1$/)],
    ]);
    expect(results["d.nnasm"]!.checks).toMatchObject([{ status: "unchecked" }]);
    // A missing file is waited for, too.
    expect(results["e.test.nnasm"]!.dependencies).toContain("gone.inc");
  });

  test("with an expected file that fits nothing fails, and says what would fit", async () => {
    const wrong = async (name: string, bytes: Uint8Array | string) =>
      failuresOf((await resultsIn({ "t.nnasm": TENSOR, [`t.expected/${name}`]: bytes }))["t.nnasm"]);
    expect(await wrong("outt.bin", "1234")).toEqual([
      "not-started: t.expected/outt.bin: the program has no tensor outt",
    ]);
    expect(await wrong("out.bin", "123456")).toEqual([
      "not-started: t.expected/out.bin holds 6 elements, out has 4 (1 x 1 x 2 x 2)",
    ]);
    expect(await wrong("out.txt", "")).toEqual([
      "not-started: t.expected/out.txt is nothing that a test can be compared with",
    ]);
    expect(await wrong("out.npy", "no array")).toEqual(["not-started: t.expected/out.npy: is no .npy file"]);
  });
});

/** What Jenkins' schema of JUnit reports (junit-10.xsd of its xUnit plugin) asks for, as a RELAX NG grammar. */
const JUNIT_GRAMMAR = `<element name="testsuites" xmlns="http://relaxng.org/ns/structure/1.0"
    datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
  <attribute name="name"/><attribute name="time"><data type="decimal"/></attribute>
  <attribute name="tests"><data type="integer"/></attribute>
  <attribute name="failures"><data type="integer"/></attribute><attribute name="errors"><data type="integer"/></attribute>
  <zeroOrMore><element name="testsuite">
    <attribute name="name"/><attribute name="tests"><data type="integer"/></attribute>
    <attribute name="failures"><data type="integer"/></attribute><attribute name="errors"><data type="integer"/></attribute>
    <attribute name="skipped"><data type="integer"/></attribute><attribute name="time"><data type="decimal"/></attribute>
    <zeroOrMore><element name="testcase">
      <attribute name="name"/><attribute name="classname"/><attribute name="time"><data type="decimal"/></attribute>
      <choice><element name="skipped"><empty/></element><zeroOrMore><element name="failure">
        <attribute name="type"/><attribute name="message"/><text/></element></zeroOrMore></choice>
    </element></zeroOrMore>
    <element name="system-out"><text/></element><element name="system-err"><text/></element>
  </element></zeroOrMore>
</element>`;

describeWith(EXTERNALS.xmllint, "JUnit reports", () => {
  test("are XML of the common schema, whatever programs print", async () => {
    const results = await resultsIn({
      "a & <b>.test.nnasm": TENSOR.replace("one\\ntwo\\n", "]]>\\0\\033&x\\n"),
      "d.nnasm": "_start: j _start\n        .expect a0 == 1\n",
      "good.nnasm": ADD,
      "bad.nnasm": ADD.replace("li      a0, 3", "li      a0, 4"),
      "lib/twice.inc": TWICE,
    });
    const cwd = temporaryFolder({ "junit.xml": junitXml(Object.values(results)), "junit.rng": JUNIT_GRAMMAR });
    const xmllint = (...args: string[]): string =>
      execFileSync("xmllint", [...args, "junit.xml"], { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    xmllint("--noout", "--relaxng", "junit.rng");
    const value = (xpath: string): string => xmllint("--xpath", `string(${xpath})`).trim();
    expect(value("/testsuites/@tests")).toBe(value("count(//testcase)"));
    expect(value("/testsuites/@failures")).toBe(value("count(//testcase[failure])"));
    expect(value("count(//testcase[failure])")).toBe("4");
    expect(value("//testsuite[@name='d.nnasm']/testcase[skipped]/@name")).toBe(".expect a0 == 1 (line 2)");
    expect(value("//testsuite[1]/@name")).toBe("a & <b>.test.nnasm");
  });
});

describe("nnasm test", () => {
  const FILES = { "a.nnasm": ADD, "lib/twice.inc": TWICE, "b.test.nnasm": "_start: lx a0\n", "c.test.nnasm": TENSOR };

  test("reports in the order of names, with coverage; --bail stops at the first failure", {
    timeout: 60_000,
  }, async () => {
    const cwd = temporaryFolder(FILES);
    const { code, stdout } = await runNnasm(["test", "--coverage", "--lcov", "out.info", "--junit", "out.xml"], {
      cwd,
    });
    expect(code).toBe(1);
    expect(stdout.split("\n").filter((line) => /^[✓✗]/.test(line))).toEqual([
      expect.stringMatching(/^✓ a\.nnasm {2}2 checks, \d+ cycles$/),
      "✗ b.test.nnasm",
      expect.stringMatching(/^✗ c\.test\.nnasm {2}\d+ cycles$/),
    ]);
    expect(stdout).toMatch(/^a\.nnasm +85\.7 % +50\.0 % .*9, 6 never taken$/m);
    expect(stdout).toMatch(/^lib\/twice\.inc +100\.0 %/m);
    expect(stdout).toMatch(/^2 failed, 1 passed /m);
    expect(readFileSync(path.join(cwd, "out.info"), "utf8")).toContain("SF:lib/twice.inc\n");
    expect(readFileSync(path.join(cwd, "out.xml"), "utf8")).toContain('<testsuites name="nnasm"');

    const bailed = await runNnasm(["test", "--bail", "--json"], { cwd });
    expect(bailed.code).toBe(1);
    const { tests, ...rest } = JSON.parse(bailed.stdout) as { tests: TestResult[] };
    expect(rest).toMatchObject({ ok: false, passed: 1, failed: 1, skipped: 1 });
    expect(tests.map(({ file }) => file)).toEqual(["a.nnasm", "b.test.nnasm"]);

    const filtered = await runNnasm(["test", "-k", "nothing"], { cwd });
    expect(filtered).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("-k nothing fits none of the tests"),
    });
  });

  test("--watch runs again what an edit concerns, and new tests", { timeout: 90_000 }, async () => {
    const cwd = temporaryFolder({ "a.nnasm": ADD, "lib/twice.inc": TWICE, "s.test.nnasm": `_start:\n${EXIT}` });
    const args = [path.join(ROOT, "cli/bin/nnasm.js"), "test", "--watch", "--stream"];
    const child = spawn(process.execPath, args, { cwd, stdio: ["ignore", "pipe", "inherit"] });
    const events: TestEvent[] = [];
    let rest = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      events.push(...lines.map((line) => JSON.parse(line) as TestEvent));
    });
    const code = new Promise((resolve) => child.once("close", resolve));
    const results = () =>
      events.flatMap((event) => (event.event === "result" ? [`${event.file} ${event.status}`] : []));
    const nowWatching = async (times: number): Promise<void> => {
      await expect
        .poll(() => events.filter((event) => event.event === "error").length, { timeout: 60_000, interval: 50 })
        .toBeGreaterThanOrEqual(times);
    };
    try {
      await nowWatching(1);
      expect(results()).toEqual(["a.nnasm passed", "s.test.nnasm passed"]);
      appendFileSync(path.join(cwd, "lib/twice.inc"), "        nop\n");
      writeFileSync(path.join(cwd, "lib/twice.inc"), TWICE.replace("a0, a0, a0", "a0, a0, zero"));
      await nowWatching(2);
      expect(results().slice(2)).toEqual(["a.nnasm failed"]);
      writeFileSync(path.join(cwd, "n.test.nnasm"), `_start:\n${EXIT}`);
      await nowWatching(3);
      expect(results().slice(3)).toEqual(["n.test.nnasm passed"]);
    } finally {
      child.kill("SIGINT");
    }
    expect(await code).toBe(130);
  });
});
