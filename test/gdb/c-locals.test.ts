/**
 * C programs in our debugger and in GDB, on the same ELF file at the same stops: the same frames, the same variables with
 * the same values. GDB is the judge of the debug information; the machine is ours in both.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { nodeFiles, nodeScheduler } from "../../debug-adapter/src/host/node.ts";
import {
  BreakpointIds,
  Breakpoints,
  controlFrames,
  controlScopes,
  Debugger,
  EventFilters,
  loadProgram,
  type NodeList,
  type StackFrame,
  type StopCause,
  type ValueNode,
  Watchpoints,
} from "../../debug-adapter/src/runtime/index.ts";
import { describeWith, EXTERNALS, ROOT, scaled } from "../tools/index.ts";
import { compile, gdbOn, workFolder } from "./served.ts";

const FIXTURES = path.join(ROOT, "test-fixtures/c");
const OWN = [path.join(ROOT, "test/gdb/types.c"), path.join(ROOT, "sdk/sample.c")];
const ALL = readdirSync(FIXTURES)
  .filter((file) => file.endsWith(".c"))
  .map((file) => path.join(FIXTURES, file));
const PROGRAMS = scaled(OWN, [...OWN, ...ALL]);
const LIMIT = 300;

type Plain = number | null | string | Plain[] | { [name: string]: Plain };

interface GdbStop {
  readonly pc: number;
  readonly cycles: number;
  readonly frames: readonly {
    readonly name: string;
    readonly pc: number;
    readonly line: number;
    readonly isInlined: boolean;
    readonly variables: Record<string, Plain>;
  }[];
  readonly globals: Record<string, Plain>;
}

/** A leaf's number out of its text: `65 'A'`, `RED (2)`, `0x10000000 <x>`, `-3 (0xfffffffd)`, `true`. */
function leaf(text: string): Plain {
  if (text === "<optimised out>") return null;
  if (text === "<no memory there>") return "no memory";
  if (/^(NaN|-?Infinity)$/.test(text)) return text.toLowerCase().replace("inity", "");
  if (text === "true" || text === "false") return Number(text === "true");
  const number = /^(-?\d+(?:\.\d+)?(?:e[-+]?\d+)?|0x[\da-f]+)\b/.exec(text)?.[1] ?? /\((-?\d+)\)$/.exec(text)?.[1];
  return number === undefined ? text : Number(number);
}

function plain(node: ValueNode): Plain {
  const { children, type = "", value } = node;
  if (children?.indexed) return children.indexed.at(0, LIMIT, { hex: false }).map(plain);
  if (type.includes("*") || !children) return leaf(value);
  return Object.fromEntries((children.named?.({ hex: false }) ?? []).map((one) => [one.name, plain(one)]));
}

/** GDB tells every part of what is nowhere, we tell it once. */
function known(value: Plain): Plain {
  if (value === null || typeof value !== "object") return value;
  const parts = Array.isArray(value)
    ? value.map(known)
    : Object.entries(value).map(([name, part]) => [name, known(part)] as const);
  if (Array.isArray(value)) return parts.length > 0 && parts.every((part) => part === null) ? null : (parts as Plain[]);
  const entries = parts as (readonly [string, Plain])[];
  return entries.length > 0 && entries.every(([, part]) => part === null) ? null : Object.fromEntries(entries);
}

const knownOf = (values: Record<string, Plain>): Record<string, Plain> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, known(value)]));

const named = (list: NodeList | undefined): Record<string, Plain> =>
  Object.fromEntries((list?.named?.({ hex: false }) ?? []).map((node) => [node.name, plain(node)]));

function variablesOf(run: Debugger, frame: StackFrame): Record<string, Plain> {
  const scopes = controlScopes(run.machine, frame);
  const scope = (name: string) => named(scopes.find((one) => one.name === name));
  return { ...scope("Arguments"), ...scope("Locals") };
}

function debuggerOn(elf: string) {
  const ids = new BreakpointIds();
  const breakpoints = new Breakpoints(ids);
  let wake: (stop: StopCause | undefined) => void = () => {};
  const run: Debugger = new Debugger(loadProgram(nodeFiles, { program: elf }), {
    host: nodeFiles,
    scheduler: nodeScheduler,
    breakpoints,
    watchpoints: new Watchpoints(ids),
    eventFilters: new EventFilters(),
    historyBytes: 0,
    listener: {
      stopped: (cause) => wake(cause),
      ended: () => wake(undefined),
      output: () => {},
      log: () => {},
      found: () => {},
      travelling: () => {},
      failed: (error) => {
        throw error;
      },
    },
  });
  const go = (): Promise<StopCause | undefined> =>
    new Promise((resolve) => {
      wake = resolve;
      run.continue();
    });
  return { run, breakpoints, go };
}

