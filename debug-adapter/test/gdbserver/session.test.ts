/** Sessions of the remote protocol without a socket: what is answered, and what no packet may do. */
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { scaled } from "../../../test/tools/index.ts";
import { bytesOf, textOfHex } from "../../src/gdbserver/encoding.ts";
import { PacketReader, packet, type Received } from "../../src/gdbserver/packets.ts";
import { RemoteSession } from "../../src/gdbserver/session.ts";
import { RemoteTarget } from "../../src/gdbserver/target.ts";
import { loadProgram } from "../../src/runtime/index.ts";
import { MAIN, memoryFiles, scheduler } from "../unit/debugged.ts";

const SOURCE = `
_start: li      a0, 5
loop:   addi    a0, a0, -1
        la      t0, word
        sw      a0, 0(t0)
        bnez    a0, loop
        li      a0, 7
        li      a7, 93
        ecall
forever: j      forever
        .section .data
word:   .word   0x11223344
`;

class Client {
  readonly warnings: string[] = [];
  readonly raw: string[] = [];
  end: string | undefined;
  readonly target: RemoteTarget;
  private readonly session: RemoteSession;
  private readonly reader = new PacketReader();
  private readonly answers: Received[] = [];

  constructor(source = SOURCE) {
    const files = memoryFiles({ [MAIN]: source });
    this.target = new RemoteTarget(loadProgram(files, { program: MAIN }), files, scheduler, { historyMegabytes: 16 });
    this.session = new RemoteSession(this.target, {
      send: (bytes) => {
        this.raw.push(bytes);
        this.answers.push(...this.reader.push(bytes).filter(({ kind }) => kind === "packet"));
      },
      close: (end) => {
        this.end = end;
      },
      warn: (message) => this.warnings.push(message),
    });
  }

  push(text: string): void {
    this.session.received(bytesOf(text));
  }

  async next(): Promise<string> {
    for (let turn = 0; this.answers.length === 0; turn++) {
      if (turn > 100_000) throw new Error("no answer");
      await setImmediate();
    }
    const answer = this.answers.shift()!;
    if (answer.kind !== "packet") throw new Error(`an answer is ${answer.kind}`);
    return answer.payload;
  }

  ask(payload: string): Promise<string> {
    this.push(packet(payload));
    return this.next();
  }

  symbol(name: string): number {
    return this.target.machine.symbols.symbol(name)!.address;
  }
}

const hex = (value: number): string => value.toString(16);

