/** Numbers as the panel shows them. */

export const count = (value: number): string => Math.round(value).toLocaleString("en");

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** Bytes in the binary unit that keeps them short: `512 B`, `12.5 KiB`, `3.2 MiB`. */
export function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  const kib = value / 1024;
  return kib < 1024 ? `${kib.toFixed(1)} KiB` : `${(kib / 1024).toFixed(1)} MiB`;
}
