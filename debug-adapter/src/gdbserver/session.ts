/** One debugging session with a client: takes packets, drives the target, answers. Knows nothing of sockets. */
import { EvaluationError } from "../runtime/index.ts";
import { POINT_KINDS } from "./breakpoints.ts";
import { RemoteData } from "./data.ts";
import { bytesOf, bytesOfHex, charactersOf, hexOfText, numberOfHex, rangeOf, textOfHex } from "./encoding.ts";
import { RemoteError } from "./errors.ts";
import { monitor } from "./monitor.ts";
import { MAX_PAYLOAD, PacketReader, packet, type Received } from "./packets.ts";
import { endReply, type StopReply, stopReply } from "./stops.ts";
import type { RemoteTarget, TargetStop } from "./target.ts";
import { CU_THREAD, isThread } from "./threads.ts";

/** How a session ended: `lost` without a word from the client. */
export type SessionEnd = "detached" | "killed" | "lost";

export interface SessionWire {
  /** Bytes for the client, one character each. */
  send(bytes: string): void;
  /** The session is over: nothing more will be sent. */
  close(end: SessionEnd): void;
  /** Problems that the client isn't told of. */
  warn(message: string): void;
}

const OK = "OK";
/** The answer to what the server doesn't know; clients then do without. */
const UNKNOWN = "";
/** Output of the program is told in pieces of so many characters. */
const OUTPUT_CHARACTERS = 0x2000;

/** An answer; undefined when there is none or it comes later. */
type Answer = string | undefined | Promise<string | undefined>;

export class RemoteSession {
  private readonly target: RemoteTarget;
  private readonly wire: SessionWire;
  private readonly data: RemoteData;
  private readonly reader = new PacketReader();
  /** Packets are dealt with one after the other. */
  private readonly waiting: string[] = [];
  private isBusy = false;
  private acknowledges = true;
  private last = "";
  private isOver = false;
  /** The client waits for a stop. */
  private awaitsStop = false;
  private runsForward = true;
  /** The machine stands just behind an access that a watchpoint told. */
  private behindWrite: { readonly stop: TargetStop; readonly cycle: number; readonly retired: number } | undefined;