describe("a session", () => {
  test("answers what it is asked first", async () => {
    const client = new Client();
    const supported = await client.ask("qSupported:swbreak+;xmlRegisters=riscv");
    expect(supported).toMatch(/PacketSize=[\da-f]+;.*qXfer:features:read\+.*ReverseContinue\+;ReverseStep\+/);
    expect(await client.ask("?")).toBe("T05thread:1;");
    expect(await client.ask("vCont?")).toBe("vCont;c;C;s;S;r");
    expect(await client.ask("qfThreadInfo")).toBe("m1");
    expect(await client.ask("vMustReplyEmpty")).toBe("");
    expect(await client.ask("Hg0")).toBe("OK");
    expect(await client.ask("T2")).toMatch(/^E\.there is no thread/);
  });

  test("every register of the description can be read, with its size", async () => {
    const client = new Client();
    const xml = (await client.ask("qXfer:features:read:target.xml:0,ffff")).slice(1);
    const registers = [...xml.matchAll(/<reg name="([\w.]+)" bitsize="(\d+)"/g)];
    expect(registers.length).toBeGreaterThan(100);
    for (const [number, [, name, bits]] of registers.entries()) {
      expect((await client.ask(`p${hex(number)}`)).length, name).toBe(Number(bits) / 4);
    }
    expect(await client.ask(`p${hex(registers.length)}`)).toBe("E02");
    expect((await client.ask("g")).length).toBe(33 * 8);
  });

  test("documents come in pieces", async () => {
    const client = new Client();
    const whole = await client.ask("qXfer:memory-map:read::0,ffff");
    let text = "";
    for (let at = 0; ; at += 50) {
      const piece = await client.ask(`qXfer:memory-map:read::${hex(at)},32`);
      text += piece.slice(1);
      if (piece[0] === "l") break;
    }
    expect(`l${text}`).toBe(whole);
    expect(await client.ask("qXfer:features:read:other.xml:0,10")).toBe("E02");
  });

  test("registers and memory are read and written, or refused with a reason", async () => {
    const client = new Client();
    expect(await client.ask("Pa=78563412")).toBe("OK");
    expect(await client.ask("pa")).toBe("78563412");
    expect(await client.ask("P0=01000000")).toBe("OK");
    expect(await client.ask("p0")).toBe("00000000");
    const word = client.symbol("word");
    expect(await client.ask(`m${hex(word)},4`)).toBe("44332211");
    expect(await client.ask(`M${hex(word)},2:aabb`)).toBe("OK");
    expect(await client.ask(`X${hex(word + 2)},2:\x7d\x24`)).toBe("OK");
    expect(await client.ask(`m${hex(word)},4`)).toBe("aabb7d24");
    expect(await client.ask("m70000000,4")).toBe("E0e");
    expect(await client.ask("M70000000,1:00")).toMatch(/^E\.0x70000000/);
    expect(await client.ask(`M${hex(word)},2:aa`)).toMatch(/^E\.2 bytes are announced/);
    expect(await client.ask("Z0,3,4")).toMatch(/^E\./);
  });

  test("runs to a breakpoint, steps, goes back, and ends with the exit code", async () => {
    const client = new Client();
    const loop = client.symbol("loop");
    expect(await client.ask(`Z0,${hex(loop)},4`)).toBe("OK");
    expect(await client.ask("c")).toBe("T05swbreak:;thread:1;");
    expect(await client.ask("vCont;s:1")).toBe("T05thread:1;");
    expect(await client.ask("pa")).toBe("04000000");
    expect(await client.ask("c")).toBe("T05swbreak:;thread:1;");
    expect(await client.ask("bs")).toBe("T05thread:1;");
    expect(await client.ask("bc")).toBe("T05swbreak:;thread:1;");
    expect(await client.ask("pa")).toBe("05000000");
    expect(await client.ask("bc")).toBe("T05replaylog:begin;thread:1;");
    expect(await client.ask(`z0,${hex(loop)},4`)).toBe("OK");
    expect(await client.ask("c")).toBe("W07");
    expect(await client.ask("c")).toMatch(/^E\.the program has ended/);
    expect(await client.ask("vRun;")).toBe("T05thread:1;");
    expect(await client.ask("c")).toBe("W07");
  });

  test("a watchpoint tells its address, and backwards the value from before", async () => {
    const client = new Client();
    const word = client.symbol("word");
    const at = hex(word);
    expect(await client.ask(`Z2,${at},4`)).toBe("OK");
    const stop = async (payload: string): Promise<string> => {
      const message = await client.ask(payload);
      expect(textOfHex(message.slice(1))).toContain("word was written by sw");
      return client.next();
    };
    expect(await stop("c")).toBe(`T05watch:${at};thread:1;`);
    expect(await client.ask(`m${at},4`)).toBe("04000000");
    expect(await stop("c")).toBe(`T05watch:${at};thread:1;`);
    expect(await client.ask(`m${at},4`)).toBe("03000000");
    // Undone first is what has just been written, then what was before.
    for (const value of ["04000000", "44332211"]) {
      expect(await stop("bc")).toBe(`T05watch:${at};thread:1;`);
      expect(await client.ask(`m${at},4`)).toBe(value);
    }
    expect(await client.ask("bc")).toBe("T05replaylog:begin;thread:1;");
  });

  test("Ctrl-C stops a program that runs; nothing else is done meanwhile", async () => {
    const client = new Client("_start: j _start\n");
    client.push(packet("c"));
    await setImmediate();
    expect(await client.ask("g")).toBe("E10");
    client.push("\x03");
    expect(await client.next()).toBe("T02thread:1;");
  });

  test("a fault is a signal, and its reason is told", async () => {
    const client = new Client("_start: li a0, 0x70000000\n        lw a0, 0(a0)\n");
    expect(textOfHex((await client.ask("c")).slice(1))).toContain("no memory");
    expect(await client.next()).toBe("T0bthread:1;");
    expect(await client.ask("c")).toBe("X0b");
  });

  test("damaged packets are asked for again, and again when nobody acknowledges", async () => {
    const client = new Client();
    client.push("$g#00");
    expect(client.raw).toEqual(["-"]);
    expect(await client.ask("qC")).toBe("QC1");
    client.push("-");
    expect(await client.next()).toBe("QC1");
    expect(await client.ask("QStartNoAckMode")).toBe("OK");
    client.raw.length = 0;
    expect(await client.ask("qC")).toBe("QC1");
    expect(client.raw).toEqual([packet("QC1")]);
    client.push("$g#00");
    expect(await client.next()).toBe("E16");
  });

  test("monitor commands answer in words", async () => {
    const client = new Client();
    const monitor = async (text: string): Promise<string> =>
      textOfHex(await client.ask(`qRcmd,${Buffer.from(text).toString("hex")}`));
    expect(await monitor("help")).toMatch(/^help .*\ncycles /);
    expect(await monitor("cycles")).toMatch(/^0 cycles/);
    expect(await monitor("cycels")).toBe('there is no command "cycels"; did you mean cycles?\n');
    expect(await monitor("expr a0 = 3")).toBe("3  int32\n");
    expect(await client.ask("pa")).toBe("03000000");
    expect(await monitor("expr nothing")).toContain("there is no register or symbol nothing");
    expect(await monitor("goto 99999")).toContain("behind the end of the history");
    expect(await monitor("units")).toMatch(/^nu /);
    expect(await client.ask("c")).toBe("W07");
    expect(await monitor("goto 3")).toMatch(/^3 cycles[\s\S]*history goes on/);
    expect(await monitor("reset")).toMatch(/^0 cycles/);
    expect(await monitor("profile")).toContain("MAC utilisation");
  });

  test("detaching and killing end the session", async () => {
    const one = new Client();
    expect(await one.ask("D")).toBe("OK");
    expect(one.end).toBe("detached");
    const other = new Client();
    other.push(packet("k"));
    expect(other.end).toBe("killed");
  });

  test("no packet brings the server down, and each has one answer", { timeout: scaled(60_000, 600_000) }, async () => {
    const client = new Client();
    const address = fc.constantFrom(
      "0",
      "10",
      "10000000",
      "7fffffff",
      "ffffffff",
      "80000000",
      "100000000",
      "-1",
      "zz",
      "",
    );
    const word = fc.constantFrom(
      "m",
      "M",
      "X",
      "p",
      "P",
      "G",
      "Z0,",
      "Z1,",
      "Z2,",
      "z3,",
      "Z9,",
      "qXfer:features:read:",
      "H",
      "T",
      "qRcmd,",
      "vCont;",
      "q",
      "Q",
      "v",
      "!",
      "b",
    );
    const payload = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc
        .tuple(word, address, fc.constantFrom("", ",", ":", "=", ";"), address, fc.string({ maxLength: 8 }))
        .map((parts) => parts.join("")),
    );
    await fc.assert(
      fc.asyncProperty(payload, async (text) => {
        // What runs on or ends the session is tried above.
        const goesOn = /^([cCsSkDR!]|b[cs]$|vRun|vKill|vCont;|qRcmd,)/.test(text) || /[^\x20-\x7e]/.test(text);
        fc.pre(!goesOn);
        const before = client.warnings.length;
        expect(await client.ask(text)).toEqual(expect.any(String));
        expect(client.warnings.slice(before), text).toEqual([]);
        expect(await client.ask("qC")).toBe("QC1");
      }),
      { numRuns: scaled(400, 30_000) },
    );
  });
});
