/** Commands behind GDB's `monitor`: what the machine has and GDB has no words for. */

import { nearest } from "@nnasm/sim-core/diagnostics";
import { buildProfile, utilisation } from "@nnasm/sim-core/profile";
import {
  countText,
  EvaluationError,
  percentText,
  queueOf,
  queueText,
  queueUnits,
  tokenText,
  valueNode,
} from "../runtime/index.ts";
import type { RemoteTarget } from "./target.ts";

interface Command {
  readonly parameters: string;
  readonly summary: string;
  /** Gives lines, at once or when the machine has come to a stop. */
  run(target: RemoteTarget, argument: string): readonly string[] | Promise<readonly string[]>;
}

const FLUSH = "GDB may still show registers of before: maintenance flush register-cache";

/** Goes through time and waits for the arrival. */
function travel(target: RemoteTarget, go: () => void): Promise<readonly string[]> {
  const { listener } = target;
  return new Promise((resolve, reject) => {
    const arrived = (): void => {
      target.listener = listener;
      resolve([...cycles(target), FLUSH]);
    };
    target.listener = {
      stopped: arrived,
      output: (text) => listener?.output(text),
      failed: (error) => {
        target.listener = listener;
        listener?.failed(error);
      },
    };
    try {
      go();
    } catch (error) {
      target.listener = listener;
      reject(error);
    }
  });
}

function cycles({ machine, debugger: { history } }: RemoteTarget): string[] {
  const { cycle, retired } = machine.simulator.state;
  const milliseconds = cycle / (1000 * machine.config.clockMHz);
  const past = history.isPast ? [`the history goes on to cycle ${countText(history.end.cycle)}`] : [];
  return [
    `${countText(cycle)} cycles (${milliseconds.toFixed(3)} ms at ${machine.config.clockMHz} MHz), ${countText(retired)} instructions`,
    ...past,
  ];
}

function units({ machine }: RemoteTarget): string[] {
  return queueUnits(machine).map((unit) => {
    const { issued, completed, lastToken } = queueOf(machine, unit);
    const counts = `${countText(issued)} issued, ${countText(completed)} completed, last token ${tokenText(machine, lastToken)}`;
    return `${unit.padEnd(5)} ${queueText(machine, unit)}; ${counts}`;
  });
}

const PROFILE_LINES = 10;

function profile(target: RemoteTarget): string[] {
  const { cycles: total, layers, lines, total: work } = buildProfile(target.machine.simulator);
  const share = (cycle: number): string => percentText(total === 0 ? 0 : cycle / total).padStart(8);
  const busy = lines.filter(({ cycles: taken }) => taken > 0).sort((a, b) => b.cycles - a.cycles);
  return [
    ...cycles(target),
    `MAC utilisation ${percentText(utilisation(work))}`,
    ...layers
      .filter((layer) => layer.cycles > 0 && layers.length > 1)
      .map((layer) => `${share(layer.cycles)}  layer ${layer.name}`),
    ...busy.slice(0, PROFILE_LINES).map(({ file, line, address, cycles: taken }) => {
      const place = file === undefined ? `0x${address.toString(16)}` : `${file}:${line}`;
      return `${share(taken)}  ${place}`;
    }),
  ];
}

function evaluated(target: RemoteTarget, text: string): string[] {
  if (text === "") throw new EvaluationError("an expression is missing: monitor expr td0.base");
  const run = () => target.debugger.evaluate(text, true);
  const { value, format } = /(?<![=!<>])=(?!=)/.test(text) ? target.debugger.edit(run) : run();
  const { value: shown, type } = valueNode(target.machine, text, value, { hex: false }, format);
  return [type === undefined ? shown : `${shown}  ${type}`];
}

const COMMANDS: Readonly<Record<string, Command>> = {
  help: {
    parameters: "",
    summary: "this list",
    run: () =>
      Object.entries(COMMANDS).map(
        ([name, { parameters, summary }]) => `${`${name} ${parameters}`.padEnd(16)} ${summary}`,
      ),
  },
  cycles: { parameters: "", summary: "cycles and instructions since reset", run: cycles },
  units: { parameters: "", summary: "what each unit is doing, its queue and its tokens", run: units },
  profile: { parameters: "", summary: "where the cycles went, by layer and by line", run: profile },
  expr: {
    parameters: "EXPRESSION",
    summary: "an expression of the debug console: in[0,3], sum(out), a0,x; also assigns",
    run: evaluated,
  },
  goto: {
    parameters: "CYCLE",
    summary: "to a cycle of the history",
    run: (target, argument) => {
      const cycle = Number(argument.replaceAll(/[_,]/g, ""));
      if (argument === "" || !Number.isSafeInteger(cycle) || cycle < 0)
        throw new EvaluationError("goto takes a cycle: monitor goto 1000");
      return travel(target, () => target.debugger.travel.goTo(cycle));
    },
  },
  reset: {
    parameters: "",
    summary: "the program stands before its first instruction again; breakpoints stay",
    run: (target) => {
      target.restart();
      return [...cycles(target), FLUSH];
    },
  },
};

/** Text to show; a command that can't be done says why. */
export async function monitor(target: RemoteTarget, text: string): Promise<string> {
  const [, name = "", argument = ""] = /^\s*(\S*)\s*([\s\S]*?)\s*$/.exec(text) ?? [];
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    const near = nearest(name, Object.keys(COMMANDS));
    return `there is no command "${name}"; ${near ? `did you mean ${near}?` : "monitor help lists them"}\n`;
  }
  try {
    const lines = await command.run(target, argument);
    return `${lines.join("\n")}\n`;
  } catch (error) {
    if (error instanceof EvaluationError) return `${error.message}\n`;
    throw error;
  }
}
