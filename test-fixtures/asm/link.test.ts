/** Our linker beside GNU ld: the same bytes and symbol values for objects of GCC, of GNU as and of ours, in any mixture. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { assembleObject } from "@nnasm/sim-core/asm";
import { PRESETS } from "@nnasm/sim-core/config";
import { formatDiagnostic } from "@nnasm/sim-core/diagnostics";
import { readElf, readObject, writeObject } from "@nnasm/sim-core/elf";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import { isArchive, type LinkInput, link } from "@nnasm/sim-core/link";
import { R_RISCV } from "@nnasm/sim-core/object";
import type { Program } from "@nnasm/sim-core/program";
import { describe, expect, it } from "vitest";
import { describeWith, EXTERNALS, scaled } from "../../test/tools/external.ts";
import { BINUTILS, inFolder, memoryHost, ours, tool } from "./gnu.ts";

const here = path.dirname(fileURLToPath(import.meta.url));
const C = path.join(here, "c");
const TARGET = ["-march=rv32im_zicsr", "-mabi=ilp32", "-ffreestanding", "-fno-builtin"];
const LD = ["-m", "elf32lriscv", "--no-relax", "-T", path.join(here, "link.ld")];
const START = "\t.globl _start\n_start:\tnop\n";

/** An object of ours as the bytes of its file. */
function assembled(source: string, name = "a.s"): Uint8Array {
  const host = memoryHost({ [name]: source });
  const { object, diagnostics } = assembleObject({ entry: name, host, config: PRESETS.default, isa: BASE_ISA });
  if (!object) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  const bytes = writeObject(object);
  expect(readObject(bytes).object).toEqual(object);
  return bytes;
}

function inputOf(folder: string, name: string): LinkInput {
  const bytes = new Uint8Array(readFileSync(path.join(folder, name)));
  if (isArchive(bytes)) return { name, bytes };
  const { object, errors } = readObject(bytes);
  if (!object) throw new Error(`${name}: ${errors[0]?.message}`);
  return { name, object };
}

function relocationTypes(folder: string, name: string): number[] {
  const input = inputOf(folder, name);
  const sections = "object" in input ? input.object.sections : [];
  return sections.flatMap(({ relocations }) => relocations.map(({ type }) => type));
}

function linked(folder: string, names: readonly string[]): Program {
  const inputs = names.map((name) => inputOf(folder, name));
  const { program, diagnostics } = link({ inputs, config: PRESETS.default });
  if (!program || diagnostics.length > 0) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  return program;
}

function gnuLinked(folder: string, names: readonly string[], more: readonly string[] = []): Program {
  tool("ld", [...LD, ...more, ...names, "-o", "gnu.elf"], folder);
  const { program, errors } = readElf(new Uint8Array(readFileSync(path.join(folder, "gnu.elf"))));
  if (!program) throw new Error(errors.map((error) => error.message).join("\n"));
  return program;
}

/** Memory contents by address, without what is zero anyway. */
function memory(program: Program): Record<string, number> {
  const bytes: Record<string, number> = {};
  for (const segment of program.segments) {
    segment.bytes.forEach((byte, index) => {
      if (byte !== 0) bytes[(segment.address + index).toString(16)] = byte;
    });
  }
  return bytes;
}

const symbols = (program: Program) =>
  program.symbols
    .filter(({ name, kind }) => kind !== "section" && kind !== "file" && name !== "" && !name.startsWith(".L"))
    .map(({ name, address, bytes, kind, global }) => `${name} ${address.toString(16)} ${bytes} ${kind} ${global}`)
    .sort();

const lines = ({ lines, files }: Program) =>
  lines.map(({ address, file, line, code }) => `${address.toString(16)} ${code ? `${files[file]}:${line}` : "end"}`);

/** What `nm` finds undefined. */
function undefinedIn(folder: string, names: readonly string[]): string[] {
  const text = tool("nm", [...names], folder);
  const defined = new Set([...text.matchAll(/^[0-9a-f]+ +\w (\S+)$/gm)].map((match) => match[1]!));
  const used = [...text.matchAll(/^ +U (\S+)$/gm)].map((match) => match[1]!);
  return [...new Set(used)].filter((name) => !defined.has(name));
}

