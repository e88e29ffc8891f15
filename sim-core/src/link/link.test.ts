/** What the linker makes of several objects, and everything that it refuses: what is said, and where. */
import { describe, expect, it } from "vitest";
import { type LayoutConfig, type MachineConfig, PRESETS } from "../config/index.ts";
import { formatDiagnostic } from "../diagnostics/index.ts";
import { readElf, writeObject } from "../elf/index.ts";
import { Simulator } from "../engine/index.ts";
import { R_RISCV } from "../object/index.ts";
import { callChain, LineIndex } from "../program/index.ts";
import { LINK_DIAGNOSTICS, type LinkDiagnosticId, type LinkResult, link, readArchive } from "./index.ts";
import { archiveOf, linkTexts, objectOf, throughFile } from "./testing.ts";

const DM = 0x10000000;
const START = "        .globl _start\n_start: nop\n";
const withLayout = (layout: LayoutConfig): MachineConfig => ({ ...PRESETS.default, layout });

const texts = ({ diagnostics }: LinkResult): string[] => diagnostics.map(formatDiagnostic);
const ids = ({ diagnostics }: LinkResult): string[] => diagnostics.map(({ id }) => id);

/** Value of a symbol of the program; throws what the linker said when there is none. */
function address(result: LinkResult, name: string): number {
  const symbol = result.program?.symbols.find((candidate) => candidate.name === name);
  if (!symbol) throw new Error([...texts(result), `no symbol ${name}`].join("\n"));
  return symbol.address;
}

/** Words of the program from an address on. */
function wordsAt({ program }: LinkResult, at: number, count: number): number[] {
  const segment = program!.segments.find((s) => at >= s.address && at + 4 * count <= s.address + s.bytes.length)!;
  const view = new DataView(segment.bytes.buffer, segment.bytes.byteOffset);
  return Array.from({ length: count }, (_, index) => view.getUint32(at - segment.address + 4 * index, true));
}

describe("symbols of several objects", () => {
  it("a strong definition wins over weak ones and common storage, whatever the order", () => {
    const weak = ".weak value\n.data\nvalue: .word 1";
    const strong = ".globl value\n.data\nvalue: .word 2";
    const common = ".comm value, 4";
    const user = `${START}.data\nuse: .word value`;
    for (const others of [
      { "a.nnasm": weak, "b.nnasm": strong, "c.nnasm": common },
      { "a.nnasm": common, "b.nnasm": strong, "c.nnasm": weak },
      { "a.nnasm": strong, "b.nnasm": weak, "c.nnasm": common },
    ]) {
      const result = linkTexts({ "main.nnasm": user, ...others });
      expect(texts(result)).toEqual([]);
      const [target] = wordsAt(result, DM, 1);
      expect(target).toBe(address(result, "value"));
      expect(wordsAt(result, target!, 1)).toEqual([2]);
    }
  });

  it("a weak definition is what its own object uses only when it holds", () => {
    const own = `${START}        call hook\n        j hook\n        .weak hook\nhook:   ret`;
    const alone = linkTexts({ "a.nnasm": own });
    expect(wordsAt(alone, 4, 3)).toEqual([0x00000097, 0x00c080e7, 0x0040006f]);
    const other = linkTexts({ "a.nnasm": own, "b.nnasm": ".globl hook\nhook: nop\n ret" });
    expect(address(other, "hook")).toBe(0x14);
    expect(wordsAt(other, 4, 3)).toEqual([0x00000097, 0x010080e7, 0x0080006f]);
  });

  it("an undefined weak symbol is 0", () => {
    const result = linkTexts({ "a.nnasm": `${START}.weak absent\n.data\n.word absent, absent + 4` });
    expect(wordsAt(result, DM, 2)).toEqual([0, 4]);
  });

  it("common storage is as large and as aligned as the largest of all", () => {
    const result = linkTexts({
      "a.nnasm": `${START}.comm pool, 10, 4\n.comm other, 4`,
      "b.nnasm": ".comm pool, 100, 32",
      "c.nnasm": ".comm pool, 50, 8\n.data\n.word 1",
    });
    expect(result.program!.symbols.find(({ name }) => name === "pool")).toMatchObject({ bytes: 100, kind: "object" });
    expect(address(result, "pool") % 32).toBe(0);
    expect(result.sections.find(({ name }) => name === ".bss")!.bytes).toBeGreaterThanOrEqual(104);
  });

  it("local symbols of one name stay apart", () => {
    const unit = (value: number) => `.data\nlocal: .word ${value}\n.word local`;
    const result = linkTexts({ "a.nnasm": START + unit(1), "b.nnasm": unit(2) });
    expect(wordsAt(result, DM, 4)).toEqual([1, DM, 2, DM + 8]);
  });

  it("of a library the members that something needs are taken, in any order", () => {
    const member = (name: string, text: string) => writeObject(objectOf(name, text).object);
    const library = archiveOf({
      "unused.o": member("unused.nnasm", ".globl unused\nunused: j nowhere"),
      "second.o": member("second.nnasm", ".globl second\nsecond: ret"),
      "first.o": member("first.nnasm", ".globl first\nfirst: j second"),
    });
    const result = linkTexts({ "lib.a": library, "main.nnasm": `${START} call first` });
    expect(texts(result)).toEqual([]);
    expect(result.objects).toEqual(["main.nnasm", "lib.a(first.o)", "lib.a(second.o)"]);
  });

  it("__stack_top and its relatives come from the layout, unless the program defines them", () => {
    const names = ["__stack_top", "__bss_start", "__bss_end", "_end", "_edata", "_etext", "__global_pointer$"];
    const source = `${START}.data\n.word ${names.join(", ")}\n.byte 1\n.bss\n.space 5`;
    const result = linkTexts({ "a.nnasm": source });
    expect(wordsAt(result, DM, 7)).toEqual([DM + 512 * 1024, DM + 32, DM + 40, DM + 48, DM + 29, 4, DM + 0x800]);
    const own = linkTexts({ "a.nnasm": `${START}.data\n.word __stack_top\n.globl __stack_top\n.equ __stack_top, 64` });
    expect(wordsAt(own, DM, 1)).toEqual([64]);
  });
});

