/** Runs an editor with the configuration that docs/editors.md tells, in a workspace of two files. */
import { readFileSync, symlinkSync } from "node:fs";
import path from "node:path";
import { expect } from "vitest";
import { ROOT, runCommand, temporaryFolder } from "../tools/index.ts";

const MAIN = `        .include "lib.nnasm"
        .tensor input, int8, 1, 4, 4, 8, in=dm
        .text
_start: adi     a0, zero, 1
        call helper
        td.ld   td0, input
        li a7, 93
        ecall
`;
const LIB = "        .globl  helper\nhelper: ret\n";

/** What a session wrote down, as people see it: lines and columns count from 0, texts are those of buffers. */
export interface SessionResult {
  readonly failure?: string;
  readonly filetype: string;
  readonly diagnostics: readonly { line: number; from: number; to: number; code?: string; message: string }[];
  /** The line with the mistake after its quick fix. */
  readonly fixed: string;
  readonly completions: readonly string[];
  /** The line that was begun, completed by the editor and ended by hand. */
  readonly completed: string;
  readonly hover: readonly string[];
  readonly renamed: { readonly main: readonly string[]; readonly lib: readonly string[] };
  readonly formatted: readonly string[];
}

/** The text of the one code block in a language below a heading of docs/editors.md. */
export function configuration(heading: string, language: string): string {
  const guide = readFileSync(path.join(ROOT, "docs/editors.md"), "utf8");
  const section = guide.split(/^##+ /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  const blocks = [...section.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, name]) => name === language);
  expect(blocks.length, `${language} below "${heading}" in docs/editors.md`).toBe(1);
  return blocks[0]![2]!;
}

/**
 * Starts an editor and waits for its end.
 * @param argumentsFor the command line's arguments, given the path of the file with the documented configuration
 */
export async function runEditor(
  command: string,
  config: { readonly name: string; readonly text: string },
  argumentsFor: (configPath: string) => readonly string[],
): Promise<SessionResult> {
  const folder = temporaryFolder({
    [`home/${config.name}`]: config.text,
    "project/nnp.json": '{ "preset": "default" }\n',
    "project/main.nnasm": MAIN,
    "project/lib.nnasm": LIB,
    "bin/README": "The command as it is installed.\n",
  });
  const home = path.join(folder, "home");
  const result = path.join(folder, "result.json");
  symlinkSync(path.join(ROOT, "cli/bin/nnasm.js"), path.join(folder, "bin/nnasm"));
  const { code, stdout, stderr } = await runCommand(command, argumentsFor(path.join(home, config.name)), {
    cwd: path.join(folder, "project"),
    env: {
      HOME: home,
      XDG_CONFIG_HOME: path.join(home, ".config"),
      XDG_DATA_HOME: path.join(home, ".local/share"),
      XDG_STATE_HOME: path.join(home, ".local/state"),
      XDG_CACHE_HOME: path.join(home, ".cache"),
      PATH: `${path.join(folder, "bin")}${path.delimiter}${process.env.PATH}`,
      NNASM_RESULT: result,
      TERM: "dumb",
    },
    timeoutMs: 50_000,
  });
  let found: SessionResult;
  try {
    found = JSON.parse(readFileSync(result, "utf8")) as SessionResult;
  } catch (error) {
    throw new Error(`${command} ended with ${code} and no result:\n${stdout}${stderr}`, { cause: error });
  }
  expect(found.failure, stdout + stderr).toBeUndefined();
  expect(code, stdout + stderr).toBe(0);
  return found;
}