/** Functions that C expects of a library, and the start, in an object `start.o`. */
function writeStart(folder: string, names: readonly string[]): void {
  const stubs = undefinedIn(folder, names).map((name) => `\t.globl ${name}\n${name}:\tret\n`);
  writeFileSync(path.join(folder, "start.o"), assembled(stubs.join("") + START));
}

function expectSame(mine: Program, theirs: Program): void {
  expect(memory(mine)).toEqual(memory(theirs));
  expect(symbols(mine)).toEqual(symbols(theirs));
  expect(mine.entry).toBe(theirs.entry);
  expect(lines(mine)).toEqual(lines(theirs));
}

/** Renames the globals of objects that define a name which another one before defines as well. */
function separateNames(folder: string, names: readonly string[]): void {
  const owners = new Map<string, string>();
  const renames = new Map<string, string[]>();
  for (const [, object = "", name = ""] of tool("nm", ["-A", "-g", "--defined-only", ...names], folder).matchAll(
    /^([^:]+):[0-9a-f]+ \w (\S+)$/gm,
  )) {
    if (!owners.has(name)) owners.set(name, object);
    else renames.set(object, [...(renames.get(object) ?? []), "--redefine-sym", `${name}=${object}_${name}`]);
  }
  for (const [object, options] of renames) tool("objcopy", [...options, object], folder);
}

const FILES = readdirSync(C).filter((name) => name.endsWith(".c"));

