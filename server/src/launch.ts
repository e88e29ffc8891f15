/** How those who start the server as a process of its own set up its Node. */

/** Threads that Node gives V8 for compiling and collecting garbage, unless it is told otherwise. */
const HELPERS = 4;

/**
 * Options of Node for the server's process.
 * @param cores how many processor cores the machine has
 */
export function nodeOptions(cores: number): string[] {
  return [
    // Half of V8's usual room for new objects: less memory, and answers come as fast.
    "--max-semi-space-size=8",
    // More helpers than there are cores beside the one that answers would only take time from it.
    `--v8-pool-size=${Math.max(1, Math.min(HELPERS, cores - 1))}`,
  ];
}
