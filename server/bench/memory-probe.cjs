/**
 * Loaded into the server's process by `--require`: on SIGUSR2 it collects garbage (with `--expose-gc`) and writes what is left, as
 * JSON, into the file that NNASM_MEMORY_FILE names.
 */
const { renameSync, writeFileSync } = require("node:fs");

if (process.platform !== "win32") {
  process.on("SIGUSR2", () => {
    const residentBefore = process.memoryUsage.rss();
    // The first collection runs what only waits for it.
    globalThis.gc();
    globalThis.gc();
    const { heapUsed, external, rss } = process.memoryUsage();
    const file = process.env.NNASM_MEMORY_FILE;
    writeFileSync(`${file}.new`, JSON.stringify({ live: heapUsed + external, resident: residentBefore, swept: rss }));
    renameSync(`${file}.new`, file);
  });
}
