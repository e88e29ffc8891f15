/** What names mean in expressions: registers, CSRs, descriptors, symbols, tensors and their fields. */
import { ABI_NAMES, CSRS, type CsrName, csrNumber, descriptorNumber, registerNumber } from "@nnasm/sim-core/isa";
import type { ProgramTensor } from "@nnasm/sim-core/program";
import { EvaluationError } from "../expression/types.ts";
import type { Environment, EventFacts, Value } from "../expression/value.ts";
import { macUtilisation } from "./counters.ts";
import { type Machine, memoryOf } from "./machine.ts";
import { conditionConstant } from "./problem-names.ts";
import { csrRegister, generalRegister, programCounter, type Register } from "./registers.ts";
import {
  DESCRIPTOR_FIELDS,
  type DescriptorField,
  declaredView,
  descriptorView,
  isAddressField,
  readDescriptorField,
  writeDescriptorField,
} from "./tensors.ts";
import { type StickyState, stickyStates } from "./units.ts";

export function environmentOf(machine: Machine): Environment {
  const { simulator } = machine;
  const ofEvent = (name: keyof EventFacts) => () => {
    const value = machine.event[name];
    if (value === undefined)
      throw new EvaluationError(`there is no ${name}() here: only conditions of such events know it`);
    return value;
  };
  return {
    ...memoryOf(machine),
    // With a `$` only registers are meant, where a variable of the program has a register's name.
    name: (name) =>
      name.startsWith("$") ? meaningOf(machine, name.slice(1)) : (machine.c?.name(name) ?? meaningOf(machine, name)),
    names: () => namesOf(machine),
    facts: {
      cycles: () => simulator.state.cycle,
      retired: () => simulator.state.retired,
      layer: () => simulator.state.layer,
      macutil: () => Number((macUtilisation(machine) * 100).toFixed(2)),
      ddrbytes: () => simulator.units.ddr.readBytes + simulator.units.ddr.writeBytes,
      unit: ofEvent("unit"),
      token: ofEvent("token"),
      waited: ofEvent("waited"),
      check: ofEvent("check"),
      fault: ofEvent("fault"),
    },
  };
}

/** A name's meaning: registers come first, then the program's symbols, then CSRs. */
function meaningOf(machine: Machine, name: string): Value | undefined {
  if (name === "pc") return registerValue(programCounter(machine));
  const register = registerNumber(name);
  if (register !== undefined) return registerValue(generalRegister(machine, register));
  const descriptor = descriptorNumber(name);
  if (descriptor !== undefined) return { kind: "tensor", tensor: descriptorView(machine, descriptor) };
  const tensor = declaredView(machine, name);
  if (tensor) return { kind: "tensor", tensor };
  const symbol = machine.symbols.symbol(name);
  if (symbol) return { kind: "scalar", type: "uint32", value: symbol.address >>> 0, isAddress: !symbol.absolute };
  if (csrNumber(name) !== undefined) return registerValue(csrRegister(machine, name as CsrName));
  const field = fieldOf(machine, name);
  if (field) return field;
  const constant = conditionConstant(name);
  return constant === undefined ? undefined : { kind: "scalar", type: "int32", value: constant };
}

function registerValue(register: Register): Value {
  const { type, isAddress } = register;
  const set = (value: number): void => register.write(value);
  return { kind: "scalar", type, value: register.read(), target: { set }, ...(isAddress ? { isAddress } : {}) };
}

/** `td0.base`, `image.c`, `nu.kh`. */
function fieldOf(machine: Machine, name: string): Value | undefined {
  const dot = name.lastIndexOf(".");
  if (dot <= 0) return undefined;
  const owner = name.slice(0, dot);
  const field = name.slice(dot + 1);
  const sticky = stickyStates(machine).find(({ prefix }) => prefix === owner);
  if (sticky) return stickyField(sticky, field);
  const known = DESCRIPTOR_FIELDS.find((candidate) => candidate === field);
  const descriptor = descriptorNumber(owner);
  if (descriptor !== undefined && known) return descriptorField(machine, descriptor, known);
  const tensor = machine.symbols.tensor(owner);
  return tensor && declaredField(tensor, field);
}

function descriptorField(machine: Machine, register: number, field: DescriptorField): Value {
  const value = readDescriptorField(machine, register, field);
  const isAddress = isAddressField(field);
  return {
    kind: "scalar",
    type: isAddress ? "uint32" : "int32",
    value: isAddress ? value >>> 0 : value,
    target: { set: (written) => writeDescriptorField(machine, register, field, written | 0) },
    ...(isAddress ? { isAddress } : {}),
  };
}

function stickyField({ fields, values }: StickyState, field: string): Value | undefined {
  const index = fields.indexOf(field);
  if (index < 0) return undefined;
  const set = (value: number): void => {
    values[index] = value;
  };
  return { kind: "scalar", type: "int32", value: values[index]!, target: { set } };
}

function declaredField(tensor: ProgramTensor, field: string): Value | undefined {
  const axis = ["n", "h", "w", "c"].indexOf(field);
  const stride = ["sn", "sh", "sw", "sc"].indexOf(field);
  if (axis >= 0) return { kind: "scalar", type: "int32", value: tensor.dims[axis]! };
  if (stride >= 0) return { kind: "scalar", type: "int32", value: tensor.strides[stride]! };
  if (field === "base") return { kind: "scalar", type: "uint32", value: tensor.base, isAddress: true };
  if (field === "table") return { kind: "scalar", type: "uint32", value: tensor.table, isAddress: true };
  if (field === "zp") return { kind: "scalar", type: "int32", value: tensor.zeroPoint };
  return undefined;
}

function* namesOf({ symbols, c }: Machine): Iterable<string> {
  if (c) yield* c.names();
  yield "pc";
  yield* ABI_NAMES;
  for (let index = 0; index < 32; index++) yield `td${index}`;
  yield* symbols.names;
  for (const { name } of symbols.tensors) yield name;
  yield* Object.keys(CSRS);
}
