/** Issues to the extension port, and the registers of its accelerators. */
import { MachineFault, XU_REGISTERS } from "../../machine/index.ts";
import {
  type Accelerator,
  type AcceleratorForm,
  type AcceleratorRun,
  acceleratorOf,
  identOf,
  xuResetState,
} from "../xu/index.ts";
import type { ControlUnit } from "./control-unit.ts";
import { type Handler, type HandlerMnemonic, rdOf, rs1Of, rs2Of, rs3Of } from "./handler.ts";
import { common, descriptor, type PrepareIssue, whenFree } from "./issue.ts";

function accelerator(number: number, word: number): Accelerator {
  const found = acceleratorOf(number);
  if (!found) throw new MachineFault("illegalInstruction", word, `the extension port has no accelerator ${number}`);
  return found;
}

/** The accelerator that a word runs, if it is run by instructions of that form. */
function accelerated(form: AcceleratorForm, word: number): Accelerator {
  const found = accelerator(rs3Of(word), word);
  if (found.form === form) return found;
  const message = `the accelerator ${found.name} is run by xu.${found.form}, not by xu.${form}`;
  throw new MachineFault("illegalInstruction", word, message);
}

export const prepareXuIssue =
  (form: AcceleratorForm): PrepareIssue<AcceleratorRun> =>
  (word, state, _config, memories) => {
    const found = accelerated(form, word);
    const out = descriptor(state, rdOf(word));
    const input = descriptor(state, rs1Of(word));
    const second = form === "run2" ? descriptor(state, rs2Of(word)) : undefined;
    const at = found.number * XU_REGISTERS;
    const work = {
      accelerator: found.number,
      out,
      input,
      second,
      scalar: form === "runx" ? state.x[rs2Of(word)]! : 0,
      registers: state.xu.slice(at, at + XU_REGISTERS),
    };
    found.check(work, memories);
    return { out, inputs: second ? [input, second] : [input], work };
  };

const issue = (form: AcceleratorForm): Handler => {
  const prepare = prepareXuIssue(form);
  return (cu, word, cycle) => {
    accelerated(form, word);
    const { queue } = cu.units.xu;
    return whenFree(cu, queue, cycle, (issueCycle) => {
      const prepared = prepare(word, cu.state, cu.config, cu.memories);
      cu.units.issue(queue, { ...common(cu, queue, `xu.${form}`, issueCycle), ...prepared });
    });
  };
};

/** A register of the selected accelerator: what it takes, and where it lies in the machine's state. */
function register(cu: ControlUnit, number: number, word: number) {
  const selected = accelerator(cu.state.xuSelected, word);
  const found = selected.registers[number];
  if (!found) {
    const has = selected.registers.map(({ name }, index) => `${index} ${name}`).join(", ");
    const message = `the accelerator ${selected.name} has no register ${number}`;
    throw new MachineFault("illegalInstruction", word, message, `it has ${has}; xu.select chooses another accelerator`);
  }
  return { ...found, accelerator: selected.name, index: selected.number * XU_REGISTERS + number };
}

export const XU_HANDLERS = {
  "xu.run": issue("run"),
  "xu.run2": issue("run2"),
  "xu.runx": issue("runx"),
  "xu.select": (cu, word) => {
    cu.state.xuSelected = accelerator(rdOf(word), word).number;
    return 0;
  },
  "xu.selected": (cu, word) => {
    cu.setRegister(rdOf(word), cu.state.xuSelected);
    return 0;
  },
  "xu.ident": (cu, word) => {
    cu.setRegister(rdOf(word), identOf(acceleratorOf(cu.state.x[rs1Of(word)]! >>> 0)));
    return 0;
  },
  "xu.get": (cu, word) => {
    cu.setRegister(rdOf(word), cu.state.xu[register(cu, rs1Of(word), word).index]!);
    return 0;
  },
  "xu.set": (cu, word) => {
    const { name, min, max, index, accelerator: owner } = register(cu, rdOf(word), word);
    const value = cu.state.x[rs1Of(word)]!;
    if (value < min || value > max) {
      const message = `register ${name} of the accelerator ${owner} = ${value}, it takes ${min} to ${max}`;
      throw new MachineFault("illegalInstruction", word, message);
    }
    cu.state.xu[index] = value;
    return 0;
  },
  "xu.reset": (cu) => {
    cu.state.xu.set(xuResetState());
    cu.state.xuSelected = 0;
    return 0;
  },
} as const satisfies Partial<Record<HandlerMnemonic, Handler>>;
