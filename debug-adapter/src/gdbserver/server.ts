/** The server of GDB's remote protocol on a socket of this computer. */
import { createServer, type Server, type Socket } from "node:net";
import { LoadError } from "@nnasm/sim-core/engine";
import { importModule, nodeFiles, nodeScheduler } from "../host/node.ts";
import { LaunchError, type LoadedProgram, loadProgram, needsModule, withModule } from "../runtime/index.ts";
import { bytesOf } from "./encoding.ts";
import { packet } from "./packets.ts";
import { RemoteSession, type SessionEnd } from "./session.ts";
import { RemoteTarget, type TargetOptions } from "./target.ts";

/** Anybody who can connect can run code and read memory of the program: nobody beyond this computer can. */
const LOOPBACK = "127.0.0.1";
const REFUSAL = "another debugger is connected: the server takes one at a time";

export interface GdbServerOptions extends TargetOptions {
  /** A source or an ELF file. */
  readonly program: string;
  /** nnp.json; absent: the nearest one. */
  readonly config?: string;
  /** 0 chooses a free one. */
  readonly port: number;
  /** End with the first session. */
  readonly once?: boolean;
  /** Told when clients can connect. */
  listening(port: number, loaded: LoadedProgram): void;
  /** What happens, for who has started the server. */
  log(message: string): void;
}

/** The program or the port can't be had; the message says why. */
export class GdbServerError extends Error {}

/**
 * Serves one client after the other; resolves when the server ends, which without `once` it never does by itself.
 * @throws GdbServerError
 */
export async function serveGdb(options: GdbServerOptions): Promise<void> {
  const loaded = await load(options);
  const target = reporting(() => new RemoteTarget(loaded, nodeFiles, nodeScheduler, options));
  let current: Socket | undefined;
  const server = createServer({ noDelay: true }, (socket) => {
    // A client that goes away while it is written to is no error of the server.
    socket.on("error", () => socket.destroy());
    if (current) {
      socket.end(bytesOf(packet(`E.${REFUSAL}`)));
      options.log(REFUSAL);
      return;
    }
    current = socket;
    serve(socket, target, options, (end) => {
      current = undefined;
      options.log(`session over: ${end}`);
      target.breakpoints.clear();
      if (options.once) server.close();
      // Who comes next finds a program that can run.
      else if (end === "killed" || target.hasEnded) target.restart();
    });
  });
  const port = await listen(server, options.port);
  options.listening(port, loaded);
  await new Promise<void>((resolve) => server.once("close", resolve));
  target.dispose();
}

function serve(socket: Socket, target: RemoteTarget, options: GdbServerOptions, over: (end: SessionEnd) => void): void {
  options.log("client connected");
  const session = new RemoteSession(target, {
    send: (bytes) => {
      if (!socket.destroyed) socket.write(bytes, "latin1");
    },
    close: (end) => {
      // A program that nobody looks at any more stands still.
      if (target.isRunning) target.debugger.pause();
      socket.end();
      over(end);
    },
    warn: options.log,
  });
  socket.on("data", (bytes) => session.received(bytes));
  socket.on("close", () => session.lost());
}

async function load({ program, config }: GdbServerOptions): Promise<LoadedProgram> {
  const loaded = reporting(() => loadProgram(nodeFiles, { program, ...(config === undefined ? {} : { config }) }));
  if (!needsModule(loaded, importModule)) return loaded;
  return withModule(loaded, importModule).catch((error: unknown) => {
    throw error instanceof LaunchError ? new GdbServerError(error.message) : error;
  });
}

function reporting<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof LaunchError || error instanceof LoadError) throw new GdbServerError(error.message);
    throw error;
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why =
        error.code === "EADDRINUSE"
          ? `port ${port} is taken: choose another one, or --port 0 for any free one`
          : error.message;
      reject(new GdbServerError(why));
    });
    server.listen(port, LOOPBACK, () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}
