/** The manual shows what really happens: every example is assembled and has just the diagnostic of its page. */
import { describe, expect, it } from "vitest";
import { DIAGNOSTICS } from "../asm/index.ts";
import { CHECK_IDS } from "../check/index.ts";
import { readConfig } from "../config/index.ts";
import { LINK_DIAGNOSTICS } from "../link/index.ts";
import { LINTS } from "../lint/index.ts";
import { machineOf, runToEnd } from "../testing/index.ts";
import { assembleExample, DIAGNOSTIC_PAGES, linkExample, lintExample, pageText } from "./page.ts";

const ids = (diagnostics: readonly { readonly id: string }[]) => diagnostics.map(({ id }) => id);

/** What a run says, by id; the check that an id belongs to is on. */
function runIds(text: string, id: string): string[] {
  const checks = Object.fromEntries(CHECK_IDS.map((check) => [check, id === `check-${check}`]));
  const machine = machineOf(text, {}, checks);
  const end = runToEnd(machine);
  const found = machine.checks.findings.map((each) => `check-${each.id}`);
  if (end.reason === "fault") return [...found, `fault-${end.fault.kind}`];
  return end.reason === "exit" ? found : [...found, end.reason];
}

describe("diagnostic pages", () => {
  for (const { id, severity, explanation, example } of DIAGNOSTIC_PAGES.values()) {
    it(`${id}: the example has it, and mended has nothing`, () => {
      expect(explanation).toMatch(/^[A-Za-z.%].*\.$/s);
      if (example.kind === "source") {
        const { diagnostics } = assembleExample(example, example.wrong);
        expect(diagnostics.find((diagnostic) => diagnostic.id === id)?.severity).toBe(severity);
        if (!example.amongOthers) expect(ids(diagnostics)).toEqual([id]);
        if (example.right === undefined) return;
        const mended = assembleExample(example, example.right);
        expect(mended.diagnostics).toEqual([]);
        expect(mended.made).toBe(true);
      } else if (example.kind === "link") {
        const { diagnostics } = linkExample(example, example.wrong);
        expect(diagnostics.map((diagnostic) => [diagnostic.id, diagnostic.severity])).toEqual([[id, severity]]);
        expect(linkExample(example, example.right)).toEqual({ made: true, diagnostics: [] });
      } else if (example.kind === "lint") {
        const found = lintExample(id, example, example.wrong);
        expect(found.find((each) => each.id === id)?.severity).toBe(severity);
        if (!example.amongOthers) expect(new Set(ids(found))).toEqual(new Set([id]));
        expect(lintExample(id, example, example.right)).toEqual([]);
      } else if (example.kind === "run") {
        expect(runIds(example.wrong, id)).toEqual([id]);
        expect(runIds(example.right, id)).toEqual([]);
      } else if (example.kind === "config") {
        expect(ids(readConfig(example.wrong, "nnp.json").diagnostics)).toEqual([id]);
        expect(readConfig(example.right, "nnp.json").diagnostics).toEqual([]);
      }
    });
  }

  it("exist for every id, and only these are shown without a source", () => {
    for (const id of Object.keys({ ...DIAGNOSTICS, ...LINK_DIAGNOSTICS, ...LINTS }))
      expect(DIAGNOSTIC_PAGES.has(id), id).toBe(true);
    const pages = [...DIAGNOSTIC_PAGES.values()].filter(({ group }) => group === "Sources");
    const apart = pages.filter(({ example }) => example.kind !== "source" || example.right === undefined);
    expect(ids(apart)).toEqual(["not-multiple", "missing-entry", "layer-count"]);
  });

  it("show the message, and warnings how to turn them off", () => {
    expect(pageText(DIAGNOSTIC_PAGES.get("value-truncated")!)).toMatchInlineSnapshot(`
      "# value-truncated

      Warning. Data directives store the low bytes of their values, as GNU as does. A value that loses bits is usually a mistake.

      ## Example

      \`\`\`nnasm
      _start: nop
              .data
              .byte   300
      \`\`\`

      \`\`\`text
      main.nnasm:3:17: warning: value 300 doesn't fit 1 byte and is cut to 0x2c [value-truncated]
        hint: use a larger directive, or mask the value with & 0xff
      \`\`\`

      ## Mended

      \`\`\`nnasm
      _start: nop
              .data
              .half   300
      \`\`\`

      ## Turning it off

      In the source, \`.nowarn "value-truncated"\` turns it off from there to the end of the file, \`.nowarn "value-truncated", next\` on the
      next line only; \`.nowarn "value-truncated", end\` ends what \`.nowarn "value-truncated"\` began.
      On the command line, \`-W no-value-truncated\` leaves it out and \`-W error=value-truncated\` makes it an error.
      "
    `);
  });
});
