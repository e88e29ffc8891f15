/** Issues to the neural unit: checked here, with all state copied, so that faults are precise. */
import { ENUMS } from "../../isa/index.ts";
import { NU_KINDS, type NuKind, type NuWork, prepareNuWork } from "../nu/index.ts";
import { type Handler, type HandlerMnemonic, rdOf, rs1Of, rs2Of } from "./handler.ts";
import { common, descriptor, type PrepareIssue, whenFree } from "./issue.ts";

/** Operands of an NU operation: which of rd (out), rs1 (in) and rs2 (second) it has. */
type Operands = "out in" | "out in second" | "out" | "in" | "out second";

const OPERANDS: Readonly<Record<NuKind, Operands>> = {
  conv: "out in second",
  dwconv: "out in second",
  pwconv: "out in second",
  fc: "out in second",
  matmul: "out in second",
  deconv: "out in second",
  bconv: "out in second",
  accz: "out",
  accld: "in",
  accconv: "out in second",
  accst: "out second",
  maxpool: "out in",
  avgpool: "out in",
  gavgpool: "out in",
  gmaxpool: "out in",
  add: "out in second",
  sub: "out in second",
  mul: "out in second",
};

export const prepareNuIssue = (kind: NuKind): PrepareIssue<NuWork> => {
  const named = OPERANDS[kind].split(" ");
  return (word, state, config, memories) => {
    const out = descriptor(state, named.includes("out") ? rdOf(word) : rs1Of(word));
    const input = named.includes("in") ? descriptor(state, rs1Of(word)) : out;
    const second = named.includes("second") ? descriptor(state, rs2Of(word)) : undefined;
    const work = prepareNuWork(kind, out, input, second, state.nu, config, memories);
    return { out, inputs: [...(named.includes("in") ? [input] : []), ...(second ? [second] : [])], work };
  };
};

const nuIssue = (kind: NuKind): Handler => {
  const prepare = prepareNuIssue(kind);
  return (cu, word, cycle) => {
    const { queue } = cu.units.nu;
    return whenFree(cu, queue, cycle, (issueCycle) => {
      const prepared = prepare(word, cu.state, cu.config, cu.memories);
      cu.state.nu[ENUMS.nufield.prefetch] = 0;
      cu.units.issue(queue, {
        ...common(cu, queue, `nu.${kind}`, issueCycle),
        ...prepared,
        cuWaitAtIssue: cu.units.cuWaitCycles,
      });
    });
  };
};

type IssueHandlers = { readonly [M in `nu.${NuKind}` & HandlerMnemonic]: Handler };

export const ISSUE_HANDLERS = Object.fromEntries(
  NU_KINDS.map((kind) => [`nu.${kind}`, nuIssue(kind)]),
) as unknown as IssueHandlers;