  constructor(target: RemoteTarget, wire: SessionWire) {
    this.target = target;
    this.data = new RemoteData(target);
    this.wire = wire;
    target.listener = {
      stopped: (stop) => {
        if (!this.awaitsStop) return;
        this.awaitsStop = false;
        const { cycle, retired } = target.machine.simulator.state;
        this.behindWrite = this.runsForward && isWatch(stop) ? { stop, cycle, retired } : undefined;
        this.tell(
          stop.kind === "stop"
            ? stopReply(target.machine, stop.cause, target.breakpoints)
            : endReply(target.machine, stop.ending),
        );
      },
      output: (text) => this.output(text),
      failed: (error) => {
        wire.warn(`internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        if (this.awaitsStop) this.send("X06");
        this.end("lost");
      },
    };
  }

  /** What has come from the client. */
  received(bytes: Uint8Array): void {
    for (const event of this.reader.push(charactersOf(bytes))) this.event(event);
  }

  /** The client has gone away. */
  lost(): void {
    this.end("lost");
  }

  private event(event: Received): void {
    if (this.isOver) return;
    switch (event.kind) {
      case "packet":
        if (this.acknowledges) this.wire.send("+");
        this.waiting.push(event.payload);
        this.work();
        return;
      case "repeat":
        if (this.acknowledges && this.last !== "") this.wire.send(packet(this.last));
        return;
      case "interrupt":
        if (this.awaitsStop) this.target.debugger.pause();
        return;
      case "damaged":
        // Without acknowledgements nobody would send it again.
        if (this.acknowledges) this.wire.send("-");
        else this.send(new RemoteError("invalid", event.reason).number);
    }
  }

  private work(): void {
    if (this.isBusy) return;
    for (let payload = this.waiting.shift(); payload !== undefined && !this.isOver; payload = this.waiting.shift()) {
      const answer = this.answer(payload);
      if (answer instanceof Promise) {
        this.isBusy = true;
        answer.then((text) => {
          this.isBusy = false;
          if (text !== undefined) this.send(text);
          this.work();
        });
        return;
      }
      if (answer !== undefined) this.send(answer);
    }
  }

  private answer(payload: string): Answer {
    try {
      const answer = this.dispatch(payload);
      return answer instanceof Promise ? answer.catch((error: unknown) => this.refusal(payload, error)) : answer;
    } catch (error) {
      return this.refusal(payload, error);
    }
  }

  private refusal(payload: string, error: unknown): string {
    if (error instanceof EvaluationError) return new RemoteError("refused", error.message).text;
    if (error instanceof RemoteError) return isDataRequest(payload) ? error.number : error.text;
    this.wire.warn(
      `packet ${payload.slice(0, 40)}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    return "E.internal error of the server";
  }

  private dispatch(payload: string): Answer {
    if (this.awaitsStop) throw new RemoteError("busy", "the program runs: interrupt it first");
    const rest = payload.slice(1);
    switch (payload[0]) {
      case "?":
        return this.stopReply().packet;
      case "!":
        return OK;
      case "g":
        return this.data.general();
      case "G":
        return this.data.setGeneral(rest);
      case "p":
        return this.data.register(rest);
      case "P":
        return this.data.setRegister(rest);
      case "m":
        return this.data.memory(rest);
      case "M":
      case "X":
        return this.data.setMemory(rest, payload[0] === "M" ? bytesOfHex : bytesOf);
      case "c":
      case "C":
      case "s":
      case "S":
        return this.goOn(payload);
      case "b":
        return this.goBack(rest);
      case "Z":
      case "z":
        return this.point(payload[0] === "Z", rest);
      case "H":
        return this.thread(rest.slice(1));
      case "T":
        return this.thread(rest);
      case "k":
        this.target.dispose();
        this.end("killed");
        return undefined;
      case "D":
        this.send(OK);
        this.end("detached");
        return undefined;
      case "R":
        this.target.restart();
        return undefined;
      case "v":
        return this.verbose(payload);
      case "q":
        return this.query(payload);
      case "Q":
        if (payload !== "QStartNoAckMode") return UNKNOWN;
        // The answer itself is acknowledged still.
        this.send(OK);
        this.acknowledges = false;
        return undefined;
      default:
        return UNKNOWN;
    }
  }

  private verbose(payload: string): Answer {
    if (payload === "vCont?") return "vCont;c;C;s;S;r";
    if (payload.startsWith("vCont;")) return this.goOn(actionOf(payload));
    if (payload === "vMustReplyEmpty") return UNKNOWN;
    if (payload.startsWith("vKill")) {
      this.send(OK);
      this.target.dispose();
      this.end("killed");
      return undefined;
    }
    if (payload.startsWith("vRun")) {
      this.target.restart();
      return this.stopReply().packet;
    }
    return UNKNOWN;
  }

  private query(payload: string): Answer {
    const [, name = "", argument = ""] = /^q(\w*)[:,]?([\s\S]*)$/.exec(payload) ?? [];
    switch (name) {
      case "Supported":
        return [
          `PacketSize=${(MAX_PAYLOAD - 1).toString(16)}`,
          "QStartNoAckMode+;qXfer:features:read+;qXfer:memory-map:read+;swbreak+;hwbreak+;vContSupported+",
          ...(this.target.hasHistory ? ["ReverseContinue+;ReverseStep+"] : []),
        ].join(";");
      case "Xfer":
        return this.data.transfer(argument);
      case "Attached":
        // Leaving the debugger doesn't end the program: another one may come.
        return "1";
      case "C":
        return `QC${CU_THREAD}`;
      case "fThreadInfo":
        return `m${CU_THREAD}`;
      case "sThreadInfo":
        return "l";
      case "ThreadExtraInfo":
        this.thread(argument);
        return hexOfText("control unit");
      case "Symbol":
        return OK;
      case "Rcmd":
        return monitor(this.target, textOfHex(argument)).then(hexOfText);
      default:
        return UNKNOWN;
    }
  }

  private thread(text: string): string {
    if (!isThread(text)) throw new RemoteError("missing", `there is no thread ${text}`);
    return OK;
  }

  private point(inserts: boolean, text: string): string {
    const [kind, address, bytes] = text.split(";")[0]!.split(",");
    const name = POINT_KINDS[Number(kind)];
    if (!name || !/^\d$/.test(kind ?? "")) return UNKNOWN;
    this.target.breakpoints[inserts ? "insert" : "remove"](name, numberOfHex(address), numberOfHex(bytes));
    return OK;
  }

  /** `c`, `s` and their kin, each with an address or a signal that a program without signals never hears of. */
  private goOn(action: string): undefined {
    const { target } = this;
    if (target.hasEnded) throw new RemoteError("refused", "the program has ended: run it again, or monitor reset");
    const run = target.debugger;
    const [, kind, argument = ""] = /^([csCSr])([\s\S]*)$/.exec(action) ?? [];
    const place = kind === "C" || kind === "S" ? argument.split(";")[1] : argument;
    if (kind === "r") {
      const { address: start, count: end } = rangeOf(argument);
      this.run(() => run.stepWithin(start, end));
      return;
    }
    if (place) run.edit(() => run.machine.simulator.cu.moveTo(numberOfHex(place)));
    this.run(() => (kind?.toLowerCase() === "c" ? run.continue() : run.stepWithin()));
  }

  /** `bc` and `bs`. */
  private goBack(text: string): string | undefined {
    if (!this.target.hasHistory || (text !== "c" && text !== "s")) return UNKNOWN;
    const { travel } = this.target.debugger;
    if (text === "s") this.run(() => travel.stepBack("instruction", true), false);
    else this.run(() => this.reverse(), false);
    return undefined;
  }

  /**
   * To the stop before. Where something was written GDB expects the value from before, to see that it has changed: the
   * machine goes on back to the instruction that wrote. If it stands just behind one, that is the stop.
   */
  private reverse(): void {
    const { travel, machine } = this.target.debugger;
    const { cycle, retired } = machine.simulator.state;
    const behind = this.behindWrite;
    if (behind?.cycle === cycle && behind.retired === retired) {
      this.intercept(() => behind.stop);
      travel.stepBack("instruction", true);
      return;
    }
    this.intercept((stop) => {
      if (!isWatch(stop)) return stop;
      this.intercept(() => stop);
      travel.stepBack("instruction", true);
      return undefined;
    });
    travel.reverseContinue();
  }

  /** The next stop isn't told as it is but as `instead` says; undefined: it isn't told. */
  private intercept(instead: (stop: TargetStop) => TargetStop | undefined): void {
    const { target } = this;
    const { listener } = target;
    target.listener = {
      ...listener!,
      stopped: (stop) => {
        target.listener = listener;
        const told = instead(stop);
        if (!told) return;
        target.stop = told;
        listener?.stopped(told);
      },
    };
  }

  private run(go: () => void, isForward = true): void {
    const { listener } = this.target;
    this.awaitsStop = true;
    this.runsForward = isForward;
    try {
      go();
    } catch (error) {
      this.awaitsStop = false;
      this.target.listener = listener;
      throw error;
    }
  }

  private stopReply(): StopReply {
    const { stop, machine, breakpoints } = this.target;
    return stop.kind === "stop" ? stopReply(machine, stop.cause, breakpoints) : endReply(machine, stop.ending);
  }

  private tell({ packet: text, message }: StopReply): void {
    if (message !== undefined) this.send(`O${hexOfText(`${message}\n`)}`);
    this.send(text);
  }

  private output(text: string): void {
    // A client listens for output only while it waits for a stop.
    if (!this.awaitsStop && !this.isBusy) return;
    for (let at = 0; at < text.length; at += OUTPUT_CHARACTERS) {
      this.send(`O${hexOfText(text.slice(at, at + OUTPUT_CHARACTERS))}`);
    }
  }

  private send(payload: string): void {
    if (this.isOver) return;
    this.last = payload;
    this.wire.send(packet(payload));
  }

  private end(how: SessionEnd): void {
    if (this.isOver) return;
    this.isOver = true;
    this.target.listener = undefined;
    this.wire.close(how);
  }
}

const isWatch = (stop: TargetStop): boolean =>
  stop.kind === "stop" && stop.cause.kind === "breakpoint" && stop.cause.watches.length > 0;

/** Packets whose answers are data or stops: in their answers only numbered errors can be told from them. */
const isDataRequest = (payload: string): boolean => /^[gpm?]|^qXfer/.test(payload);

/** The action for the only thread: the first one that names it or none. @throws RemoteError */
function actionOf(payload: string): string {
  for (const part of payload.split(";").slice(1)) {
    const [action = "", thread = "-1"] = part.split(":");
    if (isThread(thread) && /^([cs]|[CS][\da-fA-F]{2}|r[\da-fA-F]+,[\da-fA-F]+)$/.test(action)) return action;
  }
  throw new RemoteError("invalid", `"${payload}" has no action for the control unit`);
}
