/** What the debugger costs a program that runs, and how fast it answers. */
import { PassThrough } from "node:stream";
import { NnasmDebugSession } from "../debug-adapter/src/protocol/session.ts";
import type { BreakpointRequest } from "../debug-adapter/src/runtime/index.ts";
import { integerLoop } from "./calibration.ts";
import { at, debugSession, FILE, hostOf, scheduler } from "./debugged.ts";
import { measure } from "./measure.ts";

export interface DebuggerResult {
  /** A run's time with so many breakpoints set and none hit, and with the same program without any. */
  readonly breakpoints: number;
  readonly breakpointsRatio: number;
  /** With a data breakpoint between words of DM that are written all the time. */
  readonly watchRatio: number;
  /** Hits a second where it is hit all the time, and its condition says no. */
  readonly watchHitsPerSecond: number;
  /** From a pause to the stop, of a program that runs at full speed. */
  readonly pauseMedianMilliseconds: number;
  readonly pauseP95Milliseconds: number;
  /** From a step's request to the last answer about the stack, all scopes and their variables, over the protocol. */
  readonly stepMedianMilliseconds: number;
  readonly stepP95Milliseconds: number;
  /** What one of these takes of the processor, which a busy machine doesn't change. */
  readonly stepProcessorMilliseconds: number;
  readonly loopMilliseconds: number;
}

const CYCLES = 20_000_000;
const ROUNDS = 5;
const BREAKPOINTS = 1000;
const PAUSES = 30;
const STEPS = 100;

/** From here on 1 KB is written and read, and 1 KB from 2 KB before on is written. */
const HALF = 0x1000_2000;
/** Words that nobody touches, between the two. */
const BETWEEN = HALF - 0x200;

/** Writes and reads words around one that it never touches, and calls; code that is never reached lies behind. */
const HOT = `
        li      s0, ${HALF}
        li      s2, 0x3fc
again:
        addi    s1, s1, 12
        and     t1, s1, s2
        add     t1, t1, s0
        call    mix
        sw      a0, 0(t1)
        lw      a1, 0(t1)
        sw      a0, -2048(t1)
        j       again
mix:
        mul     a0, s1, s1
        ret
${"        nop\n".repeat(BREAKPOINTS)}
`;

/** Seconds of the processor that the cycles take. */
async function seconds(source: string, arrange: (session: ReturnType<typeof debugSession>) => void): Promise<number> {
  const session = debugSession(source);
  arrange(session);
  session.run.plant();
  const before = process.cpuUsage();
  await session.timed(() => session.run.stepToEvent("cycle", CYCLES));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Best times of each, measured in turn, so that what else the machine does meets all of them. */
async function best(works: readonly (() => Promise<number>)[]): Promise<number[]> {
  const times = works.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, work] of works.entries()) times[index] = Math.min(times[index]!, await work());
  }
  return times;
}

const unreached = (): BreakpointRequest[] => {
  const first = HOT.split("\n").indexOf("        nop");
  return Array.from({ length: BREAKPOINTS }, (_, index) => ({
    place: { kind: "line", file: FILE, line: (first + 1 + index) as never },
  }));
};

/** A data breakpoint on a word. */
const word = (address: number, condition?: string) => ({
  place: { kind: "memory", address, bytes: 4 } as const,
  access: "readWrite" as const,
  ...(condition === undefined ? {} : { condition }),
});

async function benchPause(): Promise<number[]> {
  const { run, timed } = debugSession(HOT);
  const times: number[] = [];
  for (let round = 0; round < PAUSES; round++) {
    run.continue();
    // Counted from when it was due: the machine runs in between, and lets nothing through until its turn is over.
    const due = performance.now() + 20;
    await new Promise((resolve) => setTimeout(resolve, 20));
    await timed(() => run.pause());
    times.push(performance.now() - due);
  }
  return times;
}

/** A client in this process; requests and answers go over streams as over a pipe. */
class Client {
  private readonly input = new PassThrough();
  private seq = 0;
  private text = "";
  private readonly waiting = new Map<string, (message: { body: never }) => void>();

  constructor(source: string) {
    const session = new NnasmDebugSession({ files: hostOf(source), scheduler, disconnected: () => {}, warn: () => {} });
    const output = new PassThrough();
    output.setEncoding("utf8");
    output.on("data", (text: string) => this.read(text));
    session.start(this.input, output);
  }

  heard<T>(what: string): Promise<T> {
    return new Promise((resolve) => this.waiting.set(what, ({ body }) => resolve(body as T)));
  }