describe("a program of several sources", () => {
  const main = `        .macro  twice reg
        add     \\reg, \\reg, \\reg
        .endm
        .globl  _start
_start: .layer  "outer"
        li      a0, 10
        twice   a0
        call    finish
        .tensor image, int8, 1, 4, 4, 3, in=dm, table=table
`;
  const finish = `        .globl  finish, table
finish: .layer  "inner"
        td.ld   td0, weights
        addi    a0, a0, 1
        li      a7, 93
        ecall
        .data
table:  .word   1
        .tensor weights, int8, 8, 3, 3, 3, layout=blocked, in=wm
`;

  it("runs, and debugs like one of a single source", () => {
    const inputs = [objectOf("main.nnasm", main), objectOf("finish.nnasm", finish)].map(throughFile);
    const result = link({ inputs, config: PRESETS.default });
    expect(texts(result)).toEqual([]);
    const program = result.program!;
    const simulator = new Simulator({ program, config: PRESETS.default });
    expect(simulator.run({ untilCycle: 10_000 })).toMatchObject({ reason: "exit", exitCode: 21 });
    const index = new LineIndex(program);
    expect(program.files).toEqual(["main.nnasm", "finish.nnasm"]);
    expect(index.placeOf(address(result, "finish"))).toEqual({ file: "finish.nnasm", line: 2, column: 1 });
    expect(index.placeOf(8)).toEqual({ file: "main.nnasm", line: 2, column: 9 });
    expect(callChain(program.inlined, 8).map(({ name, callLine }) => `${name}:${callLine}`)).toEqual(["twice:7"]);
    expect(program.layers).toEqual([
      { id: 1, name: "outer" },
      { id: 2, name: "inner" },
    ]);
    expect(program.tensors).toMatchObject([
      { name: "image", base: address(result, "image.base"), table: address(result, "table") },
      { name: "weights", base: address(result, "weights.base"), descriptorAddress: address(result, "weights") },
    ]);
    expect(program.facts).toEqual({ isaVersion: 1, cip: 16, cop: 16 });
    expect(readElf(result.elf!).program).toEqual(program);
  });

  it("sections go where nnp.json's layout sends them", () => {
    const config = withLayout({
      sections: [
        { match: ".data.fast*", memory: "dm", at: "0x10008000" },
        { match: ".rodata*", memory: "ddr", into: ".constants", align: 64 },
        { match: ".text.cold", memory: "ddr" },
      ],
    });
    const source = `${START}.section .text.cold, "ax"\nret\n.rodata\n.byte 1\n.section .data.fast.x, "aw"\n.byte 2\n.data\n.space 0x7ff0\n.section .dm.rest\n.space 32`;
    const result = linkTexts({ "a.nnasm": source, "b.nnasm": ".rodata\n.word 3" }, { config });
    expect(texts(result)).toEqual([]);
    expect(result.sections.map(({ name, memory, address: at, bytes }) => [name, memory, at, bytes])).toEqual([
      [".text", "pm", 0, 4],
      [".data", "dm", DM, 0x7ff0],
      [".data.fast.x", "dm", 0x10008000, 1],
      [".dm.rest", "dm", 0x10008001, 32],
      [".constants", "ddr", 0x80000000, 5],
      [".text.cold", "ddr", 0x80000008, 4],
    ]);
  });

  it("--gc-sections drops what compilers' objects hold and nothing refers to", () => {
    const { object } = objectOf(
      "c.nnasm",
      ["used", "unused"].map((name) => `.section .text.${name}, "ax"\n.globl ${name}\n${name}: ret`).join("\n"),
    );
    // A compiler's object has no note of ours.
    const sections = object.sections.filter(({ name }) => name !== ".note.nnasm");
    const compiled = { name: "c.o", object: { ...object, sections } };
    const inputs = [objectOf("main.nnasm", `${START} call used`), compiled];
    const whole = link({ inputs, config: PRESETS.default });
    const less = link({ inputs, config: PRESETS.default, gcSections: true });
    expect([texts(whole), texts(less)]).toEqual([[], []]);
    expect(whole.sections[0]!.bytes - less.sections[0]!.bytes).toBe(4);
    expect(less.program!.symbols.map(({ name }) => name)).not.toContain("unused");
  });
});