describeWith([EXTERNALS.riscvGcc, ...BINUTILS], "objects of GCC, linked like GNU ld", () => {
  // All of them are linked below as one program.
  for (const file of scaled(["switches.c"], FILES)) {
    for (const options of [["-O0", "-g"], ["-O2"]]) {
      it(`${file} ${options.join(" ")}, with relaxation left to the linker`, () => {
        inFolder((folder) => {
          tool("gcc", ["-c", ...TARGET, ...options, path.join(C, file), "-o", "a.o"], folder);
          writeStart(folder, ["a.o"]);
          const names = ["start.o", "a.o"];
          expectSame(linked(folder, names), gnuLinked(folder, names));
        });
      });
    }
  }

  for (const level of scaled(["-O2"], ["-O0", "-O1", "-O2", "-Os"])) {
    it(`all files in one program, ${level}, with alignments of loops and functions`, () => {
      inFolder((folder) => {
        const flags = ["-c", ...TARGET, level, "-g", "-falign-functions=32", "-falign-loops=16"];
        tool("gcc", [...flags, ...FILES.map((file) => path.join(C, file))], folder);
        const names = FILES.map((file) => file.replace(/c$/, "o"));
        separateNames(folder, names);
        writeStart(folder, names);
        const all = ["start.o", ...names];
        const types = all.flatMap((name) => relocationTypes(folder, name));
        // GCC aligns nothing when it optimises for size.
        if (level !== "-Os") expect(types).toContain(R_RISCV.ALIGN);
        for (const type of ["RELAX", "CALL_PLT", "ADD32", "SUB32", "SET6", "SUB6", "HI20", "LO12_S"] as const) {
          expect(types, type).toContain(R_RISCV[type]);
        }
        expectSame(linked(folder, all), gnuLinked(folder, all));
      });
    });
  }

  for (const file of scaled(["sieve.c", "strings.c"], FILES)) {
    it(`${file} as a source: our object takes the place of GNU as's`, () => {
      inFolder((folder) => {
        tool("gcc", ["-S", ...TARGET, "-O1", path.join(C, file), "-o", "a.s"], folder);
        const source = `${readFileSync(path.join(folder, "a.s"), "utf8")}\t.local own\n\t.comm own, 24, 8\n\t.data\n\t.word own\n`;
        writeFileSync(path.join(folder, "a.s"), source);
        tool("as", ["-march=rv32im_zicsr_zifencei", "-mabi=ilp32", "-mno-relax", "a.s", "-o", "gnu.o"], folder);
        writeFileSync(path.join(folder, "a.o"), assembled(source));
        writeStart(folder, ["a.o"]);
        const theirs = gnuLinked(folder, ["start.o", "gnu.o"]);
        for (const mine of [linked(folder, ["start.o", "a.o"]), gnuLinked(folder, ["start.o", "a.o"])]) {
          expect(memory(mine)).toEqual(memory(theirs));
          expect(symbols(mine)).toEqual(symbols(theirs));
        }
      });
    });
  }

  it("strings and constants that may be merged", () => {
    inFolder((folder) => {
      const texts = ["", "a", "ba", "cba", "hello", "say hello", "lo", "x hello", "hell", "o"];
      const source = (own: readonly string[]) =>
        [
          `const char *strings_${own.length}[] = { ${own.map((text) => JSON.stringify(text)).join(", ")} };`,
          `const char *const middle_${own.length} = "say hello" + 4;`,
          `double value_${own.length}(int i) { return i ? 1.25 : 3.5e10; }`,
        ].join("\n");
      const files = [texts, [...texts].reverse().slice(1), texts.slice(3, 7)];
      files.forEach((own, index) => {
        writeFileSync(path.join(folder, `m${index}.c`), source(own));
        tool("gcc", ["-c", ...TARGET, "-O2", "-g", `m${index}.c`, "-o", `m${index}.o`], folder);
      });
      const names = files.map((_, index) => `m${index}.o`);
      writeStart(folder, names);
      const mine = linked(folder, ["start.o", ...names]);
      expectSame(mine, gnuLinked(folder, ["start.o", ...names]));
      const rodata = mine.sections.find(({ name }) => name === ".rodata")!;
      const bytes = mine.segments.find(({ address }) => address === rodata.address)!.bytes.subarray(0, rodata.bytes);
      expect(Buffer.from(bytes).toString("latin1").split("say hello").length).toBe(2);
    });
  });

  it("members of libraries, as they are needed, and GCC's own", () => {
    inFolder((folder) => {
      const sources = {
        "main.c":
          "long long divide(long long, long long); int first(int); int main(void) { return divide(first(84), 2); }",
        "divide.c": "long long divide(long long a, long long b) { return a / b; }",
        "first.c": "int second(int); int first(int x) { return second(x); }",
        "second.c": "int second(int x) { return x; }",
        "unused.c": "int unused(void) { return missing_everywhere(); } extern int missing_everywhere(void);".replace(
          /^(.*) (extern.*)$/,
          "$2 $1",
        ),
      };
      for (const [name, text] of Object.entries(sources)) {
        writeFileSync(path.join(folder, name), text);
        tool("gcc", ["-c", ...TARGET, "-O2", name], folder);
      }
      tool("ar", ["rcs", "libmine.a", "unused.o", "divide.o", "first.o", "second.o"], folder);
      writeFileSync(path.join(folder, "start.o"), assembled(`${START}\tcall main\n\tli a7, 93\n\tecall\n`));
      const libgcc = tool("gcc", ["-march=rv32im", "-mabi=ilp32", "-print-libgcc-file-name"], folder).trim();
      writeFileSync(path.join(folder, "libgcc.a"), readFileSync(libgcc));
      const names = ["start.o", "main.o", "libmine.a", "libgcc.a"];
      const mine = linked(folder, names);
      expectSame(mine, gnuLinked(folder, names));
      expect(mine.symbols.map(({ name }) => name)).toContain("__divdi3");
      expect(mine.symbols.map(({ name }) => name)).not.toContain("unused");
    });
  });
});

