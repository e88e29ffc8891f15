/** Which traces in the workspace's storage are kept; one may be as large as a gigabyte. */

export interface KeptTrace<File> {
  readonly file: File;
  /** When it was written. */
  readonly time: number;
  readonly isOpen: boolean;
}

/** What makes room for another trace: the oldest ones that aren't open. @param most traces that there may be with it */
export function tracesToForget<File>(traces: readonly KeptTrace<File>[], most: number): File[] {
  const closed = traces.filter(({ isOpen }) => !isOpen).sort((a, b) => a.time - b.time);
  return closed.slice(0, Math.max(0, traces.length + 1 - most)).map(({ file }) => file);
}
