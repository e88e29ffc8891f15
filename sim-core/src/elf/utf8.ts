/** UTF-8, without the globals that only some hosts have. */

export function encodeUtf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const char of text) {
    let code = char.codePointAt(0)!;
    if (code >= 0xd800 && code < 0xe000) code = 0xfffd; // half of a surrogate pair
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return Uint8Array.from(bytes);
}

/** Decodes bytes; what is not UTF-8 comes out as replacement characters. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = "";
  let at = 0;
  while (at < bytes.length) {
    const first = bytes[at++]!;
    if (first < 0x80) {
      text += String.fromCharCode(first);
      continue;
    }
    const extra = first >= 0xf0 && first < 0xf8 ? 3 : first >= 0xe0 ? 2 : first >= 0xc2 ? 1 : 0;
    let code = first & (0x3f >> extra);
    let valid = extra > 0 && first < 0xf8;
    for (let index = 0; valid && index < extra; index++) {
      const next = bytes[at];
      if (next === undefined || (next & 0xc0) !== 0x80) valid = false;
      else {
        code = (code << 6) | (next & 0x3f);
        at++;
      }
    }
    const smallest = [0, 0x80, 0x800, 0x10000][extra]!;
    const possible = valid && code >= smallest && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000);
    text += String.fromCodePoint(possible ? code : 0xfffd);
  }
  return text;
}
