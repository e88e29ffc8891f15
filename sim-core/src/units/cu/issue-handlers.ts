/** Issues to the neural unit: checked here, with all state copied, so that faults are precise. */
import { ENUMS } from "../../isa/index.ts";
import { type NuKind, prepareNuWork } from "../nu/index.ts";
import { type Handler, type HandlerMnemonic, rdOf, rs1Of, rs2Of } from "./handler.ts";
import { common, descriptor, whenFree } from "./issue.ts";

/** Operands of an NU operation: which of rd (out), rs1 (in) and rs2 (second) it has. */
type Operands = "out in" | "out in second" | "out" | "in" | "out second";

const nuIssue =
  (kind: NuKind, operands: Operands): Handler =>
  (cu, word, cycle) => {
    const { queue } = cu.units.nu;
    const named = operands.split(" ");
    return whenFree(cu, queue, cycle, (issueCycle) => {
      const out = descriptor(cu, named.includes("out") ? rdOf(word) : rs1Of(word));
      const input = named.includes("in") ? descriptor(cu, rs1Of(word)) : out;
      const second = named.includes("second") ? descriptor(cu, rs2Of(word)) : undefined;
      const { nu } = cu.state;
      const work = prepareNuWork(kind, out, input, second, nu, cu.config, cu.memories);
      nu[ENUMS.nufield.prefetch] = 0;
      cu.units.issue(queue, {
        ...common(cu, queue, `nu.${kind}`, issueCycle),
        out,
        inputs: [...(named.includes("in") ? [input] : []), ...(second ? [second] : [])],
        work,
        cuWaitAtIssue: cu.units.cuWaitCycles,
      });
    });
  };

export const ISSUE_HANDLERS = {
  "nu.conv": nuIssue("conv", "out in second"),
  "nu.dwconv": nuIssue("dwconv", "out in second"),
  "nu.pwconv": nuIssue("pwconv", "out in second"),
  "nu.fc": nuIssue("fc", "out in second"),
  "nu.matmul": nuIssue("matmul", "out in second"),
  "nu.deconv": nuIssue("deconv", "out in second"),
  "nu.bconv": nuIssue("bconv", "out in second"),
  "nu.accz": nuIssue("accz", "out"),
  "nu.accld": nuIssue("accld", "in"),
  "nu.accconv": nuIssue("accconv", "out in second"),
  "nu.accst": nuIssue("accst", "out second"),
  "nu.maxpool": nuIssue("maxpool", "out in"),
  "nu.avgpool": nuIssue("avgpool", "out in"),
  "nu.gavgpool": nuIssue("gavgpool", "out in"),
  "nu.gmaxpool": nuIssue("gmaxpool", "out in"),
  "nu.add": nuIssue("add", "out in second"),
  "nu.sub": nuIssue("sub", "out in second"),
  "nu.mul": nuIssue("mul", "out in second"),
} as const satisfies Partial<Record<HandlerMnemonic, Handler>>;
