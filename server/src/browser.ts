/**
 * The language server in a browser's worker: the same server, with files that the client is asked for. Messages are
 * objects of `postMessage`.
 */
import {
  BrowserMessageReader,
  BrowserMessageWriter,
  createConnection,
  ProposedFeatures,
} from "vscode-languageserver/browser";
import { ClientFileHost } from "./host/client.ts";
import { serve } from "./protocol/server.ts";
import { VERSION } from "./version.ts";

// The worker itself is the port to whoever started it.
const scope = globalThis as unknown as ConstructorParameters<typeof BrowserMessageReader>[0];
const connection = createConnection(
  ProposedFeatures.all,
  new BrowserMessageReader(scope),
  new BrowserMessageWriter(scope),
);
serve(connection, new ClientFileHost(connection), VERSION);
connection.listen();
