/**
 * A program that waits on a port of this machine until debuggers attach, one at a time. It begins when the first one has
 * set its breakpoints; between two of them it goes on, or stands still, as the one that left has asked.
 */
import { createServer, type Server, type Socket } from "node:net";
import { ProtocolServer } from "@vscode/debugadapter/lib/protocol.js";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { nodeFiles, nodeScheduler } from "./host/node.ts";
import { NnasmDebugSession } from "./protocol/session.ts";
import { SessionState } from "./protocol/state.ts";
import type { WaitingProgram } from "./protocol/world.ts";

/** How long a client has to hang up when the program has ended. */
const GOODBYE_MS = 5000;
/** Programs of other machines must not reach it: what runs here may do what the user may. */
const LOOPBACK = "127.0.0.1";

export interface WaitOptions extends Omit<WaitingProgram, "ended"> {
  /** 0: any that is free. */
  readonly port: number;
  /** Told when clients can attach. */
  listening(port: number): void;
  /** Something that a client can't be told. */
  warn(message: string): void;
}

/**
 * Serves debuggers until the program has ended.
 * @returns the exit code of its end, undefined when a client has ended it
 * @throws the system's error when the port is taken
 */
export async function waitForDebuggers(options: WaitOptions): Promise<number | undefined> {
  const server = createServer();
  try {
    return await new Promise<number | undefined>((resolve, reject) => serve(server, options, resolve, reject));
  } finally {
    server.close();
  }
}

function serve(
  server: Server,
  { port, listening, warn, attributes, load, output }: WaitOptions,
  resolve: (exitCode: number | undefined) => void,
  reject: (error: unknown) => void,
): void {
  let attached: Socket | undefined;
  let end: { readonly exitCode: number | undefined } | undefined;
  const ended = (exitCode: number | undefined): void => {
    end ??= { exitCode };
    if (!attached) resolve(exitCode);
    else setTimeout(() => attached?.destroy(), GOODBYE_MS).unref();
  };
  const yieldTo = async (): Promise<void> => {
    await nodeScheduler.yield();
    const socket = attached;
    if (!socket?.writableNeedDrain) return;
    // A client that goes away drains nothing.
    await new Promise<void>((drained) => {
      socket.once("drain", drained);
      socket.once("close", () => drained());
    });
  };
  const scheduler = { ...nodeScheduler, yield: yieldTo };
  const state = new SessionState(
    { files: nodeFiles, scheduler, waiting: { attributes, load, output, ended } },
    () => {},
  );
  server.on("error", reject);
  server.on("connection", (socket) => {
    // A client that vanishes closes the socket, which is heard of below.
    socket.on("error", () => {});
    if (attached || end) {
      refuse(socket, end ? "the program has ended" : "another debugger is attached here: disconnect it first");
      return;
    }
    attached = socket;
    /** The next client may come as soon as this one has said that it leaves. */
    const leave = (): void => {
      if (attached === socket) attached = undefined;
    };
    const disconnected = (): void => {
      leave();
      socket.end();
    };
    const session = new NnasmDebugSession({ files: nodeFiles, scheduler, disconnected, warn }, state);
    socket.on("close", () => {
      leave();
      if (end) resolve(end.exitCode);
    });
    session.start(socket, socket);
  });
  server.listen(port, LOOPBACK, () => {
    const address = server.address();
    listening(typeof address === "object" && address ? address.port : port);
  });
}

/** Answers whatever is asked with the reason, and hangs up. */
class Refusal extends ProtocolServer {
  private readonly socket: Socket;
  private readonly reason: string;

  constructor(socket: Socket, reason: string) {
    super();
    this.socket = socket;
    this.reason = reason;
    this.on("error", () => socket.destroy());
  }

  protected override dispatchRequest({ seq, command }: DebugProtocol.Request): void {
    const body = { error: { id: 1, format: "{text}", variables: { text: this.reason }, showUser: true } };
    const answer = { seq: 0, type: "response", request_seq: seq, command, success: false, message: this.reason, body };
    this.sendResponse(answer as DebugProtocol.Response);
    this.socket.end();
  }
}

function refuse(socket: Socket, reason: string): void {
  new Refusal(socket, reason).start(socket, socket);
}
