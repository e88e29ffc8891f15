/** Every diagnostic of the linker: id, message, way out and explanation, as in the assembler's catalogue. */
import type { Severity } from "../diagnostics/index.ts";

export interface LinkDiagnosticKind<P> {
  readonly severity: Severity;
  readonly message: (p: P) => string;
  readonly hint: (p: P) => string;
  /** Why it is refused and what to do, in whole sentences. */
  readonly explanation: string;
}

const kind = <P>(
  severity: Severity,
  message: (p: P) => string,
  hint: (p: P) => string,
  explanation: string,
): LinkDiagnosticKind<P> => ({ severity, message, hint, explanation });

interface Used {
  readonly name: string;
  /** "`main` in a.o (.text+0x12)" */
  readonly user: string;
}

export const LINK_DIAGNOSTICS = {
  "link-undefined": kind<Used & { readonly near: string | undefined; readonly others: number }>(
    "error",
    (p) =>
      `undefined symbol \`${p.name}\`, needed by ${p.user}${p.others > 0 ? ` and ${p.others} more place${p.others === 1 ? "" : "s"}` : ""}`,
    (p) =>
      p.near
        ? `did you mean \`${p.near}\`?`
        : "link the object or library that defines it; a symbol of another source must be .globl there",
    "No object or library that is linked defines the name. Symbols are visible to other objects only when .globl (in C: not static) says so.",
  ),
  "link-duplicate": kind<{ readonly name: string; readonly first: string; readonly second: string }>(
    "error",
    (p) => `\`${p.name}\` is defined twice: by ${p.first} and by ${p.second}`,
    () => "keep one of the two, make one .weak, or don't make both .globl",
    "A global symbol may have one definition. Several objects hold one each, so what the name means is not known.",
  ),
  "link-range": kind<Used & { readonly distance: number; readonly min: number; readonly max: number }>(
    "error",
    (p) => `${p.user} can't reach \`${p.name}\`: the distance is ${p.distance} bytes, it reaches ${p.min} .. ${p.max}`,
    () => "use call or tail instead of jal and j, or a branch around a jump; or place both in one memory",
    "Branches reach 4 KiB and jumps 1 MiB in each direction. Code in another memory is always too far for them.",
  ),
  "link-misaligned": kind<Used & { readonly distance: number }>(
    "error",
    (p) => `${p.user} branches to \`${p.name}\`, which is at an odd distance of ${p.distance} bytes`,
    () => "align the target to 4 bytes with .align 2",
    "Instructions lie at multiples of 4.",
  ),
  "link-relocation": kind<{ readonly user: string; readonly detail: string; readonly hint: string }>(
    "error",
    (p) => `${p.user}: ${p.detail}`,
    (p) => p.hint,
    "The object holds a relocation that a static program for this machine has no use for, or one that is damaged.",
  ),
  "link-discarded": kind<Used>(
    "error",
    (p) => `${p.user} refers to \`${p.name}\` in a section that another object's copy replaces`,
    () => "compile all sources with the same compiler and options",
    "Of sections that several objects hold as copies of each other (C++ templates, inline functions) only the first is kept; a local symbol of another copy is gone.",
  ),
  "link-facts": kind<{ readonly detail: string; readonly first: string; readonly second: string }>(
    "error",
    (p) => `${p.first} and ${p.second} were assembled for different machines: ${p.detail}`,
    () => "assemble all sources again with one nnp.json and one version of nnasm",
    "Objects note the version of the instruction set and, when they hold blocked weights, the shape of the MAC array. All objects of a program must agree.",
  ),
  "link-layers": kind<{ readonly layers: number }>(
    "error",
    (p) => `the program has ${p.layers} layers, nn.layer can number 4095`,
    () => "remove .layer directives",
    "Layers of all objects are numbered one after the other, and nn.layer has 12 bits for the number.",
  ),
  "link-file": kind<{ readonly detail: string; readonly hint: string }>(
    "error",
    (p) => p.detail,
    (p) => p.hint,
    "The file can't be linked: it is no object for this machine, or it is damaged.",
  ),
  "link-overflow": kind<{
    readonly section: string;
    readonly memory: string;
    readonly needed: number;
    readonly available: number;
    readonly largest: string;
  }>(
    "error",
    (p) =>
      `section ${p.section} doesn't fit ${p.memory.toUpperCase()}: ${p.needed - p.available} bytes too many (${p.needed} of ${p.available}; largest: ${p.largest})`,
    (p) => `make ${p.memory}.bytes larger in nnp.json, or send sections to another memory with layout.sections there`,
    "All sections of one memory are placed one behind the other. Together they must not exceed the memory's size in the configuration.",
  ),
  "link-unplaced": kind<{ readonly section: string; readonly object: string; readonly bytes: number }>(
    "error",
    (p) => `no rule of the memory layout places section ${p.section} of ${p.object} (${p.bytes} bytes)`,
    (p) => `add a rule to layout.sections in nnp.json: { "match": "${p.section}", "memory": "dm" }`,
    "With layout.defaults false every section needs a rule of nnp.json that says which memory it goes to.",
  ),
  "link-place": kind<{ readonly detail: string }>(
    "error",
    (p) => p.detail,
    () => "correct the addresses (at) of layout.sections in nnp.json",
    "Sections that the memory layout gives an address must lie within their memory and apart from each other.",
  ),
  "link-entry": kind<{ readonly name: string; readonly detail: string }>(
    "error",
    (p) => `the entry point \`${p.name}\` ${p.detail}`,
    () => "define `_start:` as a global label in code; C programs take sdk/crt0.S",
    "Execution starts at the symbol _start, or at the one that --entry names. It must label an instruction.",
  ),
  "link-no-entry": kind<{ readonly name: string; readonly near: string | undefined }>(
    "warning",
    (p) => `no object defines \`${p.name}\`: the program starts at the beginning of .text`,
    (p) =>
      p.near
        ? `did you mean \`${p.near}\`?`
        : `define \`${p.name}:\` as a global label (.globl ${p.name})${p.name === "_start" ? "; C programs take sdk/crt0.S" : ""}`,
    "Without an entry symbol a program starts at its lowest code, which depends on the order of the objects.",
  ),
  "link-metadata": kind<{ readonly detail: string; readonly hint: string }>(
    "warning",
    (p) => p.detail,
    (p) => p.hint,
    "Debug information or metadata of an object can't be read. The program runs without it.",
  ),
  "link-no-code": kind<Record<string, never>>(
    "error",
    () => "the program has no instructions",
    () => "link an object with code",
    "A program needs at least one instruction to start at.",
  ),
} as const;

export type LinkDiagnosticId = keyof typeof LINK_DIAGNOSTICS;
export type LinkParameters<Id extends LinkDiagnosticId> =
  (typeof LINK_DIAGNOSTICS)[Id] extends LinkDiagnosticKind<infer P> ? P : never;

/** Ids of the warnings, which can be turned off. */
export const LINK_WARNING_IDS: readonly string[] = Object.entries(LINK_DIAGNOSTICS)
  .filter(([, { severity }]) => severity === "warning")
  .map(([id]) => id);
