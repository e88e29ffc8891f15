/** What other packages use of the debug adapter. */
export { NnasmDebugSession, type SessionHost } from "./protocol/session.ts";
export { startStdio } from "./stdio.ts";
