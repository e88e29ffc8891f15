/** What the program writes, as text in the order in which it was written. */
import type { MachineState } from "@nnasm/sim-core/machine";
import type { MachineHost } from "@nnasm/sim-core/units";
import { countText } from "../inspect/format.ts";

export interface OutputChunk {
  readonly stream: "stdout" | "stderr";
  readonly text: string;
  /** Address of the instruction that began the chunk. */
  readonly pc: number;
}

type WritingMachine = Pick<MachineState, "pc" | "output" | "cycle">;

/** A program that writes without end must not pile up its output here. */
const MAX_CHUNK = 16 * 1024;

export class OutputBuffer implements MachineHost {
  /** Set while the machine replays its past. */
  muted = false;
  private readonly emit: (chunk: OutputChunk) => void;
  private readonly machine: () => WritingMachine;
  /** Bytes of the machine's output that have been handed on. */
  private shown = 0;
  private readonly tellsCycles: boolean;
  private isLineStart = true;
  // One decoder a stream: a character's bytes may come in several writes.
  private readonly decoders = {
    stdout: new TextDecoder("utf-8"),
    stderr: new TextDecoder("utf-8"),
  };
  private stream: OutputChunk["stream"] = "stdout";
  private text = "";
  private startPc = 0;

  /** @param tellsCycles each line begins with the cycle in which it was begun */
  constructor(machine: () => WritingMachine, emit: (chunk: OutputChunk) => void, tellsCycles = false) {
    this.tellsCycles = tellsCycles;
    this.machine = machine;
    this.emit = emit;
  }

  /** What the machine writes from here on is new, wherever it stands. */
  forget(): void {
    this.shown = this.machine().output.length;
  }

  write(stream: number, written: Uint8Array): void {
    const { pc, output, cycle } = this.machine();
    // What has been shown can't be taken back, so when the machine writes it once more it isn't shown again.
    const before = output.length - written.length;
    if (this.muted || output.length <= this.shown) return;
    const bytes = written.subarray(Math.max(0, this.shown - before));
    this.shown = output.length;
    const name = stream === 2 ? "stderr" : "stdout";
    // A chunk is from one stream, and a line that is complete keeps the place that wrote it.
    if (name !== this.stream || (pc !== this.startPc && this.text.endsWith("\n"))) this.flush();
    if (this.text === "") this.startPc = pc;
    this.stream = name;
    this.text += this.stamped(this.decoders[name].decode(bytes, { stream: true }), cycle);
    if (this.text.length >= MAX_CHUNK) this.flush();
  }

  private stamped(text: string, cycle: number): string {
    if (!this.tellsCycles || text === "") return text;
    const stamp = `[cycle ${countText(cycle)}] `;
    const lines = (this.isLineStart ? stamp : "") + text.replaceAll(/\n(?!$)/g, `\n${stamp}`);
    this.isLineStart = text.endsWith("\n");
    return lines;
  }

  /** Hands on what has been written. */
  flush(): void {
    if (this.text === "") return;
    const { stream, text, startPc } = this;
    this.text = "";
    this.emit({ stream, text, pc: startPc });
  }

  /** Hands on everything, bytes of an incomplete character too. */
  end(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      const rest = this.decoders[stream].decode();
      if (rest === "") continue;
      if (stream !== this.stream) this.flush();
      this.stream = stream;
      this.text += rest;
    }
    this.flush();
  }
}
