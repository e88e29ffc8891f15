/** Pages of the manual of diagnostics: what a diagnostic means, what provokes it and how that is mended. */
import { assemble, assembleObject, DIAGNOSTICS, type SourceHost } from "../asm/index.ts";
import { type MachineConfig, PRESETS, readConfig } from "../config/index.ts";
import { type Diagnostic, formatDiagnostic, type Severity } from "../diagnostics/index.ts";
import { BASE_ISA } from "../isa/index.ts";
import { link } from "../link/index.ts";
import { type LintKind, lint, lintKind } from "../lint/index.ts";
import type { Example, LinkExample, LintExample, SourceExample } from "./example.ts";
import { ASSEMBLER_EXAMPLES } from "./examples/index.ts";
import { LINK_ENTRIES } from "./link-examples.ts";
import { LINT_ENTRIES } from "./lint-entries.ts";
import { CONFIG_ENTRIES, ELF_ENTRIES, type Entry } from "./other-files.ts";
import { RUN_ENTRIES } from "./run-entries.ts";

export interface DiagnosticPage extends Entry {
  readonly id: string;
  /** What finds it, for the index. */
  readonly group: "Sources" | "Lints" | "Objects" | "Configuration (nnp.json)" | "ELF files" | "Runs";
}

function pagesOf(group: DiagnosticPage["group"], entries: Readonly<Record<string, Entry>>): DiagnosticPage[] {
  return Object.entries(entries).map(([id, { severity, explanation, example }]) => ({
    id,
    group,
    severity,
    explanation,
    example,
  }));
}

const SOURCES = Object.fromEntries(
  Object.entries(ASSEMBLER_EXAMPLES).map(([id, example]): [string, Entry] => {
    const { severity, explanation } = DIAGNOSTICS[id as keyof typeof DIAGNOSTICS];
    return [id, { severity, explanation, example }];
  }),
);

/** Every diagnostic by its id, in the order of the manual. */
export const DIAGNOSTIC_PAGES: ReadonlyMap<string, DiagnosticPage> = new Map(
  [
    ...pagesOf("Sources", SOURCES),
    ...pagesOf("Lints", LINT_ENTRIES),
    ...pagesOf("Objects", LINK_ENTRIES),
    ...pagesOf("Configuration (nnp.json)", CONFIG_ENTRIES),
    ...pagesOf("ELF files", ELF_ENTRIES),
    ...pagesOf("Runs", RUN_ENTRIES),
  ].map((page) => [page.id, page]),
);

const ENTRY = "main.nnasm";
const CONFIG = "nnp.json";

function hostOf(text: string, files: NonNullable<SourceExample["files"]>): SourceHost {
  const get = (name: string) => (name === ENTRY ? text : Object.hasOwn(files, name) ? files[name] : undefined);
  return {
    resolve: (_from, relative) => relative,
    readText: (name) => {
      const file = get(name);
      return typeof file === "string" ? file : undefined;
    },
    readBytes: (name) => {
      const file = get(name);
      return typeof file === "number" ? new Uint8Array(file) : undefined;
    },
  };
}

function machineOf(example: Pick<SourceExample, "config">): MachineConfig {
  if (example.config === undefined) return PRESETS.default;
  const { config, diagnostics } = readConfig(example.config, CONFIG);
  if (!config) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  return config;
}

/** Assembles one of an example's texts, with the files beside it. `made` says whether something came out. */
export function assembleExample(example: SourceExample, text: string) {
  const host = hostOf(text, example.files ?? {});
  const options = { entry: ENTRY, host, config: machineOf(example), isa: BASE_ISA };
  if (example.alone) {
    const { object, diagnostics } = assembleObject(options);
    return { made: object !== undefined, diagnostics };
  }
  const { program, diagnostics } = assemble(options);
  return { made: program !== undefined, diagnostics };
}

/** What the lints say of one of an example's texts; the lint that the example is about is on. */
export function lintExample(id: string, example: LintExample, text: string): readonly Diagnostic[] {
  const config = machineOf(example);
  const assembly = assemble({ entry: ENTRY, host: hostOf(text, {}), config, isa: BASE_ISA });
  if (!assembly.program) return assembly.diagnostics;
  const levels = lintKind(id)?.level === "off" ? ({ [id]: "hint" } as const) : {};
  return [...assembly.diagnostics, ...lint(assembly, { config, isa: BASE_ISA, levels })];
}

/** Links one of an example's lists of files. */
export function linkExample(example: LinkExample, files: LinkExample["wrong"]) {
  const config = machineOf(example);
  const inputs = Object.entries(files).map(([name, text]) => {
    const options = { entry: name, host: hostOf(files[ENTRY] ?? "", files), config, isa: BASE_ISA };
    const { object, placeOf, diagnostics } = assembleObject(options);
    if (!object) throw new Error(diagnostics.map(formatDiagnostic).join("\n") || text);
    return { name, object, placeOf };
  });
  const { program, diagnostics } = link({ inputs, config });
  return { made: program !== undefined, diagnostics };
}

