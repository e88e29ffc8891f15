/** Files that a launch puts into memory, expects there, and the arguments in registers. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { RecordedClient } from "../transcript.ts";

const CU = { threadId: 1 };
let folder = "";

afterEach(() => rm(folder, { recursive: true }));

test("files are loaded and compared, and arguments are in a0 to a7", async () => {
  folder = await mkdtemp(path.join(tmpdir(), "nnasm-files-"));
  const pooled = Uint8Array.from({ length: 256 }, () => 0);
  await writeFile(path.join(folder, "zeros.bin"), pooled);
  await writeFile(path.join(folder, "word.bin"), Uint8Array.of(1, 2, 3, 4));
  const session = await RecordedClient.start(folder);
  await session.initialize();
  const { program } = await import("../adapter.ts");
  const launch = { program: program("network.nnasm"), cwd: folder };
  session.heading("what doesn't fit is said");
  await session.ask("launch", { ...launch, load: { "zeros.bin": "imgae_ddr" } });
  await session.ask("launch", { ...launch, load: { "word.bin": "image_ddr" } });
  await session.ask("launch", { ...launch, load: { "none.bin": "image_ddr" } });
  await session.ask("launch", { ...launch, expect: { pooled: "word.bin" } });
  await session.ask("launch", { ...launch, load: { "word.bin": "0x70000000" } });
  await session.ask("launch", { ...launch, load: ["word.bin"] });
  await session.ask("launch", { ...launch, args: ["nothing"] });
  await session.ask("launch", { ...launch, args: [1, 2, 3, 4, 5, 6, 7, 8, 9] });
  session.heading("an image of zeros; results differ from the first byte on");
  await session.until("initialized", "launch", {
    ...launch,
    stopOnEntry: true,
    load: { "zeros.bin": "image_ddr", "word.bin": "image + 4" },
    expect: { pooled: "zeros.bin", "image_ddr+4": "word.bin" },
    args: [7, "image", "-1"],
  });
  await session.until("stopped", "configurationDone");
  await session.evaluate("max(image_ddr)", "watch");
  await session.evaluate("*(int32*)(&image + 4),x", "watch");
  await session.evaluate("a0", "watch");
  await session.evaluate("a1", "watch");
  await session.evaluate("a2", "watch");
  await session.until("stopped", "continue", CU);
  await session.ask("exceptionInfo", CU);
  await session.until("terminated", "continue", CU);
  session.heading("the same once more");
  await session.until("stopped", "restart");
  await session.evaluate("max(image_ddr)", "watch");
  await expect(session.transcript).toMatchFileSnapshot("files.golden.txt");
});
