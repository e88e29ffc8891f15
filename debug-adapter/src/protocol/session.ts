/**
 * A debug session over the Debug Adapter Protocol: hands each request to its handler and sends what comes back. It only
 * translates; what debugging means stands in runtime/.
 */
import { ProtocolServer } from "@vscode/debugadapter/lib/protocol.js";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { EvaluationError, type FileHost, LaunchError, type ModuleLoader, type Scheduler } from "../runtime/index.ts";
import { HANDLERS } from "./handlers/index.ts";
import { RequestError } from "./requests.ts";
import { checkArguments } from "./required.ts";
import { SessionState } from "./state.ts";

export interface SessionHost {
  readonly files: FileHost;
  readonly scheduler: Scheduler;
  /** Loads modules of the workspace; absent where its code must not run, because nobody has said that it is trusted. */
  readonly modules?: ModuleLoader;
  /** The client has disconnected: everything that was sent has to arrive, then the process may end. */
  disconnected(): void;
  /** Something that the client can't be told in an answer. */
  warn(message: string): void;
}

/** Ids of errors in answers, stable for clients. */
const ERROR_IDS = { request: 1, launch: 2, evaluation: 3, internal: 4 } as const;

/** Requests that are answered beside others. */
const LOOKS_BACK: ReadonlySet<string> = new Set([
  "nnasm/tensorImage",
  "nnasm/tensorStatistics",
  "nnasm/lastWrite",
  "nnasm/profile",
]);

export class NnasmDebugSession extends ProtocolServer {
  private readonly host: SessionHost;
  private readonly state: SessionState;
  /** A request is being answered that takes its time; those that come meanwhile wait their turn. */
  private isBusy = false;
  private hasLeft = false;
  private readonly waiting: DebugProtocol.Request[] = [];

  /** @param state of a program that outlives this session; absent: one of the session's own */
  constructor(host: SessionHost, state?: SessionState) {
    super();
    this.host = host;
    const send = (event: string, body?: object): void => {
      this.sendEvent({ seq: 0, type: "event", event, ...(body === undefined ? {} : { body }) });
    };
    this.state = state ?? new SessionState(host, send);
    state?.connect(send);
    // Without a listener Node's emitter would throw, and garbage on the wire would end the process.
    this.on("error", (event: { body?: unknown }) => host.warn(String(event.body)));
    this.on("close", () => {
      // A client that went away without a word leaves a program that it attached to.
      if (this.state.waiting) {
        if (!this.hasLeft) this.state.detach(false);
      } else this.state.dispose();
      host.disconnected();
    });
  }

  /** In-process users end the session with this. */
  override dispose(): void {
    this.state.dispose();
    super.dispose();
  }

  protected override dispatchRequest(request: DebugProtocol.Request): void {
    // The end of the session waits for nothing: what is under way may never come to an end.
    if (this.isBusy && request.command !== "disconnect") this.waiting.push(request);
    else this.serve(request);
  }

  private serve(request: DebugProtocol.Request): void {
    const response: DebugProtocol.Response = {
      seq: 0,
      type: "response",
      request_seq: request.seq,
      command: request.command,
      success: true,
    };
    const finish = (answer: DebugProtocol.Response): void => {
      this.sendResponse(answer);
      // Events that follow from the answer, and only then the end of the session.
      this.state.runDeferred();
      if (request.command !== "disconnect") return;
      this.hasLeft = true;
      this.host.disconnected();
    };
    const answered = (body: unknown): void => finish(body === undefined ? response : { ...response, body });
    const refused = (error: unknown): void => finish(this.failed(response, error));
    let body: unknown;
    try {
      body = this.answer(request);
    } catch (error) {
      refused(error);
      return;
    }
    // Looking into the past takes its time and disturbs nothing: a pause, say, needn't wait for it.
    if (body instanceof Promise && LOOKS_BACK.has(request.command)) void body.then(answered, refused);
    else if (body instanceof Promise) void this.whenSettled(body, answered, refused);
    else answered(body);
  }

  private async whenSettled(
    work: Promise<unknown>,
    answered: (body: unknown) => void,
    refused: (error: unknown) => void,
  ): Promise<void> {
    this.isBusy = true;
    await work.then(answered, refused);
    this.isBusy = false;
    while (!this.isBusy && this.waiting.length > 0) this.serve(this.waiting.shift()!);
  }

  /** @throws whatever keeps the request from being answered */
  private answer({ command, arguments: given }: DebugProtocol.Request): unknown {
    if (!isHandled(command)) throw new RequestError(`the NNASM debugger has no request "${command}"`, false);
    checkArguments(command, given);
    const handle = HANDLERS[command] as (state: SessionState, arguments_: unknown) => unknown;
    return handle(this.state, given ?? {});
  }

  private failed(response: DebugProtocol.Response, error: unknown): DebugProtocol.Response {
    const { id, text, showUser } = describe(error);
    if (id === ERROR_IDS.internal) this.host.warn(error instanceof Error ? (error.stack ?? text) : text);
    // Braces in the format stand for variables; ours are text.
    const variables = { text };
    return {
      ...response,
      success: false,
      message: text,
      body: { error: { id, format: "{text}", variables, showUser } },
    };
  }
}

const isHandled = (command: string): command is keyof typeof HANDLERS => Object.hasOwn(HANDLERS, command);

function describe(error: unknown): { id: number; text: string; showUser: boolean } {
  if (error instanceof RequestError) return { id: ERROR_IDS.request, text: error.message, showUser: error.showUser };
  if (error instanceof LaunchError) return { id: ERROR_IDS.launch, text: error.message, showUser: true };
  if (error instanceof EvaluationError) return { id: ERROR_IDS.evaluation, text: error.message, showUser: false };
  const text = error instanceof Error ? error.message : String(error);
  return { id: ERROR_IDS.internal, text: `internal error of the NNASM debugger: ${text}`, showUser: true };
}
