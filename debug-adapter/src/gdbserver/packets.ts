/**
 * Packets of GDB's remote serial protocol: `$payload#checksum`, acknowledged with `+` or `-`. Bytes on the wire are held as
 * text with one character (0..255) a byte.
 */

/** What the other side said. */
export type Received =
  | { readonly kind: "packet"; readonly payload: string }
  /** It didn't understand the last packet and wants it again. */
  | { readonly kind: "repeat" }
  /** Ctrl-C: the program is to stop. */
  | { readonly kind: "interrupt" }
  /** A packet that came damaged; `reason` is for people. */
  | { readonly kind: "damaged"; readonly reason: string };

/** Bytes of a payload that a client may send; told in qSupported. */
export const MAX_PAYLOAD = 0x10000;

const INTERRUPT = "\x03";
const ESCAPE = "}";
/** What `}` stands before is the byte with this bit turned over. */
const ESCAPE_BIT = 0x20;

export function checksum(text: string): number {
  let sum = 0;
  for (let at = 0; at < text.length; at++) sum = (sum + text.charCodeAt(at)) & 0xff;
  return sum;
}

/** The packet that carries a payload of any bytes. */
export function packet(payload: string): string {
  const body = payload.replaceAll(/[#$}*]/g, (sign) => ESCAPE + String.fromCharCode(sign.charCodeAt(0) ^ ESCAPE_BIT));
  return `$${body}#${checksum(body).toString(16).padStart(2, "0")}`;
}

/** Takes a stream apart. Whatever comes, nothing throws and no more is kept than a packet may be long. */
export class PacketReader {
  /** The body of a packet that has begun; undefined between packets. */
  private body: string | undefined;
  /** Characters of the checksum that have come. */
  private digits: string | undefined;
  private isTooLong = false;

  push(text: string): Received[] {
    const received: Received[] = [];
    for (const sign of text) {
      const event = this.sign(sign);
      if (event) received.push(event);
    }
    return received;
  }

  private sign(sign: string): Received | undefined {
    if (this.digits !== undefined) {
      this.digits += sign;
      return this.digits.length === 2 ? this.end() : undefined;
    }
    // An unescaped `$` begins a packet, also where another has been broken off.
    if (sign === "$") {
      const wasOpen = this.body !== undefined;
      this.body = "";
      this.isTooLong = false;
      return wasOpen ? { kind: "damaged", reason: "a packet was broken off" } : undefined;
    }
    if (this.body === undefined) {
      if (sign === INTERRUPT) return { kind: "interrupt" };
      // A `+` says that the last packet has come; other bytes between packets mean nothing.
      return sign === "-" ? { kind: "repeat" } : undefined;
    }
    if (sign === "#") this.digits = "";
    else if (this.body.length < MAX_PAYLOAD) this.body += sign;
    else this.isTooLong = true;
    return undefined;
  }

  private end(): Received {
    const { body = "", digits = "", isTooLong } = this;
    this.body = undefined;
    this.digits = undefined;
    if (isTooLong) return { kind: "damaged", reason: `a packet is longer than ${MAX_PAYLOAD} bytes` };
    if (!/^[\da-fA-F]{2}$/.test(digits) || Number.parseInt(digits, 16) !== checksum(body)) {
      return { kind: "damaged", reason: `the checksum of a packet is wrong: ${digits}` };
    }
    const payload = unescaped(body);
    return payload === undefined
      ? { kind: "damaged", reason: "a packet ends within an escaped byte" }
      : { kind: "packet", payload };
  }
}

function unescaped(body: string): string | undefined {
  if (!body.includes(ESCAPE)) return body;
  let payload = "";
  for (let at = 0; at < body.length; at++) {
    if (body[at] !== ESCAPE) payload += body[at];
    else if (++at === body.length) return undefined;
    else payload += String.fromCharCode(body.charCodeAt(at) ^ ESCAPE_BIT);
  }
  return payload;
}
