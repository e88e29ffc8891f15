/**
 * Writes .debug_info and .debug_abbrev (DWARF 4, sections 3 and 7.5): the compilation unit, its functions, and macro calls
 * as inlined subroutines, which is what debuggers show as frames of their own.
 */
import { compareInlined, type InlinedCall, type ProgramSymbol } from "../program/index.ts";
import { ByteWriter, type WrittenSection } from "./bytes.ts";
import * as dw from "./dwarf.ts";
import { type CodeRun, type FunctionRun, functionRuns } from "./dwarf-functions.ts";

const VERSION = 4;

/** What .debug_info tells of a program. */
export interface InfoContents {
  /** Name of the unit: its first file. */
  readonly name: string;
  readonly symbols: readonly ProgramSymbol[];
  readonly inlined: readonly InlinedCall[];
  /** Runs of code, in address order. */
  readonly code: readonly CodeRun[];
}

type Attribute = readonly [attribute: number, form: number];

const CALL: readonly Attribute[] = [
  [dw.DW_AT_abstract_origin, dw.DW_FORM_ref4],
  [dw.DW_AT_low_pc, dw.DW_FORM_addr],
  [dw.DW_AT_high_pc, dw.DW_FORM_data4],
  [dw.DW_AT_call_file, dw.DW_FORM_udata],
  [dw.DW_AT_call_line, dw.DW_FORM_udata],
  [dw.DW_AT_call_column, dw.DW_FORM_udata],
];

/** Shapes of entries; their code is their place in this list, from one. */
const ABBREVIATIONS = {
  unit: {
    tag: dw.DW_TAG_compile_unit,
    children: true,
    attributes: [
      [dw.DW_AT_producer, dw.DW_FORM_string],
      [dw.DW_AT_language, dw.DW_FORM_data2],
      [dw.DW_AT_name, dw.DW_FORM_string],
      [dw.DW_AT_comp_dir, dw.DW_FORM_string],
      [dw.DW_AT_stmt_list, dw.DW_FORM_sec_offset],
      [dw.DW_AT_low_pc, dw.DW_FORM_addr],
      [dw.DW_AT_ranges, dw.DW_FORM_sec_offset],
    ],
  },
  macro: {
    tag: dw.DW_TAG_subprogram,
    children: false,
    attributes: [
      [dw.DW_AT_name, dw.DW_FORM_string],
      [dw.DW_AT_inline, dw.DW_FORM_data1],
    ],
  },
  function: {
    tag: dw.DW_TAG_subprogram,
    children: true,
    attributes: [
      [dw.DW_AT_name, dw.DW_FORM_string],
      [dw.DW_AT_external, dw.DW_FORM_flag],
      [dw.DW_AT_low_pc, dw.DW_FORM_addr],
      [dw.DW_AT_high_pc, dw.DW_FORM_data4],
    ],
  },
  call: { tag: dw.DW_TAG_inlined_subroutine, children: true, attributes: CALL },
  /** A further piece of a call, entered elsewhere. */
  piece: {
    tag: dw.DW_TAG_inlined_subroutine,
    children: true,
    attributes: [...CALL, [dw.DW_AT_entry_pc, dw.DW_FORM_addr]],
  },
} as const satisfies Record<string, { tag: number; children: boolean; attributes: readonly Attribute[] }>;

type Shape = keyof typeof ABBREVIATIONS;
const SHAPES = Object.keys(ABBREVIATIONS) as Shape[];
const codeOf = (shape: Shape): number => SHAPES.indexOf(shape) + 1;

export function writeAbbreviations(): WrittenSection {
  const writer = new ByteWriter();
  for (const shape of SHAPES) {
    const { tag, children, attributes } = ABBREVIATIONS[shape];
    writer.uleb(codeOf(shape));
    writer.uleb(tag);
    writer.u8(children ? 1 : 0);
    for (const [attribute, form] of attributes) {
      writer.uleb(attribute);
      writer.uleb(form);
    }
    writer.uleb(0);
    writer.uleb(0);
  }
  writer.uleb(0);
  return writer.finishSection();
}

