/** What other packages use of the debug adapter. */
export { GdbServerError, type GdbServerOptions, serveGdb } from "./gdbserver/server.ts";
export type { LaunchAttributes } from "./protocol/launch.ts";
export { NnasmDebugSession, type SessionHost } from "./protocol/session.ts";
export type { OutputCategory } from "./protocol/world.ts";
export type { LoadedProgram } from "./runtime/index.ts";
export { startStdio } from "./stdio.ts";
export { type WaitOptions, waitForDebuggers } from "./wait.ts";
