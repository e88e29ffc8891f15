/** What names are to semantic tokens, remembered: so that after an edit only lines are looked at whose names became something else. */
import type { AsmSymbolKind, Assembly } from "@nnasm/sim-core/asm";
import type { TokenModifier, TokenType } from "./tokens.ts";

/** A name's kind among symbols, and whether it is a function's or a macro's, as bits. */
type NameKind = number;

const KINDS: readonly AsmSymbolKind[] = ["label", "local", "equ", "tensor", "field", "common", "external"];
const KIND_BITS = 7;
const FUNCTION = 8;
const MACRO = 16;

type SymbolToken = readonly [TokenType, readonly TokenModifier[]];

const LABEL: SymbolToken = ["label", []];
const FUNCTION_LABEL: SymbolToken = ["function", []];
/** Of symbols that are no labels. */
const TOKENS: Readonly<Partial<Record<AsmSymbolKind, SymbolToken>>> = {
  tensor: ["struct", []],
  field: ["property", ["readonly"]],
  equ: ["variable", ["readonly"]],
  common: ["variable", []],
};

export class TokenNames {
  /** The names outlive the program in which they were looked up, and must not keep it. */
  private assembly: WeakRef<Assembly>;
  private readonly known = new Map<string, NameKind>();

  constructor(assembly: Assembly) {
    this.assembly = new WeakRef(assembly);
  }

  /** How many names have been asked for. */
  get count(): number {
    return this.known.size;
  }

  isMacro(name: string): boolean {
    return (this.kind(name) & MACRO) !== 0;
  }

  isFunction(name: string): boolean {
    return (this.kind(name) & FUNCTION) !== 0;
  }

  /** How a mention of a symbol is shown; undefined when there is none of that name. */
  symbolToken(name: string): SymbolToken | undefined {
    const bits = this.kind(name);
    const kind = KINDS[(bits & KIND_BITS) - 1];
    if (kind === undefined) return undefined;
    return TOKENS[kind] ?? (kind === "label" && bits & FUNCTION ? FUNCTION_LABEL : LABEL);
  }

  /** Goes on with another assembly. @returns the names that have been asked for and are something else now */
  moveTo(assembly: Assembly): string[] {
    if (assembly === this.assembly.deref()) return [];
    this.assembly = new WeakRef(assembly);
    const changed: string[] = [];
    for (const [name, before] of this.known) {
      const now = this.look(name);
      if (now === before) continue;
      this.known.set(name, now);
      changed.push(name);
    }
    return changed;
  }

  private kind(name: string): NameKind {
    let kind = this.known.get(name);
    if (kind === undefined) this.known.set(name, (kind = this.look(name)));
    return kind;
  }

  private look(name: string): NameKind {
    const { symbols, macros } = this.assembly.deref()!;
    const kind = symbols.kindOf(name);
    const macro = macros.has(name) ? MACRO : 0;
    if (kind === undefined) return macro;
    return macro | (KINDS.indexOf(kind) + 1) | (symbols.typeOf(name) === "function" ? FUNCTION : 0);
  }
}
