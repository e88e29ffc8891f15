/** Emacs' dap-mode, which nobody here wrote, debugs a program with the configuration that the manual shows. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { describeWith, EXTERNALS, ROOT, runCommand, temporaryFolder } from "../tools/index.ts";

const HERE = path.join(ROOT, "test/emacs-dap");

/** The block of Emacs Lisp below a heading of docs/editors.md. */
function configuration(heading: string): string {
  const text = readFileSync(path.join(ROOT, "docs/editors.md"), "utf8");
  const section = text.slice(text.indexOf(`\n${heading}\n`));
  const [, code] = /```(?:elisp|lisp)\n([\s\S]*?)```/.exec(section) ?? expect.fail(`no code below "${heading}"`);
  return code!;
}

describeWith([EXTERNALS.emacs, EXTERNALS.emacsDap], "Emacs dap-mode", () => {
  it("launches, stops at a breakpoint, shows stack and registers, steps forth and back, and runs to the end", async () => {
    const folder = temporaryFolder({
      "config.el": configuration("### Debugging with dap-mode"),
      // What stands on the PATH of a user is the checkout's command.
      "bin/nnasm": `#!/bin/sh\nexec "${process.execPath}" "${path.join(ROOT, "cli/bin/nnasm.js")}" "$@"\n`,
      "program.nnasm": readFileSync(path.join(HERE, "program.nnasm")),
    });
    const { code, stdout, stderr } = await runCommand(
      "sh",
      ["-c", `chmod +x "${folder}/bin/nnasm" && exec emacs -q --batch -l "${path.join(HERE, "session.el")}"`],
      {
        cwd: folder,
        env: {
          HOME: folder,
          TMPDIR: folder,
          PATH: `${folder}/bin${path.delimiter}${process.env.PATH}`,
          NNASM_DAP_CONFIG: path.join(folder, "config.el"),
          NNASM_PROGRAM: path.join(folder, "program.nnasm"),
          NNASM_LINE: "5",
        },
      },
    );
    expect(code, stderr).toBe(0);
    const told = stdout
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as object);
    const at = (line: number, frames: readonly string[], a0: string, state = "step") => ({
      what: "stop",
      file: "program.nnasm",
      point: line,
      line,
      frames,
      a0,
      state,
    });
    expect(told).toEqual([
      at(5, ["_start"], "3", "breakpoint"),
      { what: "evaluate", result: "4" },
      at(6, ["_start"], "6"),
      at(17, ["double", "_start"], "6"),
      at(7, ["_start"], "12 (0xc)"),
      at(6, ["_start"], "6"),
      { what: "end", state: "terminated", output: "hello\n" },
    ]);
  });
});
