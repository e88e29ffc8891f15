/** The .cpuprofile of Chrome and VS Code: a node for each line on a call path. One cycle is written as one microsecond. */
import type { Trace } from "../file/index.ts";
import { lineTree } from "./line-tree.ts";

const ROOT = 1;

/** @param urlOf turns a source file's name into what the viewer opens; as it is by default */
export function* cpuProfile(trace: Trace, urlOf: (file: string) => string = (file) => file): Generator<string> {
  const lines = lineTree(trace);
  const idOf = (node: number): number => node + ROOT + 1;
  const children = new Map<number, number[]>();
  lines.forEach(({ parent }, node) => {
    const of = parent < 0 ? ROOT : idOf(parent);
    const list = children.get(of);
    if (list) list.push(idOf(node));
    else children.set(of, [idOf(node)]);
  });
  const root = { functionName: "(root)", scriptId: "0", url: "", lineNumber: -1, columnNumber: -1 };
  const nodes = [
    { id: ROOT, callFrame: root, hitCount: 0, children: children.get(ROOT) ?? [] },
    ...lines.map(({ name, file, line, cycles }, node) => ({
      id: idOf(node),
      callFrame: { functionName: name, scriptId: file, url: urlOf(file), lineNumber: line - 1, columnNumber: 0 },
      hitCount: cycles,
      children: children.get(idOf(node)) ?? [],
    })),
  ];
  // A sample lasts until the next one; the first and the last only mark the ends.
  const taken = lines.flatMap(({ cycles }, node) => (cycles > 0 ? [{ id: idOf(node), cycles }] : []));
  const sum = taken.reduce((all, { cycles }) => all + cycles, 0);
  yield JSON.stringify({
    nodes,
    startTime: 0,
    endTime: sum,
    samples: [...taken.map(({ id }) => id), ROOT],
    timeDeltas: [0, ...taken.map(({ cycles }) => cycles)],
  });
  yield "\n";
}
