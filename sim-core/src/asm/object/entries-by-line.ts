/** Numbers of a log's entries by file and line: what stands on one line is found without looking at all others. */
interface FileEntries {
  /** Ascending; entries of one line in their order. */
  readonly lines: number[];
  readonly entries: number[];
}

export class EntriesByLine {
  private readonly files = new Map<string, FileEntries>();

  /** Entries come in the order of assembly, which is nearly always that of their lines. */
  add(file: string, line: number, entry: number): void {
    let known = this.files.get(file);
    if (!known) this.files.set(file, (known = { lines: [], entries: [] }));
    known.lines.push(line);
    known.entries.push(entry);
  }

  /** Must be called behind the last `add`. */
  sort(): void {
    for (const [file, { lines, entries }] of this.files) {
      if (lines.every((line, at) => at === 0 || lines[at - 1]! <= line)) continue;
      const order = lines.map((_, at) => at).sort((a, b) => lines[a]! - lines[b]! || a - b);
      this.files.set(file, { lines: order.map((at) => lines[at]!), entries: order.map((at) => entries[at]!) });
    }
  }

  /** Of a line, in their order. */
  on(file: string, line: number): readonly number[] {
    const known = this.files.get(file);
    if (!known) return [];
    const { lines, entries } = known;
    let low = 0;
    let high = lines.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (lines[middle]! < line) low = middle + 1;
      else high = middle;
    }
    let end = low;
    while (lines[end] === line) end++;
    return entries.slice(low, end);
  }
}