/** What is said about an example's wrong text. */
function diagnosticsOf(page: DiagnosticPage): readonly Diagnostic[] {
  const { example, id } = page;
  if (example.kind === "config") return readConfig(example.wrong, CONFIG).diagnostics;
  if (example.kind === "link") return linkExample(example, example.wrong).diagnostics;
  if (example.kind === "lint") return lintExample(id, example, example.wrong).filter((each) => each.id === id);
  if (example.kind !== "source") return [];
  return assembleExample(example, example.wrong).diagnostics.filter((each) => each.id === id);
}

const fenced = (text: string, language: string): string[] => [`\`\`\`${language}`, text.trimEnd(), "```", ""];

function neighbours({ files = {}, config, alone }: SourceExample): string[] {
  const lines: string[] = alone ? ["Assembled alone, with `nnasm build -c`."] : [];
  if (alone) lines.push("");
  for (const [name, contents] of Object.entries(files)) {
    if (typeof contents === "number") lines.push(`\`${name}\` has ${contents} bytes.`, "");
    else lines.push(`\`${name}\`:`, "", ...fenced(contents, "nnasm"));
  }
  if (config !== undefined) lines.push(`\`${CONFIG}\`:`, "", ...fenced(config, "jsonc"));
  return lines;
}

const LANGUAGES: Readonly<Record<Exclude<Example["kind"], "none" | "link">, string>> = {
  source: "nnasm",
  lint: "nnasm",
  config: "jsonc",
  run: "nnasm",
  command: "sh",
};

function linkText(page: DiagnosticPage, { wrong, right, config }: LinkExample): string[] {
  const shown = (files: readonly (readonly [string, string])[]) =>
    files.flatMap(([name, text]) => [`\`${name}\`:`, "", ...fenced(text, "nnasm")]);
  const changed = Object.entries(right).filter(([name, text]) => wrong[name] !== text);
  return [
    "## Example",
    "",
    ...shown(Object.entries(wrong)),
    ...(config === undefined ? [] : [`\`${CONFIG}\`:`, "", ...fenced(config, "jsonc")]),
    ...fenced(diagnosticsOf(page).map(formatDiagnostic).join("\n"), "text"),
    "## Mended",
    "",
    ...shown(changed),
  ];
}

function exampleText(page: DiagnosticPage): string[] {
  const { example } = page;
  if (example.kind === "none") return [example.why, ""];
  if (example.kind === "link") return linkText(page, example);
  const language = LANGUAGES[example.kind];
  const said = diagnosticsOf(page).map(formatDiagnostic).join("\n");
  return [
    "## Example",
    "",
    ...fenced(example.wrong, language),
    ...(example.kind === "source" ? neighbours(example) : []),
    ...(said === "" ? [] : fenced(said, "text")),
    ...(example.right === undefined ? [] : ["## Mended", "", ...fenced(example.right, language)]),
  ];
}

function mendingText({ mending }: LintKind): string[] {
  const text = "fix" in mending ? `In the editor, a quick fix ${mending.fix}.` : `There is none: ${mending.none}.`;
  return ["## Quick fix", "", text, ""];
}

function lintMutingText(id: string): string[] {
  const kind = lintKind(id);
  const { level = "off" } = kind ?? {};
  return [
    ...(kind ? mendingText(kind) : []),
    "## Choosing its level",
    "",
    level === "off"
      ? "This lint is off unless a level is chosen for it."
      : `Its level is ${level} unless another one is chosen.`,
    `\`"lint": { "${id}": "${level === "off" ? "hint" : "off"}" }\` in nnp.json chooses one for a project (off, hint, information, warning or`,
    "error), `nnasm.lint` in the editor's settings and `--severity` of `nnasm check` for a person.",
    `In the source, \`.nowarn "${id}", next\` turns it off on the next line, without \`next\` up to the end of the file.`,
    "",
  ];
}

function mutingText({ id, group, severity }: DiagnosticPage): string[] {
  if (group === "Lints") return lintMutingText(id);
  if (severity !== "warning") return [];
  if (group === "Runs") {
    return ["## Turning it off", "", "The option `--checks` of `nnasm run` chooses what the machine looks for.", ""];
  }
  const inSource = [
    `In the source, \`.nowarn "${id}"\` turns it off from there to the end of the file, \`.nowarn "${id}", next\` on the`,
    `next line only; \`.nowarn "${id}", end\` ends what \`.nowarn "${id}"\` began.`,
  ];
  return [
    "## Turning it off",
    "",
    ...(group === "Sources" ? inSource : []),
    `On the command line, \`-W no-${id}\` leaves it out and \`-W error=${id}\` makes it an error.`,
    "",
  ];
}

const SEVERITIES: Readonly<Record<Severity, string>> = {
  error: "Error.",
  warning: "Warning.",
  information: "Note.",
  hint: "Hint.",
};

/** A page as Markdown. */
export function pageText(page: DiagnosticPage): string {
  const { id, severity, explanation } = page;
  const head = [`# ${id}`, "", `${SEVERITIES[severity]} ${explanation}`, ""];
  return [...head, ...exampleText(page), ...mutingText(page)].join("\n");
}
