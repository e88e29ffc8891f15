/** Starts the language server in Node. */
import { setFlagsFromString } from "node:v8";
import { type Connection, createConnection, ProposedFeatures } from "vscode-languageserver/node";
import { nodeHost } from "./host/node.ts";
import { serve } from "./protocol/server.ts";
import { VERSION } from "./version.ts";

export { type EntryFileParams, type EntryFileResult, entryFileRequest } from "./protocol/entry-file.ts";

/**
 * How much the heap may grow before its garbage is collected again, in percent of what is needed. Left to itself, V8 lets that of
 * a server that answers quickly grow to four times its size.
 */
const HEAP_GROWTH = 25;

function listen(connection: Connection): void {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH}`);
  serve(connection, nodeHost, VERSION);
  connection.listen();
}

/**
 * Serves a client on standard input and output; the process ends when the client goes away. Nothing else may write to
 * standard output.
 */
export function startStdio(): void {
  listen(createConnection(ProposedFeatures.all, process.stdin, process.stdout));
}

/** Serves a client over the transport that the command line names. */
export function startProcess(): void {
  listen(createConnection(ProposedFeatures.all));
}
