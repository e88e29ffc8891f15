/** Foreign tools read our ELF files, and we read theirs. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { readElf, writeElf } from "@nnasm/sim-core/elf";
import { LineIndex, type Program } from "@nnasm/sim-core/program";
import { expect, it } from "vitest";
import { describeWith, EXTERNALS } from "../../test/tools/external.ts";
import { BINUTILS, inFolder, ours, tool } from "./gnu.ts";

const here = path.dirname(fileURLToPath(import.meta.url));
const golden = (name: string) => path.join(here, "golden", name);

/** The tour as a file `tour.elf`, with its source beside it. */
function inTour(use: (folder: string, program: Program) => void | Promise<void>): void | Promise<void> {
  const source = readFileSync(path.join(here, "tour.nnasm"), "utf8");
  return inFolder((folder) => {
    const { program, diagnostics } = ours(source);
    if (!program) throw new Error(diagnostics.map((diagnostic) => diagnostic.message).join("\n"));
    writeFileSync(path.join(folder, "tour.elf"), writeElf(program));
    // Ours names the source as its host does.
    writeFileSync(path.join(folder, "a.s"), source);
    return use(folder, program);
  });
}

/** Tools' output without the file's own path and trailing blanks. */
const tidy = (text: string) => text.replace(/[ \t]+$/gm, "").trim();

describeWith(BINUTILS, "GNU binutils read our files", () => {
  it("readelf -a", () =>
    inTour((folder) =>
      expect(tidy(tool("readelf", ["-a", "-W", "tour.elf"], folder))).toMatchFileSnapshot(golden("readelf.txt")),
    ));

  it("objdump -d -l", () =>
    inTour((folder) =>
      expect(tidy(tool("objdump", ["-d", "-l", "-M", "numeric,no-aliases", "tour.elf"], folder))).toMatchFileSnapshot(
        golden("objdump.txt"),
      ),
    ));

  it("nm -S", () =>
    inTour((folder) =>
      expect(tidy(tool("nm", ["-S", "-n", "tour.elf"], folder))).toMatchFileSnapshot(golden("nm.txt")),
    ));

  it("addr2line says what the line table says, for every instruction", () => {
    inTour((folder, program) => {
      const index = new LineIndex(program);
      const code = program.segments.filter((segment) => segment.executable);
      const addresses = code.flatMap((segment) =>
        Array.from({ length: segment.bytes.length / 4 }, (_, at) => segment.address + 4 * at),
      );
      const said = tool("addr2line", ["-e", "tour.elf", ...addresses.map((address) => address.toString(16))], folder);
      const mine = addresses.map((address) => `a.s:${index.placeOf(address)?.line}`);
      expect(
        said
          .trim()
          .split("\n")
          .map((line) => line.replace(/^\.\//, "")),
      ).toEqual(mine);
    });
  });
});

describeWith(EXTERNALS.gdb, "gdb reads our files", () => {
  it("info line, break and list", () =>
    inTour((folder) => {
      const commands = [
        "info line _start",
        "info line 19",
        "info symbol 0x10000000",
        "break store",
        "info scope store",
      ];
      const args = ["-batch", "-nx", ...commands.flatMap((command) => ["-ex", command]), "tour.elf"];
      return expect(tidy(tool("gdb-multiarch", args, folder))).toMatchFileSnapshot(golden("gdb.txt"));
    }));
});

describeWith([EXTERNALS.riscvGcc, ...BINUTILS], "we read files of GCC and GNU ld", () => {
  const C = path.join(here, "c");
  const files = ["sort.c", "strings.c", "matrix.c"];

  for (const version of [3, 4, 5]) {
    it(`DWARF ${version}: the same line as addr2line for every address of code`, () => {
      inFolder((folder) => {
        mkdirSync(path.join(folder, "src"));
        for (const file of files) writeFileSync(path.join(folder, "src", file), readFileSync(path.join(C, file)));
        // The symbols of the files clash; only one brings a main.
        const flags = [
          "-march=rv32im_zicsr",
          "-mabi=ilp32",
          "-O1",
          "-ffreestanding",
          "-nostdlib",
          `-gdwarf-${version}`,
        ];
        const place = ["-Wl,-Ttext=0x1000", "-Wl,--no-relax", "-Wl,-e,main", "-static"];
        tool("gcc", [...flags, ...place, ...files.map((file) => `src/${file}`), "-o", "a.elf"], folder);
        const { program, warnings, errors } = readElf(new Uint8Array(readFileSync(path.join(folder, "a.elf"))));
        expect(errors ?? warnings).toEqual([]);
        const index = new LineIndex(program!);
        const text = program!.sections.find((section) => section.name === ".text")!;
        const addresses = Array.from({ length: text.bytes / 4 }, (_, at) => text.address + 4 * at);
        const said = tool("addr2line", ["-e", "a.elf", ...addresses.map((address) => address.toString(16))], folder);
        const theirs = said
          .trim()
          .split("\n")
          .map((line) => line.replace(/ \(discriminator \d+\)/, "").replace(/\/\.\//g, "/"));
        const mine = addresses.map((address) => {
          const found = index.placeOf(address);
          return found ? `${found.file}:${found.line}` : "??:0";
        });
        expect(mine).toEqual(theirs);
        expect(program!.symbols.find(({ name }) => name === "quick")?.kind).toBe("function");
      });
    });
  }

  it("an object file and a 64-bit program are refused with the way out", () => {
    inFolder((folder) => {
      writeFileSync(path.join(folder, "a.c"), "int main(void) { return 0; }\n");
      tool("gcc", ["-march=rv32im", "-mabi=ilp32", "-c", "a.c", "-o", "a.o"], folder);
      tool("gcc", ["-march=rv64im", "-mabi=lp64", "-nostdlib", "-Wl,-e,main", "a.c", "-o", "b.elf"], folder);
      const read = (name: string) => readElf(new Uint8Array(readFileSync(path.join(folder, name)))).errors?.[0];
      expect(read("a.o")?.id).toBe("elf-type");
      expect(read("a.o")?.hint).toContain("link it");
      expect(read("b.elf")?.id).toBe("elf-machine");
    });
  });

  it("compressed instructions are warned of", () => {
    inFolder((folder) => {
      writeFileSync(path.join(folder, "a.c"), "int main(void) { return 0; }\n");
      tool("gcc", ["-march=rv32imc", "-mabi=ilp32", "-nostdlib", "-Wl,-e,main", "a.c", "-o", "a.elf"], folder);
      const { warnings } = readElf(new Uint8Array(readFileSync(path.join(folder, "a.elf"))));
      expect(warnings?.map((warning) => warning.id)).toEqual(["elf-compressed"]);
    });
  });
});
