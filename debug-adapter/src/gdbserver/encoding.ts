/** Numbers, bytes and texts as the remote protocol writes them. */
import { RemoteError } from "./errors.ts";

export const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** @throws RemoteError when the text isn't pairs of hexadecimal digits */
export function bytesOfHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[\da-fA-F]*$/.test(text))
    throw new RemoteError("invalid", `"${text.slice(0, 16)}" is no hexadecimal data`);
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16));
}

/** Text for people, which travels as UTF-8 in hexadecimal. */
export const hexOfText = (text: string): string => hexOf(new TextEncoder().encode(text));

export const textOfHex = (text: string): string => new TextDecoder().decode(bytesOfHex(text));

/** Bytes of a payload, one character each. */
export const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (sign) => sign.charCodeAt(0) & 0xff);

export const charactersOf = (bytes: Uint8Array): string => {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
};

/** A number in hexadecimal of at most 32 bits. @throws RemoteError */
export function numberOfHex(text: string | undefined): number {
  const digits = text?.replace(/^0+(?=.)/, "") ?? "";
  if (!/^[\da-fA-F]{1,8}$/.test(digits)) throw new RemoteError("invalid", `"${text ?? ""}" is no 32-bit number`);
  return Number.parseInt(digits, 16);
}

/** A range as packets write it: `address,length`. @throws RemoteError */
export function rangeOf(text: string): { address: number; count: number } {
  const [address, count, ...more] = text.split(",");
  if (more.length > 0) throw new RemoteError("invalid", `"${text}" is no range of addresses`);
  return { address: numberOfHex(address), count: numberOfHex(count) };
}
