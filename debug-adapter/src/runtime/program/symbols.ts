/** Names of addresses and addresses of names. */
import { extractField, FORMATS } from "@nnasm/sim-core/isa";
import { isLink } from "@nnasm/sim-core/machine";
import type { Program, ProgramSymbol, ProgramTensor } from "@nnasm/sim-core/program";

export class SymbolTable {
  private readonly byName = new Map<string, ProgramSymbol>();
  private readonly tensorsByName = new Map<string, ProgramTensor>();
  /** Addresses in ascending order, each with the name that people know it by. */
  private readonly labels: readonly Label[];
  private readonly functions: readonly Label[];
  readonly tensors: readonly ProgramTensor[];
  readonly layers: ReadonlyMap<number, string>;

  constructor(program: Program) {
    this.tensors = program.tensors;
    this.layers = new Map(program.layers.map(({ id, name }) => [id, name]));
    for (const tensor of program.tensors) this.tensorsByName.set(tensor.name, tensor);
    const addressed: ProgramSymbol[] = [];
    for (const symbol of program.symbols) {
      if (symbol.name === "" || symbol.kind === "file" || symbol.kind === "section") continue;
      const known = this.byName.get(symbol.name);
      if (!known || (symbol.global && !known.global)) this.byName.set(symbol.name, symbol);
      if (!symbol.absolute) addressed.push(symbol);
    }
    this.labels = labelsOf(addressed);
    const starts = functionStarts(program);
    this.functions = labelsOf(
      addressed.filter(
        ({ address, kind, global }) =>
          kind === "function" || starts.has(address) || (global && kind !== "object" && inCode(program, address)),
      ),
    );
  }

  symbol(name: string): ProgramSymbol | undefined {
    return this.byName.get(name);
  }

  tensor(name: string): ProgramTensor | undefined {
    return this.tensorsByName.get(name);
  }

  get names(): Iterable<string> {
    return this.byName.keys();
  }

  /** The label that stands exactly at the address. */
  labelAt(address: number): string | undefined {
    const label = nearestLabel(this.labels, address);
    return label?.address === address ? label.name : undefined;
  }

  /** `name` or `name+offset` of the nearest label at or before the address within the same kind of memory. */
  describe(address: number): string | undefined {
    return describe(nearestLabel(this.labels, address), address);
  }

  /**
   * The function that the code at an address belongs to. Functions begin at labels that something calls, that are
   * global, or that .type names a function; local labels within them don't.
   */
  functionOf(address: number): { readonly name: string; readonly address: number } | undefined {
    const label = nearestLabel(this.functions, address);
    return label && (label.address ^ address) >>> 28 === 0 ? label : undefined;
  }

  /** Address of a function or of any other label in code, by name. */
  codeAddress(program: Program, name: string): number | undefined {
    const symbol = this.byName.get(name);
    return symbol && !symbol.absolute && inCode(program, symbol.address) ? symbol.address : undefined;
  }
}

interface Label {
  readonly address: number;
  readonly name: string;
}

/** Sorts by address; of several names for one address the one that says most stays. */
function labelsOf(symbols: readonly ProgramSymbol[]): Label[] {
  const rank = ({ kind, global, name }: ProgramSymbol): number =>
    (kind === "function" || kind === "object" ? 0 : 4) + (global ? 0 : 2) + (name.startsWith(".") ? 1 : 0);
  const sorted = [...symbols].sort((a, b) => a.address - b.address || rank(a) - rank(b));
  return sorted.filter(({ address }, index) => index === 0 || sorted[index - 1]!.address !== address);
}

function nearestLabel(labels: readonly Label[], address: number): Label | undefined {
  let low = 0;
  let high = labels.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (labels[middle]!.address <= address) low = middle + 1;
    else high = middle;
  }
  return labels[low - 1];
}

function describe(label: Label | undefined, address: number): string | undefined {
  // Memories differ in the top four bits, so a label of another memory never lends its name.
  if (!label || (label.address ^ address) >>> 28 !== 0) return undefined;
  const offset = address - label.address;
  return offset === 0 ? label.name : `${label.name}+${offset}`;
}

function inCode(program: Program, address: number): boolean {
  return program.segments.some(
    (segment) => segment.executable && address >= segment.address && address < segment.address + segment.memoryBytes,
  );
}

/** The entry and every target of a direct call. */
function functionStarts(program: Program): Set<number> {
  const starts = new Set([program.entry]);
  for (const { address, bytes, executable } of program.segments) {
    if (!executable) continue;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at + 4 <= bytes.length; at += 4) {
      const next = at + 8 <= bytes.length ? view.getUint32(at + 4, true) : 0;
      const target = callTarget(view.getUint32(at, true), next, address + at);
      if (target !== undefined) starts.add(target);
    }
  }
  return starts;
}

const AUIPC = 0x17;
const JAL = 0x6f;
const JALR = 0x67;
const opcodeOf = (word: number): number => word & 0x7f;
const rdOf = (word: number): number => (word >>> 7) & 31;
const rs1Of = (word: number): number => (word >>> 15) & 31;

/** Where a call goes that is one jal, or the pair of auipc and jalr that the pseudo-instruction `call` makes. */
function callTarget(word: number, next: number, address: number): number | undefined {
  if (opcodeOf(word) === JAL && isLink(rdOf(word))) {
    return (address + extractField(FORMATS.J.offset20, word) * 2) >>> 0;
  }
  const isPair = opcodeOf(word) === AUIPC && opcodeOf(next) === JALR && rs1Of(next) === rdOf(word);
  if (!isPair || !isLink(rdOf(next))) return undefined;
  return (address + (word & 0xfffff000) + extractField(FORMATS.I.imm12, next)) >>> 0;
}
