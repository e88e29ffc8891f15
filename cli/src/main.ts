/** The `nnasm` command. */
import { runCommandLine } from "./command.ts";
import { EXIT } from "./exit-codes.ts";
import { reasonOf } from "./files.ts";
import { processIo } from "./io.ts";
import { threadKind } from "./threads.ts";
import { VERSION } from "./version.ts";

// A reader that goes away early (`nnasm isa | head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  process.stderr.write(`nnasm: error: cannot write the output: ${reasonOf(error)}\n`);
  process.exit(EXIT.input);
});
// Messages that nobody reads change nothing about the work.
process.stderr.on("error", () => undefined);

if (threadKind === "sweep") (await import("./sweep/pool.ts")).serveSweep();
else if (threadKind === "test") (await import("./testing/threads.ts")).serveTests();
else {
  try {
    process.exitCode = await runCommandLine(processIo(), process.argv.slice(2));
  } catch (error) {
    const what = error instanceof Error ? error.stack : String(error);
    process.stderr.write(
      `nnasm: internal error: the mistake is in nnasm ${VERSION}, not in your files; please report it\n${what}\n`,
    );
    process.exitCode = EXIT.internal;
  }
}
