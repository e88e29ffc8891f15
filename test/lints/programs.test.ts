/** No false alarms: what the lints say of the programs of this repository, and of what GCC makes of C. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { assemble } from "@nnasm/sim-core/asm";
import { type MachineConfig, PRESETS, readConfig } from "@nnasm/sim-core/config";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import { LINTS, lint } from "@nnasm/sim-core/lint";
import { randomProgram } from "@nnasm/sim-core/testing";
import { describe, expect, it, test } from "vitest";
import { describeWith, EXTERNALS, scaled } from "../tools/index.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** The lints of this test; those about operations and tensors have tests beside this one. */
const CODE_LINTS: ReadonlySet<string> = new Set([
  ...["unreachable-code", "unused-function", "runs-off-end", "return-from-start", "jump-to-data", "misaligned-access"],
  ...["loop-body", "loop-entered", "loop-left", "loop-nesting", "uninitialised-register", "uninitialised-descriptor"],
  ...[
    "write-to-zero",
    "unused-result",
    "saved-register-changed",
    "stack-imbalance",
    "unused-token",
    "idle-unit",
    "empty-wait",
  ],
]);

/** `file:line id` of findings; lines from one. */
function findingsOf(entry: string, texts: Readonly<Record<string, string>> = {}): string[] {
  const configFile = path.join(path.dirname(entry), "nnp.json");
  const read = (file: string): Buffer | undefined => (existsSync(file) ? readFileSync(file) : undefined);
  const config: MachineConfig =
    (existsSync(configFile) ? readConfig(readFileSync(configFile, "utf8"), configFile).config : undefined) ??
    PRESETS.default;
  const host = {
    resolve: (from: string, relative: string) => path.resolve(path.dirname(from), relative),
    readText: (file: string) => texts[file] ?? read(file)?.toString("utf8"),
    readBytes: (file: string) => read(file),
  };
  const assembly = assemble({ entry, host, config, isa: BASE_ISA });
  if (!assembly.program) throw new Error(`${entry}: ${assembly.diagnostics[0]?.message}`);
  return lint(assembly, { config, isa: BASE_ISA })
    .filter(({ id }) => CODE_LINTS.has(id))
    .map(({ file, range, id }) => `${path.basename(file)}:${range.start.line + 1} ${id}`);
}

describe("programs of the repository", () => {
  const folder = "debug-adapter/test/programs";
  const programs = readdirSync(path.join(ROOT, folder)).filter(
    (name) => name.endsWith(".nnasm") && name !== "errors.nnasm",
  );
  /** What is true: a test of the debugger runs off its end, the goldens' source uses descriptors that it never loads. */
  const TRUE: Readonly<Record<string, readonly string[]>> = {
    "deadlock.nnasm": ["deadlock.nnasm:8 runs-off-end"],
    "tour.nnasm": ["tour.nnasm:23 uninitialised-descriptor", "tour.nnasm:23 uninitialised-descriptor"],
  };
  test.each([
    ...programs.map((name) => `${folder}/${name}`),
    `${folder}/project/main.nnasm`,
    "test-fixtures/fashion-mnist/fashion.nnasm",
    "test-fixtures/asm/tour.nnasm",
    "test-fixtures/samples/count.nnasm",
    "bench/scalar.nnasm",
  ])("%s", (name) => expect(findingsOf(path.join(ROOT, name))).toEqual(TRUE[path.basename(name)] ?? []));
});

it("programs of random operations have only what they are made with", () => {
  // They read and overwrite registers at random, leave out waits, and may wait for a unit that has drawn no operation.
  const made: ReadonlySet<string> = new Set(["uninitialised-register", "unused-result", "unused-token", "idle-unit"]);
  for (const seed of [...Array.from({ length: scaled(20, 2000) }, (_, index) => index + 1), 70_235]) {
    const entry = path.join(ROOT, "random.nnasm");
    const others = findingsOf(entry, { [entry]: randomProgram(seed).text }).filter(
      (each) => !made.has(each.split(" ")[1]!),
    );
    expect(others, `program ${seed}`).toEqual([]);
  }
});

function isTooFar(text: string): boolean {
  const host = { resolve: (_: string, name: string) => name, readText: () => text, readBytes: () => undefined };
  const { diagnostics } = assemble({ entry: "main.nnasm", host, config: PRESETS.default, isa: BASE_ISA });
  return diagnostics.some(({ id }) => id === "target-out-of-range");
}

const GCC = "riscv64-unknown-elf-gcc";
const TARGET = ["-S", "-ffreestanding", "-march=rv32im_zicsr", "-mabi=ilp32"];

describeWith([EXTERNALS.riscvGcc], "what GCC makes of C", () => {
  const files = ["test-fixtures/asm/c", "test-fixtures/c"].flatMap((folder) =>
    readdirSync(path.join(ROOT, folder))
      // A function of assembly.c ends the program, so that what is called behind it is truly unreachable.
      .filter((name) => name.endsWith(".c") && name !== "assembly.c")
      .map((name) => path.join(ROOT, folder, name)),
  );
  for (const level of scaled(["-O2"], ["-O0", "-O1", "-O2", "-O3", "-Os"])) {
    it(`has no findings at ${level}`, () => {
      const folder = mkdtempSync(path.join(tmpdir(), "nnasm-lints-"));
      const wrong: string[] = [];
      for (const file of files) {
        const output = path.join(folder, `${path.basename(file, ".c")}.nnasm`);
        execFileSync(GCC, [...TARGET, level, "-I", path.join(ROOT, "sdk"), file, "-o", output], { stdio: "pipe" });
        const source = readFileSync(output, "utf8");
        const defined = new Set([...source.matchAll(/^([A-Za-z_][\w.]*):/gm)].map(([, name]) => name!));
        const called = [...source.matchAll(/^\t(?:call|tail)\t([A-Za-z_][\w.]*)/gm)].map(([, name]) => name!);
        const missing = [...new Set(called)].filter((name) => !defined.has(name));
        const stubs = missing.map((name) => `${name}: ret\n`).join("");
        const global = [...source.matchAll(/^\t\.type\t([\w.]+), @function/gm)].map(([, name]) => ` call ${name}\n`);
        const start = `\n .text\n .globl _start\n_start: la sp, __stack_top\n${global.join("")} li a7, 93\n ecall\n${stubs}`;
        const text = `${source}${start}`;
        // GNU as lengthens branches that don't reach; ours refuses them (docs/assembler-differences.md).
        const found = isTooFar(text) ? [] : findingsOf(output, { [output]: text });
        // Without optimisation GCC leaves results that nothing reads.
        const isNews = (each: string): boolean => level !== "-O0" || !each.endsWith("unused-result");
        wrong.push(
          ...found.filter(isNews).map((each) => `${each}: ${text.split("\n")[Number(/:(\d+)/.exec(each)![1]) - 1]}`),
        );
      }
      rmSync(folder, { recursive: true });
      expect(wrong).toEqual([]);
    });
  }
});

it("the lints of this test exist", () => {
  for (const id of CODE_LINTS) expect(Object.keys(LINTS)).toContain(id);
});
