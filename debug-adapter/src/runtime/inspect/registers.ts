/** General-purpose registers, CSRs, hardware loops. */
import { abiName, CSRS, type CsrName } from "@nnasm/sim-core/isa";
import { readCsr, writeCsr } from "@nnasm/sim-core/units";
import { EvaluationError } from "../expression/types.ts";
import { addressText, type ValueFormat, wordText } from "./format.ts";
import type { Machine } from "./machine.ts";
import type { Scope, ValueNode } from "./node.ts";

/** Registers that hold addresses by convention: ra, sp, gp, tp. */
const ADDRESS_REGISTERS = new Set([1, 2, 3, 4]);
const ADDRESS_CSRS = new Set<CsrName>(["mtvec", "mepc", "lpstart0", "lpend0", "lpstart1", "lpend1"]);
/** Below this lies PM, whose addresses look like ordinary small numbers. */
const FIRST_DATA_ADDRESS = 0x1000_0000;

/** A register that can be read and written, whatever kind it is. */
export interface Register {
  readonly name: string;
  readonly type: "int32" | "uint32";
  readonly isAddress: boolean;
  read(): number;
  /** @throws EvaluationError when it is read only */
  write(value: number): void;
}

export function generalRegister(machine: Machine, index: number): Register {
  const { state } = machine.simulator;
  return {
    name: abiName(index),
    type: "int32",
    isAddress: ADDRESS_REGISTERS.has(index),
    read: () => state.x[index]!,
    write: (value) => {
      if (index === 0) throw new EvaluationError("register zero is always 0");
      state.x[index] = value;
      // Who reads it next needn't wait for the load or product that was on its way here.
      state.readyAt[index] = 0;
    },
  };
}

export function programCounter(machine: Machine): Register {
  const { simulator } = machine;
  return {
    name: "pc",
    type: "uint32",
    isAddress: true,
    read: () => simulator.state.pc,
    write: (value) => {
      if (simulator.end || simulator.cu.exitRequest !== undefined) throw new EvaluationError("the program has ended");
      if (value % 4 !== 0) throw new EvaluationError("the pc is a multiple of 4");
      simulator.cu.moveTo(value);
    },
  };
}

/** Counters have no value of their own to write: they are offsets to the machine's. */
const COUNTERS = new Set<CsrName>(["mcycle", "mcycleh", "minstret", "minstreth"]);

export function csrRegister(machine: Machine, name: CsrName): Register {
  const { state } = machine.simulator;
  const { number, writable } = CSRS[name];
  return {
    name,
    type: "int32",
    isAddress: ADDRESS_CSRS.has(name),
    read: () => readCsr(state, number, state.cycle, 0),
    write: (value) => {
      if (!writable || COUNTERS.has(name)) throw new EvaluationError(`${name} is read only`);
      writeCsr(state, number, value, state.cycle, 0);
    },
  };
}

function node(machine: Machine, register: Register, format: ValueFormat, name = register.name): ValueNode {
  const value = register.read();
  const address = value >>> 0;
  // 0 means "none" far more often than the first byte of the program memory, except in the pc.
  const symbolize = (at: number) => (at === 0 && register.name !== "pc" ? undefined : machine.symbols.describe(at));
  const pointsToMemory = machine.simulator.memories.covers(address, 1);
  const place = register.isAddress && value !== 0 ? machine.sources.placeOf(address) : undefined;
  const isAddress = register.isAddress || (address >= FIRST_DATA_ADDRESS && pointsToMemory);
  return {
    name,
    value: isAddress ? addressText(value, symbolize) : wordText(value, format),
    type: register.type,
    expression: register.name,
    ...(isAddress && pointsToMemory ? { address } : {}),
    ...(place ? { place } : {}),
    set: (text) => register.write(machine.number(text) | 0),
  };
}

export function registerScope(machine: Machine): Scope {
  return {
    name: "Registers",
    isRegisters: true,
    named: (format) => [
      node(machine, programCounter(machine), format),
      ...Array.from({ length: 32 }, (_, index) =>
        node(machine, generalRegister(machine, index), format, `${abiName(index)} (x${index})`),
      ),
    ],
  };
}

/** The words that a project's own instructions share. */
export function userStateScope(machine: Machine): Scope {
  const { user } = machine.simulator.state;
  return {
    name: "User State",
    named: (format) =>
      Array.from(user, (value, index) => ({
        name: `state[${index}]`,
        value: wordText(value, format),
        type: "int32",
        set: (text: string) => {
          user[index] = machine.number(text);
        },
      })),
  };
}

const LOOP_CSRS = /^lp(start|end|count)/;

export function csrScope(machine: Machine): Scope {
  const names = (Object.keys(CSRS) as CsrName[]).filter((name) => !LOOP_CSRS.test(name));
  return {
    name: "CSRs",
    isRegisters: true,
    named: (format) => names.map((name) => node(machine, csrRegister(machine, name), format)),
  };
}

const LOOPS = [
  { title: "L0 (inner)", csrs: ["lpstart0", "lpend0", "lpcount0"] },
  { title: "L1 (outer)", csrs: ["lpstart1", "lpend1", "lpcount1"] },
] as const;
const PARTS = ["start", "end", "count"];

export function loopScope(machine: Machine): Scope {
  return {
    name: "Hardware Loops",
    named: () =>
      LOOPS.map(({ title, csrs }) => {
        const [start, end, count] = csrs.map((name) => csrRegister(machine, name).read());
        const range = `${addressText(start!, () => undefined)}..${addressText(end!, () => undefined)}`;
        return {
          name: title,
          value: count === 0 ? "inactive" : `${count! >>> 0} passes left of ${range}`,
          children: {
            named: (format: ValueFormat) =>
              csrs.map((name, part) => node(machine, csrRegister(machine, name), format, PARTS[part])),
          },
        };
      }),
  };
}
