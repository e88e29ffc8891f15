/** Base64 by means that Node and browsers share. */
import { RequestError } from "./requests.ts";

export function base64(bytes: Uint8Array): string {
  let text = "";
  // Spreading more at once would overflow the stack; three bytes make four characters, so parts can be joined.
  const part = 3 * 8192;
  for (let at = 0; at < bytes.length; at += part) text += btoa(String.fromCharCode(...bytes.subarray(at, at + part)));
  return text;
}

/** @throws RequestError that names the argument */
export function fromBase64(name: string, data: string): Uint8Array {
  try {
    return Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  } catch {
    throw new RequestError(`"${name}" is not base64`);
  }
}
