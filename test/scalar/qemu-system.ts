/** QEMU's account of a machine-mode program: the state of the processor before each instruction, read through a FIFO. */
import { execFileSync, spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import { join } from "node:path";

/** Extensions that our machine doesn't have are switched off. */
const WITHOUT = ["c", "h", "s", "u", "a", "f", "d", "zba", "zbb", "zbc", "zbs"].map((name) => `${name}=off`);
const MACHINE = ["-M", "spike", "-cpu", `rv32,${WITHOUT.join(",")}`, "-bios", "none"];
const LOG = ["-singlestep", "-d", "nochain,cpu"];
const HEADLESS = ["-display", "none", "-serial", "none", "-monitor", "none"];
const CHUNK_BYTES = 1 << 18;

/** Every record has the same lines, so that a value stands at the same place of each. */
export class Layout {
  readonly length: number;
  private readonly places = new Map<string, number>();

  constructor(record: string) {
    this.length = record.length;
    for (const match of record.matchAll(/(\S+) +([0-9a-f]{8})/g)) {
      const name = match[1]!.split("/")[0]!;
      this.places.set(name, match.index + match[0].length - 8);
    }
  }

  /** Byte offset of a value within a record. */
  placeOf(name: string): number {
    const place = this.places.get(name);
    if (place === undefined) throw new Error(`QEMU's log has no ${name}: ${[...this.places.keys()].join(" ")}`);
    return place;
  }
}

/** The eight hexadecimal digits at a place, as a signed word. */
export function wordAt(buffer: Buffer, place: number): number {
  let value = 0;
  for (let i = place; i < place + 8; i++) {
    const code = buffer[i]!;
    value = (value << 4) | (code <= 0x39 ? code - 0x30 : code - 0x57);
  }
  return value;
}

/**
 * Runs an ELF file and calls `visit` with each record until it returns false. Records stand at `at` in `buffer`.
 * @param folder for the FIFO
 */
export async function followQemu(
  elf: string,
  folder: string,
  visit: (buffer: Buffer, at: number, layout: Layout) => boolean,
): Promise<void> {
  const fifo = join(folder, "qemu.log");
  execFileSync("mkfifo", [fifo]);
  const child = spawn("qemu-system-riscv32", [...MACHINE, ...LOG, "-D", fifo, ...HEADLESS, "-kernel", elf], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let complaint = "";
  child.stderr.on("data", (text: Buffer) => (complaint += text));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stream = createReadStream(fifo, { highWaterMark: CHUNK_BYTES });
  // A QEMU that never opens its log would leave the reader waiting.
  child.once("close", () => stream.destroy());
  let rest: Buffer = Buffer.alloc(0);
  let layout: Layout | undefined;
  let going = true;
  try {
    for await (const chunk of stream) {
      rest = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
      let at = 0;
      if (!layout) {
        const second = rest.indexOf("\n pc ", 8) + 1;
        if (second <= 0) continue;
        layout = new Layout(rest.toString("latin1", 0, second));
      }
      while (going && at + layout.length <= rest.length) {
        going = visit(rest, at, layout);
        at += layout.length;
      }
      if (!going) return;
      rest = rest.subarray(at);
    }
    throw new Error(`QEMU ended before the program did: ${complaint}`);
  } finally {
    stream.destroy();
    child.kill("SIGKILL");
    await ended;
  }
}
