/** Issues to the neural unit: checked here, with all state copied, so that faults are precise. */
import { type NuKind, prepareNuWork } from "../nu/index.ts";
import { type Handler, type HandlerMnemonic, rdOf, rs1Of, rs2Of } from "./handler.ts";
import { common, descriptor, whenFree } from "./issue.ts";

const nuIssue =
  (kind: NuKind, hasSecond: boolean): Handler =>
  (cu, word, cycle) => {
    const { nu } = cu.units;
    const { queue } = nu;
    return whenFree(cu, queue, cycle, (issueCycle) => {
      const out = descriptor(cu, rdOf(word));
      const input = descriptor(cu, rs1Of(word));
      const second = hasSecond ? descriptor(cu, rs2Of(word)) : undefined;
      const work = prepareNuWork(kind, out, input, second, cu.state.nu, cu.config, cu.memories);
      cu.units.issue(queue, {
        ...common(cu, queue, `nu.${kind}`, issueCycle),
        out,
        inputs: second ? [input, second] : [input],
        work,
        timing: nu.timingOf(work),
        cuWaitAtIssue: cu.units.cuWaitCycles,
      });
    });
  };

export const ISSUE_HANDLERS = {
  "nu.conv": nuIssue("conv", true),
  "nu.dwconv": nuIssue("dwconv", true),
  "nu.pwconv": nuIssue("pwconv", true),
  "nu.fc": nuIssue("fc", true),
  "nu.maxpool": nuIssue("maxpool", false),
  "nu.avgpool": nuIssue("avgpool", false),
  "nu.gavgpool": nuIssue("gavgpool", false),
  "nu.add": nuIssue("add", true),
} as const satisfies Partial<Record<HandlerMnemonic, Handler>>;
