/** Records a session as text that people can read: what was asked, what was answered, what happened, in wire order. */
import path from "node:path";
import { inspect } from "node:util";
import type { DebugClient } from "@vscode/debugadapter-testsupport";
import type { DebugProtocol as P } from "@vscode/debugprotocol";
import { onTestFailed } from "vitest";
import { program, startClient } from "./adapter.ts";

type Body = Record<string, never>;

/** One line a value. Handles depend on everything that was asked before, so only whether there is one is written down. */
const text = (value: unknown): string =>
  inspect(value, { breakLength: Number.POSITIVE_INFINITY, compact: true, depth: 9, maxStringLength: 2000 })
    .replaceAll("source: { name: ", "source: { ")
    .replaceAll(/(variablesReference|frameId|locationReference): [1-9]\d*/g, "$1: #");

const indented = (lines: readonly string[]): string[] => lines.map((line) => `      ${line}`);

const placeOf = ({ source, line, column }: { source?: P.Source; line?: number; column?: number }): string =>
  source ? `${source.name}:${line}${column ? `:${column}` : ""}` : "no source";

const ANSWERS: Readonly<Record<string, (body: Body) => readonly string[]>> = {
  stackTrace: (body) =>
    (body as unknown as P.StackTraceResponse["body"]).stackFrames.map((frame) => {
      const hint = frame.presentationHint === "normal" ? "" : ` (${frame.presentationHint})`;
      return `${frame.instructionPointerReference ?? "-"} ${frame.name} at ${placeOf(frame)}${hint}`;
    }),
  scopes: (body) =>
    (body as unknown as P.ScopesResponse["body"]).scopes.map(
      ({ name, presentationHint, expensive }) =>
        `${name}${presentationHint ? ` [${presentationHint}]` : ""}${expensive ? " [expensive]" : ""}`,
    ),
  variables: (body) => (body as unknown as P.VariablesResponse["body"]).variables.map(variableLine),
  threads: (body) => (body as unknown as P.ThreadsResponse["body"]).threads.map(({ id, name }) => `${id} ${name}`),
  disassemble: (body) =>
    ((body as unknown as { instructions: P.DisassembledInstruction[] }).instructions ?? []).map((one) => {
      const label = one.symbol ? `<${one.symbol}> ` : "";
      const place = one.location ? `  ; ${placeOf({ source: one.location, line: one.line! })}` : "";
      const invalid = one.presentationHint === "invalid" ? " (invalid)" : "";
      return `${one.address} ${one.instructionBytes ?? "-"} ${label}${one.instruction}${place}${invalid}`;
    }),
  evaluate: (body) => {
    const { result, type, memoryReference, variablesReference } = body as unknown as P.EvaluateResponse["body"];
    const facts = [type, memoryReference && `at ${memoryReference}`, variablesReference > 0 && "has children"];
    const known = facts.filter(Boolean).join(", ");
    return [...result.split("\n"), ...(known ? [`(${known})`] : [])];
  },
};

function variableLine({ name, value, type, evaluateName, memoryReference, variablesReference }: P.Variable): string {
  const facts = [
    type,
    evaluateName && evaluateName !== name && `= ${evaluateName}`,
    memoryReference && `at ${memoryReference}`,
    variablesReference > 0 && "has children",
  ];
  const known = facts.filter(Boolean).join(", ");
  return `${name}: ${value}${known ? ` (${known})` : ""}`;
}

/** A client whose traffic is written down. */
export class RecordedClient {
  readonly client: DebugClient;
  private readonly lines: string[] = [];
  private readonly folders: readonly string[];
  private muted = 0;

  private constructor(client: DebugClient, folders: readonly string[]) {
    this.client = client;
    this.folders = folders;
    const emit = client.emit.bind(client);
    client.emit = (name: string, ...rest: unknown[]): boolean => {
      const event = rest[0] as P.Event | undefined;
      if (event?.type === "event") this.event(event);
      return emit(name, ...rest);
    };
    // The answer has to be written when it comes in, not when a promise gets round to it.
    const internals = client as unknown as {
      doSend(command: string, arguments_: object, callback: (response: P.Response) => void): void;
    };
    const send = internals.doSend.bind(client);
    internals.doSend = (command, arguments_, callback) => {
      const isMuted = this.muted > 0;
      if (!isMuted) this.lines.push("", `> ${command}${argumentText(arguments_)}`);
      send(command, arguments_, (response) => {
        if (!isMuted) this.response(response);
        callback(response);
      });
    };
  }

  /** @param folder a folder of temporary files; transcripts name its files without it */
  static async start(folder?: string): Promise<RecordedClient> {
    const folders = [path.dirname(program("x")), ...(folder === undefined ? [] : [folder])];
    const session = new RecordedClient(await startClient(), folders);
    onTestFailed(() => console.log(session.transcript));
    return session;
  }

