/** What other packages use of the debug adapter. */
export { GdbServerError, type GdbServerOptions, serveGdb } from "./gdbserver/server.ts";
export { NnasmDebugSession, type SessionHost } from "./protocol/session.ts";
export { startStdio } from "./stdio.ts";