/** Addresses of statements all over the program's own file, so many of them. */
function statementsOf(run: Debugger, source: string, count: number): number[] {
  const { program } = run.machine;
  const file = program.files.findIndex((name) => name.endsWith(path.basename(source)));
  const rows = program.lines.filter((row) => row.file === file && row.code && row.isStatement !== false);
  const inC = rows.filter(({ address }) => run.machine.c?.program.functionAt(address));
  const step = Math.max(1, inC.length / count);
  return [
    ...new Set(Array.from({ length: Math.min(count, inC.length) }, (_, at) => inC[Math.floor(at * step)]!.address)),
  ];
}

/** Where GDB doesn't say that it stands in an inlined body yet, because that begins at the pc. */
function comparable(frames: readonly StackFrame[], theirs: GdbStop["frames"]): StackFrame[] {
  const known = frames.filter((frame) => frame.c);
  return known.slice(Math.max(0, known.length - theirs.length));
}

/** Variables that GDB works out with 64-bit arithmetic (DW_OP_convert), which our evaluator doesn't have: it says so. */
const BEYOND: ReadonlySet<string> = new Set(["text.c -Os rest"]);

const title = (frame: StackFrame): string => frame.title.replace(/ \(inlined\)$/, "");

describeWith([EXTERNALS.riscvGcc, EXTERNALS.gdb], "C programs as GDB sees them", () => {
  const levels = scaled(["-O0", "-Og"], ["-O0", "-Og", "-O1", "-O2", "-Os"]);
  it.each(PROGRAMS.flatMap((program) => levels.map((level) => [path.basename(program), level, program] as const)))(
    "%s %s",
    async (_, level, source) => {
      const elf = compile(source, level);
      const { run, breakpoints, go } = debuggerOn(elf);
      const addresses = statementsOf(run, source, scaled(16, 100));
      const globals = [...run.machine.c!.program.globalVariables].map(({ name }) => name);
      const out = path.join(workFolder(), "stops.jsonl");
      const env = {
        NNASM_ADDRESSES: JSON.stringify(addresses),
        NNASM_GLOBALS: globals.join(" "),
        NNASM_STOPS: String(addresses.length),
        NNASM_OUT: out,
      };
      const { stderr } = await gdbOn(elf, ["-x", path.join(ROOT, "test/gdb/stops.py")], { env, connects: false });
      const stops = readFileSync(out, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as GdbStop);
      expect(stops.length, stderr).toBeGreaterThan(3);
      let values = 0;
      const left = new Set(addresses);
      for (const theirs of stops) {
        breakpoints.replace(
          "all",
          [...left].map((address) => ({ place: { kind: "instruction", address } })),
        );
        run.plant();
        await go();
        const { pc, cycle } = run.machine.simulator.state;
        expect({ pc, cycles: cycle }).toEqual({ pc: theirs.pc, cycles: theirs.cycles });
        left.delete(pc);
        const frames = comparable(controlFrames(run.machine), theirs.frames);
        const place = `at 0x${pc.toString(16)}, cycle ${cycle}`;
        expect(frames.map(title), place).toEqual(theirs.frames.map(({ name }) => name));
        for (const [at, frame] of frames.entries()) {
          const isInnermost = frame.level === 0;
          expect(frame.address + (isInnermost ? 0 : 4), place).toBe(theirs.frames[at]!.pc);
          const mine = knownOf(variablesOf(run, frame));
          for (const name of Object.keys(mine)) {
            if (mine[name] === null && BEYOND.has(`${path.basename(source)} ${level} ${name}`)) {
              delete mine[name];
              delete theirs.frames[at]!.variables[name];
            }
          }
          expect(mine, `${place}, ${frame.title}`).toEqual(knownOf(theirs.frames[at]!.variables));
          values += Object.values(mine).filter((value) => value !== null).length;
        }
        const mine = named(controlScopes(run.machine).find(({ name }) => name === "Globals"));
        expect(mine, place).toEqual(theirs.globals);
      }
      expect(values).toBeGreaterThan(5);
    },
  );
});
