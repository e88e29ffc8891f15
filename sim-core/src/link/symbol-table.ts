/** Finds the one definition of every global symbol. */
import type { ObjectSymbol } from "../object/index.ts";
import { LinkedObject, type LinkObject, LinkSymbol } from "./input.ts";

/** Two objects define one name. */
export interface Duplicate {
  readonly symbol: LinkSymbol;
  readonly object: LinkedObject;
  /** The definition that is not taken. */
  readonly definition: NonNullable<LinkSymbol["definition"]>;
}

export class GlobalSymbols {
  readonly objects: LinkedObject[] = [];
  readonly symbols = new Map<string, LinkSymbol>();
  readonly duplicates: Duplicate[] = [];
  private readonly groups = new Set<string>();

  /** A global symbol, made on first mention. */
  symbol(name: string): LinkSymbol {
    let symbol = this.symbols.get(name);
    if (!symbol) {
      symbol = new LinkSymbol(name, "none", false);
      this.symbols.set(name, symbol);
    }
    return symbol;
  }

  add(input: LinkObject): LinkedObject {
    const object = new LinkedObject(input);
    this.objects.push(object);
    for (const { name, sections } of input.object.groups) {
      const isCopy = this.groups.has(name);
      this.groups.add(name);
      if (isCopy) for (const index of sections) object.sections[index]!.dropped = true;
    }
    for (const symbol of input.object.symbols) {
      object.symbols.push(symbol.binding === "local" ? localSymbol(object, symbol) : this.global(object, symbol));
    }
    object.connect();
    return object;
  }

  private global(object: LinkedObject, { name, bytes, kind, binding, ...rest }: ObjectSymbol): LinkSymbol {
    const symbol = this.symbol(name);
    symbol.used = true;
    const weak = binding === "weak";
    const definition = object.definitionOf({ name, bytes, kind, binding, ...rest });
    if (!definition || (definition.kind === "section" && definition.section.dropped)) {
      symbol.needed ||= !weak;
      return symbol;
    }
    const take = (): void => {
      symbol.definition = definition;
      symbol.weak = weak;
      symbol.bytes = bytes;
      symbol.kind = kind;
      symbol.owner = object;
    };
    const known = symbol.definition;
    if (!known) take();
    else if (known.kind === "common") {
      if (definition.kind === "common") {
        known.bytes = Math.max(known.bytes, definition.bytes);
        known.alignment = Math.max(known.alignment, definition.alignment);
        symbol.bytes = known.bytes;
      } else if (!weak) take();
    } else if (definition.kind === "common") {
      if (symbol.weak) take();
    } else if (symbol.weak && !weak) take();
    else if (!symbol.weak && !weak) this.duplicates.push({ symbol, object, definition });
    return symbol;
  }

  /** Whether a definition of the name would be taken: an archive's member is linked for that. */
  wants(name: string): boolean {
    const symbol = this.symbols.get(name);
    return symbol?.needed === true && !symbol.definition;
  }
}

function localSymbol(object: LinkedObject, entry: ObjectSymbol): LinkSymbol {
  const symbol = new LinkSymbol(entry.name, entry.kind, true);
  const definition = object.definitionOf(entry);
  if (definition) symbol.definition = definition;
  symbol.bytes = entry.bytes;
  symbol.owner = object;
  return symbol;
}
