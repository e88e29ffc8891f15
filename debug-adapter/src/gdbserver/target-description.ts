/** What the server tells GDB about the machine before anything else: its registers and its memories, in XML. */
import { memoryRegions } from "@nnasm/sim-core/config";
import type { Machine } from "../runtime/index.ts";
import type { RegisterFeature, RegisterType, RemoteRegister } from "./registers.ts";

/**
 * GDB counts the registers as they stand here. `osabi none`: GDB would otherwise step by breakpoints of its own, at places
 * that it works out without knowing hardware loops, instead of asking the server for a step.
 */
export function targetDescription(features: readonly RegisterFeature[]): string {
  return [
    '<?xml version="1.0"?>',
    '<!DOCTYPE target SYSTEM "gdb-target.dtd">',
    '<target version="1.0">',
    "<architecture>riscv:rv32</architecture>",
    "<osabi>none</osabi>",
    ...features.flatMap(({ name, types, registers }) => [
      `<feature name="${name}">`,
      ...types.flatMap(typeLines),
      ...registers.map(registerLine),
      "</feature>",
    ]),
    "</target>",
    "",
  ].join("\n");
}

function typeLines(type: RegisterType): string[] {
  if ("element" in type) return [`<vector id="${type.id}" type="${type.element}" count="${type.count}"/>`];
  const fields = type.fields.map((field) => `<field name="${field.name}" type="${field.type}"/>`);
  const kind = type.isUnion ? "union" : "struct";
  return [`<${kind} id="${type.id}">`, ...fields, `</${kind}>`];
}

function registerLine({ name, bits, type, group, isSaved = true }: RemoteRegister): string {
  const more = `${group === undefined ? "" : ` group="${group}"`}${isSaved ? "" : ' save-restore="no"'}`;
  return `<reg name="${name}" bitsize="${bits}" type="${type}"${more}/>`;
}

/** All memories can be written by a debugger, also the one that programs can't write. */
export function memoryMap({ config }: Machine): string {
  const memories = memoryRegions(config).map(
    ({ base, bytes }) => `<memory type="ram" start="0x${base.toString(16)}" length="0x${bytes.toString(16)}"/>`,
  );
  return [
    '<?xml version="1.0"?>',
    '<!DOCTYPE memory-map PUBLIC "+//IDN gnu.org//DTD GDB Memory Map V1.0//EN" "http://sourceware.org/gdb/gdb-memory-map.dtd">',
    "<memory-map>",
    ...memories,
    "</memory-map>",
    "",
  ].join("\n");
}
