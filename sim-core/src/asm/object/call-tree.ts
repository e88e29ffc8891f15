/** Macro calls by the addresses of what they made, out of the expansions of instructions in address order. */
import type { InlinedCall } from "../../program/index.ts";
import { type Expansion, rangeAt } from "../reporter.ts";
import type { Section } from "./section.ts";

interface Open {
  readonly expansion: Expansion;
  readonly node: { -readonly [Key in keyof InlinedCall]: InlinedCall[Key] };
  readonly index: number;
}

/** Where an expansion's code begins in the order of assembly: its pieces in other sections are entered from there. */
interface Entry {
  statement: number;
  address: number;
}

export class CallTree {
  private readonly nodes: Open[] = [];
  private readonly entries = new Map<Expansion, Entry>();
  private readonly fileNumbers: ReadonlyMap<string, number>;
  private readonly open: Open[] = [];
  private section: Section | undefined;
  private chain: readonly Expansion[] = [];
  private chainOf: Expansion | undefined;

  constructor(fileNumbers: ReadonlyMap<string, number>) {
    this.fileNumbers = fileNumbers;
  }

  /**
   * Adds an instruction; addresses ascend.
   * @param statement its number in the order of assembly
   */
  add(expansion: Expansion | undefined, section: Section, address: number, bytes: number, statement: number): void {
    const { open } = this;
    if (section !== this.section) open.length = 0;
    this.section = section;
    if (!expansion && open.length === 0) return;
    if (expansion !== this.chainOf) {
      this.chain = macrosOf(expansion);
      this.chainOf = expansion;
    }
    const { chain } = this;
    let common = 0;
    while (common < open.length && open[common]!.expansion === chain[common]) common++;
    open.length = common;
    for (const macro of chain.slice(common)) open.push(this.begin(macro, address, statement));
    for (const { node } of open) node.high = address + bytes;
  }

  private begin(expansion: Expansion, address: number, statement: number): Open {
    const entry = this.entries.get(expansion);
    if (!entry) this.entries.set(expansion, { statement, address });
    else if (statement < entry.statement) Object.assign(entry, { statement, address });
    const { start } = rangeAt(expansion.call, expansion.span);
    const node: Open["node"] = {
      name: expansion.macro ?? "",
      kind: "macro",
      parent: this.open.at(-1)?.index ?? -1,
      callFile: this.fileNumbers.get(expansion.call.file) ?? 0,
      callLine: start.line + 1,
      callColumn: start.character + 1,
      low: address,
      high: address,
      entry: address,
    };
    const opened = { expansion, node, index: this.nodes.length };
    this.nodes.push(opened);
    return opened;
  }

  /** All calls by address, enclosing ones first. */
  finish(): InlinedCall[] {
    return this.nodes.map(({ expansion, node }) => {
      node.entry = this.entries.get(expansion)!.address;
      return node;
    });
  }
}

/** The macros through which a statement came to be, outermost first; repetitions are no calls. */
function macrosOf(expansion: Expansion | undefined): Expansion[] {
  const chain: Expansion[] = [];
  for (let at = expansion; at; at = at.call.expansion) if (at.macro !== undefined) chain.push(at);
  return chain.reverse();
}