  /** What was said since the beginning. */
  get transcript(): string {
    let all = `${this.lines.join("\n").trim()}\n`;
    for (const folder of this.folders) all = all.replaceAll(`${folder}${path.sep}`, "").replaceAll(folder, "FOLDER");
    return all;
  }

  heading(title: string): void {
    this.lines.push("", `# ${title}`);
  }

  /** Does something without writing it down. */
  async silently<T>(action: () => Promise<T>): Promise<T> {
    this.muted++;
    try {
      return await action();
    } finally {
      this.muted--;
    }
  }

  /** Sends a request; an error answer is written down and given back as undefined. */
  async ask<T extends P.Response>(command: string, arguments_?: object): Promise<T | undefined> {
    const answer = await this.client.send(command, arguments_).catch(() => undefined);
    // Events that follow the answer come in before that of a further request, so that they stand in their place.
    await this.silently(() => this.client.threadsRequest());
    return answer as T | undefined;
  }

  /** Sends a request and waits for an event that follows from it. */
  async until(event: string, command: string, arguments_?: object): Promise<P.Event> {
    const happened = this.client.waitForEvent(event);
    // A request that fails is told at once; nobody then hears that the event didn't come.
    happened.catch(() => {});
    if (!(await this.ask(command, arguments_))) throw new Error(`${command} failed, so no ${event} follows`);
    return happened;
  }

  /** Initializes and launches a program of the tests, up to the configuration. */
  async launch(attributes: { program: string; [name: string]: unknown }): Promise<void> {
    await this.initialize();
    await this.until("initialized", "launch", { ...attributes, program: program(attributes.program) });
  }

  async initialize(): Promise<void> {
    await this.silently(() =>
      this.client.initializeRequest({
        adapterID: "nnasm",
        linesStartAt1: true,
        columnsStartAt1: true,
        pathFormat: "path",
        supportsInvalidatedEvent: true,
        supportsMemoryEvent: true,
      }),
    );
  }

  breakpoints(file: string, ...breakpoints: (number | P.SourceBreakpoint)[]): Promise<unknown> {
    return this.ask("setBreakpoints", {
      source: { path: program(file) },
      breakpoints: breakpoints.map((one) => (typeof one === "number" ? { line: one } : one)),
    });
  }

  stack(threadId = 1, arguments_: object = {}): Promise<P.StackTraceResponse | undefined> {
    return this.ask("stackTrace", { threadId, ...arguments_ });
  }

  evaluate(expression: string, context = "repl"): Promise<P.EvaluateResponse | undefined> {
    return this.ask("evaluate", { expression, context });
  }

  /** The variables of a scope of the topmost frame. */
  async scope(name: string, threadId = 1): Promise<P.Variable[]> {
    const reference = await this.silently(async () => {
      const { body } = await this.client.stackTraceRequest({ threadId });
      const scopes = await this.client.scopesRequest({ frameId: body.stackFrames[0]!.id });
      return scopes.body.scopes.find((scope) => scope.name === name)!.variablesReference;
    });
    return this.children(name, reference);
  }

  async children(what: string, variablesReference: number, arguments_: object = {}): Promise<P.Variable[]> {
    this.lines.push("", `> variables of ${what}${argumentText(arguments_)}`);
    const { body } = await this.silently(() => this.client.variablesRequest({ variablesReference, ...arguments_ }));
    this.lines.push(...indented(body.variables.map(variableLine)));
    return body.variables;
  }

  private event({ event, body }: P.Event): void {
    // The same in every session: the requests' test looks at them.
    if (["thread", "process", "module", "loadedSource"].includes(event)) return;
    if (event === "output") {
      const { category, output, source, line } = body as P.OutputEvent["body"];
      const place = source ? ` (${source.name}:${line})` : "";
      this.lines.push(`  * ${category}${place}: ${text(output)}`);
    } else this.lines.push(`  * ${event}${body === undefined ? "" : ` ${text(body)}`}`);
  }

  private response({ command, success, message, body }: P.Response): void {
    if (!success) {
      this.lines.push(...`  ! ${message}`.split("\n"));
      return;
    }
    const answer = ANSWERS[command];
    if (answer) this.lines.push(`  < ${command}`, ...indented(answer((body ?? {}) as Body)));
    else this.lines.push(`  < ${command}${body === undefined ? "" : ` ${text(body)}`}`);
  }
}

function argumentText(arguments_: object | undefined): string {
  return arguments_ === undefined || Object.keys(arguments_).length === 0 ? "" : ` ${text(arguments_)}`;
}
