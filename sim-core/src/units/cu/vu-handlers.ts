/** Issues to the vector unit, and its sticky state. */
import { ENUMS, enumNameOf } from "../../isa/index.ts";
import { MachineFault, VU_FIELDS, vuResetState } from "../../machine/index.ts";
import { BINARY_KINDS, prepareVuWork, VU_KINDS, type VuKind, type VuWork } from "../vu/index.ts";
import type { ControlUnit } from "./control-unit.ts";
import { type Handler, type HandlerMnemonic, rdOf, rs1Of, rs2Of, rs3Of } from "./handler.ts";
import { common, descriptor, type PrepareIssue, whenFree } from "./issue.ts";

const F = ENUMS.vufield;
type FieldName = keyof typeof F;

export const prepareVuIssue = (kind: VuKind): PrepareIssue<VuWork> => {
  const hasSecond = (BINARY_KINDS as readonly string[]).includes(kind);
  return (word, state, _config, memories) => {
    const out = descriptor(state, rdOf(word));
    const input = descriptor(state, rs1Of(word));
    const second = hasSecond ? descriptor(state, rs2Of(word)) : undefined;
    const work = prepareVuWork(kind, out, input, second, state.vu, memories);
    return { out, inputs: second ? [input, second] : [input], work };
  };
};

const issue = (kind: VuKind): Handler => {
  const prepare = prepareVuIssue(kind);
  return (cu, word, cycle) => {
    const { queue } = cu.units.vu;
    return whenFree(cu, queue, cycle, (issueCycle) => {
      const prepared = prepare(word, cu.state, cu.config, cu.memories);
      cu.units.issue(queue, { ...common(cu, queue, `vu.${kind}`, issueCycle), ...prepared });
    });
  };
};

type IssueHandlers = { readonly [M in `vu.${VuKind}`]: Handler };

const ISSUES = Object.fromEntries(
  VU_KINDS.map((kind) => [`vu.${kind}`, issue(kind)] as const),
) as unknown as IssueHandlers;

/** Smallest and largest value of each sticky field. */
function rangeOf(field: FieldName): readonly [min: number, max: number] {
  switch (field) {
    case "s0":
    case "s1":
    case "s2":
      return [0, 62];
    case "shift":
      return [-31, 31];
    case "frac":
      return [0, 48];
    case "axes":
      return [1, 15];
    case "perm":
      return [0, 255];
    case "grid":
      return [0, 2];
    case "eps":
      return [0, 0x7fffffff];
    default:
      return [-0x80000000, 0x7fffffff];
  }
}

function fieldOf(number: number, word: number): FieldName {
  const field = VU_FIELDS[number];
  if (!field) throw new MachineFault("illegalInstruction", word, `the vector unit has no state field number ${number}`);
  return field;
}

function setField(cu: ControlUnit, field: FieldName, value: number, word: number): void {
  const [min, max] = rangeOf(field);
  if (value < min || value > max) {
    const message = `vector unit field ${field} = ${value}, it takes ${min} to ${max}`;
    throw new MachineFault("illegalInstruction", word, message);
  }
  if (field === "perm" && new Set([0, 2, 4, 6].map((bit) => (value >> bit) & 3)).size < 4) {
    throw new MachineFault("illegalInstruction", word, "the permutation must name each axis of the input once");
  }
  cu.state.vu[F[field]] = value;
}

/** Two fields from rs1 and rs2; the second is checked before either changes. */
const setTwo =
  (first: FieldName, second: FieldName): Handler =>
  (cu, word) => {
    const { x } = cu.state;
    setField(cu, second, x[rs2Of(word)]!, word);
    setField(cu, first, x[rs1Of(word)]!, word);
    return 0;
  };

export const VU_HANDLERS = {
  ...ISSUES,
  "vu.q0": setTwo("m0", "s0"),
  "vu.q1": setTwo("m1", "s1"),
  "vu.q2": setTwo("m2", "s2"),
  "vu.clamp": setTwo("lo", "hi"),
  "vu.axes": (cu, word) => {
    setField(cu, "axes", rs2Of(word), word);
    return 0;
  },
  "vu.shamt": (cu, word) => {
    const direction = rs1Of(word);
    if (enumNameOf("direction", direction) === undefined) {
      throw new MachineFault("illegalInstruction", word, `vu.shamt takes left or right, not number ${direction}`);
    }
    setField(cu, "shift", direction === ENUMS.direction.right ? -rs2Of(word) : rs2Of(word), word);
    return 0;
  },
  "vu.grid": (cu, word) => {
    setField(cu, "grid", rdOf(word), word);
    return 0;
  },
  "vu.perm": (cu, word) => {
    const axes = [rdOf(word), rs1Of(word), rs2Of(word), rs3Of(word)];
    const undefinedAxis = axes.find((axis) => axis > 3);
    if (undefinedAxis !== undefined) {
      throw new MachineFault("illegalInstruction", word, `vu.perm: there is no axis number ${undefinedAxis}`);
    }
    setField(
      cu,
      "perm",
      axes.reduce((value, axis, i) => value | (axis << (2 * i)), 0),
      word,
    );
    return 0;
  },
  "vu.reset": (cu) => {
    cu.state.vu.set(vuResetState());
    return 0;
  },
  "vu.get": (cu, word) => {
    const field = fieldOf(rs1Of(word), word);
    cu.setRegister(rdOf(word), cu.state.vu[F[field]]!);
    return 0;
  },
  "vu.set": (cu, word) => {
    setField(cu, fieldOf(rdOf(word), word), cu.state.x[rs1Of(word)]!, word);
    return 0;
  },
} as const satisfies Partial<Record<HandlerMnemonic, Handler>>;