  ask<T>(command: string, arguments_: object = {}): Promise<T> {
    const seq = ++this.seq;
    const text = JSON.stringify({ seq, type: "request", command, arguments: arguments_ });
    const answer = this.heard<T>(`response ${seq}`);
    this.input.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    return answer;
  }

  private read(text: string): void {
    this.text += text;
    for (;;) {
      const [head, length] = /^Content-Length: (\d+)\r\n\r\n/.exec(this.text) ?? [];
      if (head === undefined || this.text.length < head.length + Number(length)) return;
      const message = JSON.parse(this.text.slice(head.length, head.length + Number(length)));
      this.text = this.text.slice(head.length + Number(length));
      const key = message.type === "event" ? message.event : `response ${message.request_seq}`;
      const waiting = this.waiting.get(key);
      this.waiting.delete(key);
      waiting?.(message);
    }
  }
}

async function benchSteps(): Promise<number[]> {
  const client = new Client(HOT);
  await client.ask("initialize", { adapterID: "nnasm" });
  await client.ask("launch", { program: FILE, stopOnEntry: true });
  const entry = client.heard("stopped");
  await client.ask("configurationDone");
  await entry;
  const times: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const started = performance.now();
    const stopped = client.heard("stopped");
    await client.ask("stepIn", { threadId: 1 });
    await stopped;
    const { stackFrames } = await client.ask<{ stackFrames: { id: number }[] }>("stackTrace", { threadId: 1 });
    const { scopes } = await client.ask<{ scopes: { variablesReference: number }[] }>("scopes", {
      frameId: stackFrames[0]!.id,
    });
    for (const { variablesReference } of scopes) await client.ask("variables", { variablesReference });
    times.push(performance.now() - started);
  }
  return times;
}

export async function benchDebugger(): Promise<DebuggerResult> {
  const [plain, broken, watched] = await best([
    () => seconds(HOT, () => {}),
    () => seconds(HOT, ({ breakpoints }) => breakpoints.replace("lines", unreached())),
    () => seconds(HOT, ({ watchpoints }) => watchpoints.replace([word(BETWEEN)])),
  ]);
  const hitting = debugSession(HOT);
  hitting.watchpoints.replace([{ ...word(HALF, "0"), place: { kind: "memory", address: HALF, bytes: 1024 } }]);
  hitting.run.plant();
  const hitCycles = CYCLES / 100;
  const started = process.cpuUsage();
  await hitting.timed(() => hitting.run.stepToEvent("cycle", hitCycles));
  const spent = process.cpuUsage(started);
  const hitSeconds = (spent.user + spent.system) / 1e6;
  const { retired } = hitting.run.machine.simulator.state;
  const pauses = await benchPause();
  const before = process.cpuUsage();
  const steps = await benchSteps();
  const { user, system } = process.cpuUsage(before);
  const { loop } = measure({ loop: integerLoop }, 0.2);
  return {
    breakpoints: BREAKPOINTS,
    breakpointsRatio: broken! / plain!,
    watchRatio: watched! / plain!,
    // Two of the eleven instructions of a round: the store and the load.
    watchHitsPerSecond: (retired * 2) / 11 / hitSeconds,
    pauseMedianMilliseconds: at(pauses, 0.5),
    pauseP95Milliseconds: at(pauses, 0.95),
    stepMedianMilliseconds: at(steps, 0.5),
    stepP95Milliseconds: at(steps, 0.95),
    stepProcessorMilliseconds: (user + system) / 1000 / STEPS,
    loopMilliseconds: loop.medianSeconds * 1000,
  };
}

/** As lines for people. */
export function debuggerLines(result: DebuggerResult): string[] {
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  return [
    `debugger     ${result.breakpoints} breakpoints of which none is hit: ${result.breakpointsRatio.toFixed(2)} x the run; ` +
      `a data breakpoint within busy memory: ${result.watchRatio.toFixed(2)} x`,
    `             ${(result.watchHitsPerSecond / 1000).toFixed(0)} k hits/s of a data breakpoint whose condition says no; ` +
      `a pause ${ms(result.pauseMedianMilliseconds)}, p95 ${ms(result.pauseP95Milliseconds)}`,
    `             a step with stack and all variables ${ms(result.stepMedianMilliseconds)}, p95 ${ms(result.stepP95Milliseconds)}, ` +
      `of the processor ${ms(result.stepProcessorMilliseconds)} ` +
      `(loop ${ms(result.loopMilliseconds)} meanwhile)`,
  ];
}
