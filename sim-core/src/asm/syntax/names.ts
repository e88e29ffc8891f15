/**
 * One string for every spelling: names come again and again in a source, and a string made anew for each would have
 * to be allocated, hashed and compared. A direct-mapped cache: bounded, and a miss only costs a new string.
 */

const SIZE = 1 << 15;
const cache: (string | undefined)[] = new Array(SIZE).fill(undefined);

/** The text from `start` to `end`, as a string that doesn't keep the whole text alive. */
export function nameAt(text: string, start: number, end: number): string {
  let hash = end - start;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  // The low bits of a sum of characters are alike in names that count up.
  const index = (hash ^ (hash >>> 15)) & (SIZE - 1);
  const known = cache[index];
  if (known !== undefined && known.length === end - start) {
    let same = 0;
    while (same < known.length && known.charCodeAt(same) === text.charCodeAt(start + same)) same++;
    if (same === known.length) return known;
  }
  const name = copy(text, start, end);
  cache[index] = name;
  return name;
}

/** `first` and `second` as one string, which is made once. */
export function joinedName(first: string, second: string): string {
  const { length } = first;
  let hash = length + second.length;
  for (let at = 0; at < length; at++) hash = (Math.imul(hash, 31) + first.charCodeAt(at)) | 0;
  for (let at = 0; at < second.length; at++) hash = (Math.imul(hash, 31) + second.charCodeAt(at)) | 0;
  const index = (hash ^ (hash >>> 15)) & (SIZE - 1);
  const known = cache[index];
  if (known?.length === length + second.length && known.startsWith(first) && known.endsWith(second)) return known;
  const name = first + second;
  cache[index] = name;
  return name;
}

/** Short slices are copies anyway; long ones would refer to the text. */
function copy(text: string, start: number, end: number): string {
  if (end - start < 13) return text.slice(start, end);
  const codes: number[] = [];
  for (let at = start; at < end; at++) codes.push(text.charCodeAt(at));
  return codes.length < 1000 ? String.fromCharCode(...codes) : text.slice(start, end);
}