/** What is refused: the diagnostics in full. */
const REFUSED: readonly (readonly [LinkDiagnosticId, () => LinkResult, ...texts: string[]])[] = [
  [
    "link-undefined",
    () =>
      linkTexts({
        "a.nnasm": `${START}f: call hlper\n        lw a0, hlper\n`,
        "b.nnasm": ".globl helper\nhelper: ret",
      }),
    "a.nnasm:3:1: error: undefined symbol `hlper`, needed by `f` in a.nnasm (.text+0x4) and 1 more place [link-undefined]\n  hint: did you mean `helper`?",
  ],
  [
    "link-undefined",
    () =>
      link({
        inputs: [throughFile(objectOf("a.nnasm", `${START} call missing\n.data\n.word other`))],
        config: PRESETS.default,
      }),
    "a.nnasm:3:2: error: undefined symbol `missing`, needed by `_start` in a.o (.text+0x4)",
    "a.o:1:1: error: undefined symbol `other`, needed by a.o (.data+0x0)",
  ],
  [
    "link-duplicate",
    () => linkTexts({ "a.nnasm": `${START}.globl x\nx: nop`, "b.nnasm": "nop\n.globl x\nx: nop" }),
    "b.nnasm:3:1: error: `x` is defined twice: by a.nnasm and by b.nnasm",
  ],
  [
    "link-duplicate",
    () =>
      link({
        // At the beginning of both: line tables that went by the name would both mean the first object's.
        inputs: [START, `nop\n${START}`].map((text, index) => throughFile(objectOf(`${"ab"[index]}.nnasm`, text))),
        config: PRESETS.default,
      }),
    "b.nnasm:3:1: error: `_start` is defined twice: by a.o and by b.o",
  ],
  [
    "link-range",
    () =>
      linkTexts({ "a.nnasm": `${START} beqz a0, far`, "b.nnasm": '.section .ddr.code, "ax"\n.globl far\nfar: ret' }),
    "a.nnasm:3:2: error: `_start` in a.nnasm (.text+0x4) can't reach `far`: the distance is 2147483644 bytes",
  ],
  [
    "link-misaligned",
    () => linkTexts({ "a.nnasm": `${START} j odd`, "b.nnasm": ".globl odd\n.equ odd, 0x101" }),
    "a.nnasm:3:2: error: `_start` in a.nnasm (.text+0x4) branches to `odd`, which is at an odd distance of 253 bytes",
  ],
  [
    "link-relocation",
    () => withRelocation(R_RISCV.GOT_HI20),
    "R_RISCV_GOT_HI20 needs a global offset table",
    "-fno-pic",
  ],
  ["link-relocation", () => withRelocation(R_RISCV.TPREL_HI20), "thread-local variables"],
  ["link-relocation", () => withRelocation(R_RISCV.RVC_JUMP), "compressed instructions"],
  ["link-relocation", () => withRelocation(99), "relocation 99 is not known"],
  ["link-relocation", () => withRelocation(R_RISCV.PCREL_LO12_I), "must name the auipc"],
  ["link-relocation", () => withRelocation(R_RISCV[32], 2), "R_RISCV_32 lies beyond the section's contents"],
  [
    "link-facts",
    () => {
      const blocked = ".tensor w, int8, 8, 3, 3, 3, layout=blocked, in=wm";
      const inputs = [
        objectOf("a.nnasm", START),
        objectOf("b.nnasm", `nop\n${blocked}`),
        objectOf("c.nnasm", `nop\n${blocked}`, PRESETS.nn512),
      ];
      return link({ inputs, config: PRESETS.default });
    },
    "c.nnasm:1:1: error: b.nnasm and c.nnasm were assembled for different machines: blocked weights for nu.cip 16 and 32",
  ],
  [
    "link-layers",
    () => {
      const layers = '.rept 2048\n.layer "x"\n.endr';
      return linkTexts({ "a.nnasm": START + layers, "b.nnasm": layers });
    },
    "the program has 4096 layers",
  ],
  [
    "link-file",
    () => linkTexts({ "a.nnasm": START, "lib.a": archiveOf({ "x.o": new Uint8Array(60) }) }),
    "lib.a(x.o): not an ELF file",
  ],
  [
    "link-file",
    () => linkTexts({ "a.nnasm": START, "lib.a": archiveOf({ "x.o": new Uint8Array(60) }).subarray(0, 100) }),
    "ends within the member",
  ],
  [
    "link-overflow",
    () => linkTexts({ "a.nnasm": `${START}.space 40000`, "b.nnasm": ".text\n.space 30000" }),
    "section .text doesn't fit PM: 4468 bytes too many (70004 of 65536; largest: .text 70004)",
  ],
  [
    "link-unplaced",
    () =>
      linkTexts(
        { "a.nnasm": `${START}.section .mine, "aw"\n.word 1` },
        {
          config: withLayout({
            defaults: false,
            sections: [
              { match: ".text", memory: "pm" },
              { match: ".mine", memory: "dm" },
            ],
          }),
          inputs: [objectOf("a.nnasm", `${START}.section .yours, "aw"\n.word 1`)],
        },
      ),
    "no rule of the memory layout places section .yours of a.nnasm (4 bytes)",
    '{ "match": ".yours", "memory": "dm" }',
  ],
  [
    "link-place",
    () => {
      const at = (match: string, place: number) => ({ match, memory: "dm", at: place }) as const;
      const config = withLayout({
        sections: [at(".data", DM + 0x100), at(".dm.x", DM + 0x104), at(".dm.y", 0x20000000), at(".dm.z", DM + 2)],
      });
      const source = `${START}.data\n.space 8\n.section .dm.x\n.space 8\n.section .dm.y\n.byte 1\n.section .dm.z\n.align 2\n.byte 1`;
      return linkTexts({ "a.nnasm": source }, { config });
    },
    "sections .data (0x10000100 .. 0x10000107) and .dm.x (0x10000104 .. 0x1000010b) overlap by 4 bytes",
    "section .dm.y (0x20000000 .. 0x20000000) lies outside of DM",
    "section .dm.z can't begin at 0x10000002: it needs a multiple of 4",
  ],
  [
    "link-entry",
    () => linkTexts({ "a.nnasm": "nop\n.globl _start\n.data\n_start: .word 1" }),
    "the entry point `_start` is not an address in code",
  ],
  [
    "link-no-entry",
    () => linkTexts({ "a.nnasm": "nop" }),
    "warning: no object defines `_start`",
    "hint: define `_start:` as a global label (.globl _start); C programs take sdk/crt0.S",
  ],
  [
    "link-no-entry",
    () => link({ inputs: [objectOf("a.nnasm", ".globl main\nmain: nop")], config: PRESETS.default, entry: "mian" }),
    "warning: no object defines `mian`",
    "hint: did you mean `main`?",
  ],
  ["link-no-code", () => linkTexts({ "a.nnasm": ".data\n.word 1" }), "the program has no instructions"],
  // Of the library nothing is needed: the file that was named is told.
  [
    "link-no-code",
    () => linkTexts({ "libkit.a": archiveOf({}) }),
    "libkit.a:1:1: error: the program has no instructions",
  ],
];

