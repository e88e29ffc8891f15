/** Entry of the bundle that the extension starts as a child process. */
import { startStdio } from "./stdio.ts";

startStdio({ trustsWorkspace: process.argv.includes("--trust-workspace") });
