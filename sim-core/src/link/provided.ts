/** Symbols that the memory layout defines for programs that use them and don't define them, under GNU ld's names. */
import { DM_BASE, type MachineConfig } from "../config/index.ts";
import type { OutputSection } from "./layout.ts";

/** Distance of the global pointer from the data that it is to reach both ways. */
const GLOBAL_POINTER_OFFSET = 0x800;
const WORD = 4;
/** The stack pointer's alignment in the RISC-V calling convention; heaps begin at a multiple of it as well. */
const STACK_ALIGNMENT = 16;

const alignUp = (value: number, alignment: number): number => Math.ceil(value / alignment) * alignment;

export interface ProvidedSymbol {
  readonly value: number;
  /** False for places in or at the end of a section. */
  readonly absolute: boolean;
}

/** The symbols of a layout by name. */
export function providedSymbols(
  sections: readonly OutputSection[],
  config: MachineConfig,
): ReadonlyMap<string, ProvidedSymbol> {
  const symbols = new Map<string, ProvidedSymbol>();
  const place = (names: readonly string[], value: number): void => {
    for (const name of names) symbols.set(name, { value, absolute: false });
  };
  const end = ({ address, bytes }: OutputSection): number => address + bytes;
  const named = (name: string) => sections.find((section) => section.name === name);
  const inData = sections.filter(({ memory }) => memory === "dm");
  const dataEnd = Math.max(DM_BASE, ...inData.map(end));
  const [text, data, bss] = [named(".text"), named(".data"), named(".bss")];
  if (text) place(["etext", "_etext", "__etext"], end(text));
  place(["edata", "_edata"], data ? end(data) : dataEnd);
  place(["__bss_start"], bss ? bss.address : alignUp(dataEnd, WORD));
  // Start-up code clears words.
  place(["__bss_end", "__BSS_END__"], alignUp(bss ? end(bss) : dataEnd, WORD));
  place(["end", "_end"], alignUp(dataEnd, STACK_ALIGNMENT));
  for (const kind of ["preinit", "init", "fini"]) {
    const array = named(`.${kind}_array`);
    place([`__${kind}_array_start`], array?.address ?? dataEnd);
    place([`__${kind}_array_end`], array ? end(array) : dataEnd);
  }
  for (const section of sections) {
    if (!/^[A-Za-z_]\w*$/.test(section.name)) continue;
    place([`__start_${section.name}`], section.address);
    place([`__stop_${section.name}`], end(section));
  }
  const pointer = (data?.address ?? DM_BASE) + GLOBAL_POINTER_OFFSET;
  symbols.set("__global_pointer$", { value: pointer, absolute: true });
  symbols.set("__stack_top", { value: DM_BASE + config.dm.bytes, absolute: true });
  return symbols;
}
