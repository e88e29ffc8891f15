/** Lints of large programs come when typing pauses; what was found before stays with its lines until then. */
import { afterEach, expect, test } from "vitest";
import type {
  CodeLens,
  Hover,
  InlayHint,
  MarkupContent,
  PublishDiagnosticsParams,
} from "vscode-languageserver-protocol";
import { PATIENCE_MS, Session } from "./session.ts";

let session: Session;
afterEach(() => session.stop());

/** Longer than what is linted with every keystroke. */
const LONG = `        .globl  _start\n_start:\n${"        addi    a0, a0, 1\n".repeat(4000)}        ret\n        addi    a1, a1, 1\n`;
const LAST = 4003;
const at = (line: number, character: number) => ({ line, character });

test("an error is told without waiting for lints, and these come behind it, where their lines are now", async () => {
  session = await Session.start({ files: { "main.nnasm": LONG } });
  const told: string[] = [];
  session.connection.onNotification(
    "textDocument/publishDiagnostics",
    ({ diagnostics, version }: PublishDiagnosticsParams) => {
      const watched = diagnostics.filter(({ code }) => code === "unreachable-code" || code === "unknown-directive");
      told.push(`${version}: ${watched.map(({ code, range }) => `${code}@${range.start.line}`)}`);
    },
  );
  await session.open("main.nnasm", LONG);
  await expect.poll(() => told, { timeout: PATIENCE_MS }).toEqual(["1: ", `1: unreachable-code@${LAST}`]);
  // A line above moves the finding at once, though nothing is linted yet; then it is found there.
  await session.edit("main.nnasm", { start: at(2, 0), end: at(2, 0) }, "        .weird  1\n");
  await expect.poll(() => told.at(-1), { timeout: PATIENCE_MS }).toBe("2: unknown-directive@2");
  expect(told).toContain(`2: unknown-directive@2,unreachable-code@${LAST + 1}`);
  // The line itself takes its finding with it.
  await session.edit("main.nnasm", { start: at(2, 0), end: at(3, 0) }, "");
  await expect.poll(() => told.at(-1), { timeout: PATIENCE_MS }).toBe(`3: unreachable-code@${LAST}`);
  await session.edit("main.nnasm", { start: at(LAST, 0), end: at(LAST + 1, 0) }, "");
  await expect.poll(() => told.at(-1), { timeout: PATIENCE_MS }).toBe("4: ");
});

test("cycles of a large program come as soon as they are known, and others are answered meanwhile", async () => {
  session = await Session.start({ files: { "main.nnasm": LONG } });
  await session.open("main.nnasm", LONG);
  const textDocument = { uri: session.uri("main.nnasm") };
  const range = { start: at(0, 0), end: at(10, 0) };
  const lenses = session.request<CodeLens[]>("textDocument/codeLens", { textDocument });
  const hints = session.request<InlayHint[]>("textDocument/inlayHint", { textDocument, range });
  // While they wait, others are answered.
  expect(await session.at("textDocument/hover", "main.nnasm", at(2, 10))).not.toBeNull();
  const cycles = (await lenses).find(({ data }) => (data as { kind: string }).kind === "cycles")!;
  const { command } = await session.request<CodeLens>("codeLens/resolve", cycles);
  expect(command?.title).toMatch(/^= 400\d cycles/);
  expect(await hints).toEqual([]);
  // Now hovers tell of the place, too.
  const hover = await session.at<Hover>("textDocument/hover", "main.nnasm", at(2, 10));
  expect((hover.contents as MarkupContent).value).toContain("In this place: 1 cycle");
});
