/** Editors that nobody here wrote, set up as docs/editors.md says, against `nnasm lsp --stdio`. */
import path from "node:path";
import { expect, test } from "vitest";
import { describeWith, EXTERNALS, ROOT } from "../tools/index.ts";
import { configuration, runEditor, type SessionResult } from "./editor.ts";

const script = (name: string): string => path.join(ROOT, "test/editors", name);

/** What is the same in every editor. */
function expectSession(result: SessionResult): void {
  const [diagnostic] = result.diagnostics;
  expect(result.diagnostics).toHaveLength(1);
  expect(diagnostic).toMatchObject({ line: 3, from: 8, to: 11 });
  expect(diagnostic?.message).toContain("unknown instruction or macro `adi`\nhint: did you mean `addi`?");
  expect(result.fixed).toBe("_start: addi     a0, zero, 1");
  expect(result.completions).toEqual(["nu.conv"]);
  expect(result.completed).toBe("nu.conv td2, td0, td1");
  expect(result.hover.join("\n")).toMatch(/helper/);
  expect(result.renamed).toEqual({
    main: [
      '        .include "lib.nnasm"',
      "        .tensor input, int8, 1, 4, 4, 8, in=dm",
      "        .text",
      "_start: addi     a0, zero, 1",
      "        call run",
      "        td.ld   td0, input",
      "        li a7, 93",
      "        ecall",
      "nu.conv td2, td0, td1",
    ],
    lib: ["        .globl  run", "run: ret"],
  });
  expect(result.formatted).toEqual([
    '        .include "lib.nnasm"',
    "        .tensor input, int8, 1, 4, 4, 8, in=dm",
    "        .text",
    "_start: addi    a0, zero, 1",
    "        call    run",
    "        td.ld   td0, input",
    "        li      a7, 93",
    "        ecall",
    "        nu.conv td2, td0, td1",
  ]);
}

describeWith(EXTERNALS.neovim, "Neovim", () => {
  test("a session by keys", async () => {
    const config = { name: "init.lua", text: configuration("Neovim", "lua") };
    const result = await runEditor(EXTERNALS.neovim.name, config, (file) => [
      ...["--headless", "-n", "-i", "NONE", "-u", file],
      ...["-c", `luafile ${script("neovim/session.lua")}`],
    ]);
    expectSession(result);
    expect(result.filetype).toBe("nnasm");
  });
});

describeWith([EXTERNALS.emacs, EXTERNALS.eglot], "Emacs with eglot", () => {
  test("a session by commands", async () => {
    const config = { name: "init.el", text: configuration("Emacs", "elisp") };
    const result = await runEditor(EXTERNALS.emacs.name, config, (file) => [
      ...["--batch", "--eval", "(package-initialize)", "-l", file, "-l", script("emacs/session.el")],
    ]);
    expectSession(result);
    expect(result.filetype).toBe("nnasm-mode");
  });
});