export function writeInfo({ name, symbols, inlined, code }: InfoContents): WrittenSection {
  const writer = new ByteWriter();
  writer.u32(0); // unit length, patched below
  writer.u16(VERSION);
  writer.sectionOffset(".debug_abbrev", 0);
  writer.u8(4); // address size
  writer.uleb(codeOf("unit"));
  writer.text("nnasm");
  writer.u16(dw.DW_LANG_Mips_Assembler);
  writer.text(name);
  writer.text("");
  writer.sectionOffset(".debug_line", 0);
  writer.u32(0); // base of the ranges
  writer.sectionOffset(".debug_ranges", 0);
  const origins = writeOrigins(writer, inlined);
  writeTree(writer, nested(functionRuns(symbols, inlined, code), inlined), origins);
  writer.u8(0); // end of the unit's children
  writer.patch32(0, writer.length - 4);
  return writer.finishSection();
}

/** One entry for each macro or function that has been inlined somewhere. */
function writeOrigins(writer: ByteWriter, inlined: readonly InlinedCall[]): ReadonlyMap<string, number> {
  const origins = new Map<string, number>();
  for (const call of inlined) {
    const key = originKey(call);
    if (origins.has(key)) continue;
    origins.set(key, writer.length);
    writer.uleb(codeOf("macro"));
    writer.text(call.name);
    writer.u8(call.kind === "macro" ? dw.DW_INL_declared_inlined : dw.DW_INL_inlined);
  }
  return origins;
}

const originKey = ({ kind, name }: InlinedCall): string => `${kind} ${name}`;

type Run = FunctionRun | InlinedCall;
const isFunction = (run: Run): run is FunctionRun => "global" in run;

/**
 * Functions and calls in the order of their nesting. A function that begins or ends within a call and reaches out of it
 * (a macro that makes a prologue, say) fits no nesting: the symbol table alone names it.
 */
function nested(functions: readonly FunctionRun[], calls: readonly InlinedCall[]): Run[] {
  const runs: Run[] = [...functions, ...calls].sort(
    (a, b) => compareInlined(a, b) || Number(isFunction(b)) - Number(isFunction(a)),
  );
  const left = new Set<Run>();
  const open: Run[] = [];
  for (const run of runs) {
    while (open.length > 0 && open.at(-1)!.high <= run.low) open.pop();
    // Only functions can overlap: whichever of the two is one is left out.
    while (open.length > 0 && open.at(-1)!.high < run.high) {
      const outer = open.at(-1)!;
      left.add(isFunction(run) ? run : outer);
      if (isFunction(run)) break;
      open.pop();
    }
    if (!left.has(run)) open.push(run);
  }
  return runs.filter((run) => !left.has(run));
}

function writeTree(writer: ByteWriter, runs: readonly Run[], origins: ReadonlyMap<string, number>): void {
  const open: Run[] = [];
  for (const run of runs) {
    while (open.length > 0 && open.at(-1)!.high <= run.low) {
      writer.u8(0);
      open.pop();
    }
    if (isFunction(run)) writeFunction(writer, run);
    else writeCall(writer, run, origins.get(originKey(run))!);
    open.push(run);
  }
  for (const _ of open) writer.u8(0);
}

function writeFunction(writer: ByteWriter, { name, global, low, high }: FunctionRun): void {
  writer.uleb(codeOf("function"));
  writer.text(name);
  writer.u8(global ? 1 : 0);
  writer.address(low);
  writer.u32(high - low);
}

function writeCall(writer: ByteWriter, call: InlinedCall, origin: number): void {
  const isEntry = call.entry === call.low;
  writer.uleb(codeOf(isEntry ? "call" : "piece"));
  writer.u32(origin);
  writer.address(call.low);
  writer.u32(call.high - call.low);
  writer.uleb(call.callFile + 1);
  writer.uleb(call.callLine);
  writer.uleb(call.callColumn);
  if (!isEntry) writer.address(call.entry);
}
