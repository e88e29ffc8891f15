/** What the program writes, as text in the order in which it was written. */
import type { MachineHost } from "@nnasm/sim-core/units";

export interface OutputChunk {
  readonly stream: "stdout" | "stderr";
  readonly text: string;
  /** Address of the instruction that began the chunk. */
  readonly pc: number;
}

/** A program that writes without end must not pile up its output here. */
const MAX_CHUNK = 16 * 1024;

export class OutputBuffer implements MachineHost {
  private readonly emit: (chunk: OutputChunk) => void;
  private readonly pc: () => number;
  // One decoder a stream: a character's bytes may come in several writes.
  private readonly decoders = {
    stdout: new TextDecoder("utf-8"),
    stderr: new TextDecoder("utf-8"),
  };
  private stream: OutputChunk["stream"] = "stdout";
  private text = "";
  private startPc = 0;

  constructor(pc: () => number, emit: (chunk: OutputChunk) => void) {
    this.pc = pc;
    this.emit = emit;
  }

  write(stream: number, bytes: Uint8Array): void {
    const name = stream === 2 ? "stderr" : "stdout";
    const pc = this.pc();
    // A chunk is from one stream, and a line that is complete keeps the place that wrote it.
    if (name !== this.stream || (pc !== this.startPc && this.text.endsWith("\n"))) this.flush();
    if (this.text === "") this.startPc = pc;
    this.stream = name;
    this.text += this.decoders[name].decode(bytes, { stream: true });
    if (this.text.length >= MAX_CHUNK) this.flush();
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
