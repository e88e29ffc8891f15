/** What `nnasm build` tells about a program besides the ELF file: listing, symbol map, use of the memories. */
import { type Assembly, memoryUsage, writeListing, writeSymbolMap } from "@nnasm/sim-core/asm";
import type { MachineConfig } from "@nnasm/sim-core/config";
import type { Program } from "@nnasm/sim-core/program";
import { writeFile } from "./files.ts";
import { alignColumns } from "./table.ts";

export interface ReportOptions {
  /** File for the sources with addresses and contents. */
  readonly listing?: string;
  /** File for sections, symbols and constants. */
  readonly map?: string;
}

export function writeReports(cwd: string, assembly: Assembly, program: Program, options: ReportOptions): void {
  if (options.listing !== undefined) writeFile(cwd, options.listing, writeListing(assembly));
  if (options.map !== undefined) writeFile(cwd, options.map, writeSymbolMap(program));
}

/** How full each memory is, as a table with one row a memory; gaps between sections count as used. */
export function memoryTable(assembly: Pick<Assembly, "sections">, config: MachineConfig): string {
  const rows = memoryUsage(assembly, config).map(({ memory, used, available, sections }) => [
    memory,
    String(used),
    String(available),
    `${((100 * used) / available).toFixed(1)} %`,
    sections.map(({ name, bytes }) => `${name} ${bytes}`).join(", "),
  ]);
  const header = ["memory", "used", "of", "", "sections"];
  return `${alignColumns([header, ...rows], new Set([1, 2, 3])).join("\n")}\n`;
}
