/** The packet layer of the remote protocol: whatever comes over the wire. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { scaled } from "../../../test/tools/index.ts";
import { checksum, MAX_PAYLOAD, PacketReader, packet, type Received } from "../../src/gdbserver/packets.ts";

const bytes = fc
  .array(fc.integer({ min: 0, max: 255 }), { maxLength: 300 })
  .map((codes) => codes.map((code) => String.fromCharCode(code)).join(""));

/** A stream in pieces, cut anywhere. */
function pushed(text: string, cuts: readonly number[]): Received[] {
  const reader = new PacketReader();
  const places = [0, ...[...cuts].map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  return places.slice(1).flatMap((end, at) => reader.push(text.slice(places[at], end)));
}

describe("packets", () => {
  test("checksums are the sum of the bytes, modulo 256", () => {
    // From GDB's manual, appendix E.1: `$OK#9a` is the answer to everything.
    expect(packet("OK")).toBe("$OK#9a");
    expect(packet("")).toBe("$#00");
    expect(checksum("\xff\xff")).toBe(0xfe);
  });

  test("any payload comes back, in whatever pieces", () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 5 }), fc.array(fc.nat(2000), { maxLength: 8 }), (payloads, cuts) => {
        const received = pushed(payloads.map(packet).join("+"), cuts);
        expect(received).toEqual(payloads.map((payload) => ({ kind: "packet", payload })));
      }),
      { numRuns: scaled(200, 20_000) },
    );
  });

  test("no stream is too strange, and the next packet is understood", () => {
    const noise = fc.oneof(
      bytes,
      fc.constantFrom("$", "#", "}", "$}#", "$a#zz", "$$#00", "\x03", "+", "-", "$#0", "$*", "$q#1"),
    );
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 12 }), (pieces) => {
        const reader = new PacketReader();
        for (const piece of pieces) {
          for (const event of reader.push(piece))
            expect(["packet", "repeat", "interrupt", "damaged"]).toContain(event.kind);
        }
        // Two of them: the first may end what the noise began.
        const received = reader.push(`#00#00${packet("g")}`);
        expect(received.at(-1)).toEqual({ kind: "packet", payload: "g" });
      }),
      { numRuns: scaled(300, 50_000) },
    );
  });

  test("a wrong checksum, an escape without a byte and an endless packet are damaged", () => {
    const one = (text: string) => new PacketReader().push(text);
    expect(one("$g#00")).toEqual([{ kind: "damaged", reason: expect.stringContaining("checksum") }]);
    expect(one("$g#xy")).toEqual([{ kind: "damaged", reason: expect.stringContaining("checksum") }]);
    expect(one(`$a}#${((0x61 + 0x7d) & 0xff).toString(16)}`)).toEqual([
      { kind: "damaged", reason: expect.stringContaining("escaped") },
    ]);
    const long = "x".repeat(MAX_PAYLOAD + 100);
    expect(one(packet(long))).toEqual([{ kind: "damaged", reason: expect.stringContaining("longer than") }]);
    expect(one("\x03")).toEqual([{ kind: "interrupt" }]);
    expect(one("+-")).toEqual([{ kind: "repeat" }]);
  });
});
