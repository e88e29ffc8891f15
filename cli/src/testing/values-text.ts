/** Values as text, to be laid side by side. */

/** More are cut: nobody compares them by eye. */
const MAX_VALUES = 16_384;

/** @param row values on a line, at most 64 */
export function valuesText(values: Int32Array, row: number): string {
  if (values.length === 1) return String(values[0]);
  const perLine = Math.max(1, Math.min(row, 64));
  const lines: string[] = [];
  const shown = Math.min(values.length, MAX_VALUES);
  for (let at = 0; at < shown; at += perLine) {
    lines.push(Array.from(values.subarray(at, Math.min(at + perLine, shown))).join(" "));
  }
  if (shown < values.length) lines.push(`and ${values.length - shown} more`);
  return lines.join("\n");
}