/** A program with one relocation of a kind that the assembler doesn't make. */
function withRelocation(type: number, offset = 0): LinkResult {
  const { name, object } = objectOf("a.nnasm", START);
  const [text, ...rest] = object.sections;
  const relocations = [{ offset, type, symbol: 0, addend: 0 }];
  return link({
    inputs: [{ name, object: { ...object, sections: [{ ...text!, relocations }, ...rest] } }],
    config: PRESETS.default,
  });
}

describe("what can't be linked", () => {
  for (const [id, run, ...expected] of REFUSED) {
    it(`${id}: ${expected[0]!.slice(0, 70)}`, () => {
      const result = run();
      expect(new Set(ids(result))).toEqual(new Set([id]));
      const said = texts(result).join("\n");
      for (const text of expected) expect(said).toContain(text);
      expect(result.program === undefined).toBe(LINK_DIAGNOSTICS[id].severity === "error");
    });
  }

  it("every diagnostic is tested, explained and says the way out", () => {
    const tested = new Set<string>(REFUSED.map(([id]) => id));
    // Copies of groups and broken debug information come from foreign objects: see below and fuzz.test.ts.
    const apart = ["link-discarded", "link-metadata"];
    expect(Object.keys(LINK_DIAGNOSTICS).filter((id) => !tested.has(id))).toEqual(apart);
    for (const { explanation } of Object.values(LINK_DIAGNOSTICS)) expect(explanation).toMatch(/^[A-Z].*\.$/);
  });

  it("a second copy of a group is dropped, and local symbols in it are gone", () => {
    const source = '.section .text.inline, "ax"\n.weak inline\ninline: nop\nhidden: ret\n.data\n.word inline';
    const copy = (name: string, more: string) => {
      const { object } = objectOf(name, source + more);
      const index = object.sections.findIndex((section) => section.name === ".text.inline");
      return { name, object: { ...object, groups: [{ name: "inline", sections: [index] }] } };
    };
    const good = link({
      inputs: [objectOf("s.nnasm", START), copy("a.nnasm", ""), copy("b.nnasm", "")],
      config: PRESETS.default,
    });
    expect(texts(good)).toEqual([]);
    expect(good.sections[0]!.bytes).toBe(12);
    expect(wordsAt(good, DM, 2)).toEqual([4, 4]);
    const bad = link({
      inputs: [objectOf("s.nnasm", START), copy("a.nnasm", ""), copy("b.nnasm", ", hidden")],
      config: PRESETS.default,
    });
    expect(ids(bad)).toEqual(["link-discarded"]);
  });

  it("broken debug information is a warning", () => {
    const { name, object } = objectOf("a.nnasm", START);
    const sections = object.sections.map((section) =>
      section.name === ".debug_line"
        ? { ...section, bytes: section.bytes.slice(0, 12), size: 12, relocations: [] }
        : section,
    );
    const result = link({ inputs: [{ name, object: { ...object, sections } }], config: PRESETS.default });
    expect(ids(result)).toEqual(["link-metadata"]);
    expect(result.program).toBeDefined();
  });
});

describe("libraries", () => {
  it("with long names of GNU and BSD are read", () => {
    const body = Uint8Array.of(1, 2, 3);
    const member = (name: string, contents: Uint8Array) => archiveOf({ [name]: contents }).subarray(8);
    const text = (value: string) => Uint8Array.from(value, (char) => char.charCodeAt(0));
    const parts = [
      text("!<arch>\n"),
      member("", text("symbols!")),
      member("/", text("a-very-long-member-name.o/\nanother-long-member-name.o/\n")),
      member("short.o", body),
    ];
    const gnu = Uint8Array.from(parts.flatMap((part) => [...part]));
    expect(readArchive(gnu).members).toEqual([{ name: "short.o", bytes: body }]);
    expect(readArchive(text("!<thin>\n")).error).toContain("ar rcs");
  });
});
