/**
 * The language server as a process of its own. The transport is the command line's: `--stdio`, `--node-ipc`,
 * `--socket=PORT` or `--pipe=NAME`.
 */
import { startProcess } from "./index.ts";

startProcess();
