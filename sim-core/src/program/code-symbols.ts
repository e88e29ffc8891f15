/** Names of code addresses. */
import type { ProgramSymbol } from "./index.ts";

const hex = (address: number): string => `0x${address.toString(16).padStart(8, "0")}`;

/** Of several names at one address the function's comes first, then a global one. */
const rank = ({ kind, global }: ProgramSymbol): number => (kind === "function" ? 0 : global ? 1 : 2);

export class CodeSymbols {
  /** One for each address, ascending. */
  private readonly symbols: readonly ProgramSymbol[];

  /** @param isCode whether an address holds code: names of data are no names of functions */
  constructor(symbols: readonly ProgramSymbol[], isCode: (address: number) => boolean) {
    this.symbols = symbols
      .filter(({ address, absolute, kind }) => !absolute && kind !== "file" && kind !== "section" && isCode(address))
      .sort((a, b) => a.address - b.address || rank(a) - rank(b))
      .filter(({ address }, i, all) => i === 0 || all[i - 1]!.address !== address);
  }

  /** The symbol at an address, or the nearest before it. */
  before(address: number): ProgramSymbol | undefined {
    let low = 0;
    let high = this.symbols.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.symbols[middle]!.address <= address) low = middle + 1;
      else high = middle;
    }
    return this.symbols[low - 1];
  }

  /** `fib`, `fib+8`, or the address where nothing has a name. */
  nameOf(address: number): string {
    const symbol = this.before(address);
    if (!symbol) return hex(address);
    return symbol.address === address ? symbol.name : `${symbol.name}+${address - symbol.address}`;
  }
}