describeWith(BINUTILS, "objects of ours", () => {
  const tour = readFileSync(path.join(here, "tour.nnasm"), "utf8");
  const weak = `.weak hook, absent
    .globl main
main: call hook
    la a0, hook
    la a1, absent
    la a2, shared
    beq a0, a1, main
    j elsewhere
    ret
hook: ret
    .data
    .word hook, absent, shared + 4, end - main, elsewhere - main
    .byte 1, end - middle
    .half end - middle
    .dword main
middle: .zero 5
end:
    .comm shared, 40, 8`;
  const other = `.globl hook, elsewhere, _start
_start: call main
hook:   li a0, %lo(LIMIT)
        lui a1, %hi(LIMIT)
elsewhere: sw a0, shared, t0
        lw a1, shared
        ret
        .globl LIMIT
        .equ LIMIT, 0x12345fff
        .comm shared, 16, 16
        .data
        .word main - hook, LIMIT, later - before
before: .space 6
later:`;

  it("are linked by GNU ld to the bytes that our linker gives", () => {
    inFolder((folder) => {
      writeFileSync(path.join(folder, "a.o"), assembled(weak, "a.s"));
      writeFileSync(path.join(folder, "b.o"), assembled(other, "b.s"));
      const mine = linked(folder, ["b.o", "a.o"]);
      expectSame(mine, gnuLinked(folder, ["b.o", "a.o"]));
      expect(mine.files).toEqual(["b.s", "a.s"]);
    });
  });

  it("keep tensors, layers and macro calls through both linkers", () => {
    inFolder((folder) => {
      writeFileSync(path.join(folder, "a.o"), assembled(tour, "a.s"));
      writeFileSync(
        path.join(folder, "b.o"),
        assembled(tour.replaceAll("_start", "_second").replaceAll(/^far/gm, "far2"), "b.s"),
      );
      // GNU's script knows PM and DM; ours goes elsewhere, so only the metadata is compared.
      const mine = linked(folder, ["a.o", "b.o"]);
      const theirs = gnuLinked(folder, ["a.o", "b.o"]);
      const names = ({ tensors, layers, inlined, facts }: Program) => ({
        tensors: tensors.map(({ name, dims, zeroPoint }) => ({ name, dims, zeroPoint })),
        layers,
        inlined: inlined.map(({ name, low, callLine }) => ({ name, low, callLine })),
        facts,
      });
      expect(names(mine)).toEqual(names(theirs));
      expect(mine.layers.map(({ id, name }) => `${id} ${name}`)).toEqual([
        "1 load",
        "2 compute",
        "3 load",
        "4 compute",
      ]);
      expect(mine.tensors.map(({ name }) => name)).toEqual(["image", "weights", "image", "weights"]);
      expect(new Set(mine.tensors.map(({ base }) => base)).size).toBe(4);
      const layerWords = mine.segments[0]!.bytes;
      const word = (at: number) => new DataView(layerWords.buffer, layerWords.byteOffset).getUint32(at, true);
      const numbers = Array.from({ length: layerWords.length / 4 }, (_, index) => word(4 * index))
        .filter((bits) => (bits & 0xfffff) === (word(0) & 0xfffff))
        .map((bits) => bits >>> 20);
      expect(numbers).toEqual([1, 2, 3, 4]);
    });
  });

  it("are read by readelf, nm and objdump without complaint", () => {
    inFolder((folder) => {
      writeFileSync(path.join(folder, "a.o"), assembled(weak));
      const readelf = tool("readelf", ["-a", "-W", "a.o"], folder);
      expect(readelf).toContain("REL (Relocatable file)");
      for (const name of ["CALL_PLT", "PCREL_HI20", "PCREL_LO12_I", "JAL", "32 ", "ADD32", "SUB32"]) {
        expect(readelf).toContain(`R_RISCV_${name}`);
      }
      expect(readelf).toMatch(/40 OBJECT +GLOBAL DEFAULT +COM shared/);
      expect(readelf).toMatch(/NOTYPE +WEAK +DEFAULT +\d+ hook/);
      expect(readelf).not.toContain("Warning");
      expect(tool("nm", ["a.o"], folder)).toMatch(/^ +w absent$/m);
      expect(tool("objdump", ["-dr", "a.o"], folder)).toContain("R_RISCV_CALL_PLT\thook");
    });
  });
});

describe("one source as an object", () => {
  for (const [name, source] of [
    ["tour.nnasm", readFileSync(path.join(here, "tour.nnasm"), "utf8")],
    ["scalar.nnasm", readFileSync(path.join(here, "../../bench/scalar.nnasm"), "utf8")],
  ] as const) {
    it(`${name} links to what the one-step build makes`, () => {
      const { program: whole } = ours(source);
      const { object } = readObject(assembled(source));
      const { program } = link({ inputs: [{ name: "a.o", object: object! }], config: PRESETS.default });
      expect(memory(program!)).toEqual(memory(whole!));
      expect({ ...program, segments: [], symbols: [] }).toEqual({ ...whole, segments: [], symbols: [] });
      expect(symbols(program!)).toEqual(symbols(whole!));
    });
  }
});
