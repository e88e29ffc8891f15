/** The JSON of speedscope: a stack for each line on a call path, weighted with its cycles. */
import type { Trace } from "../file/index.ts";
import { type LineNode, lineTree } from "./line-tree.ts";

export function* speedscope(trace: Trace): Generator<string> {
  const lines = lineTree(trace);
  const frames: object[] = [];
  const frameOf = new Map<string, number>();
  const frame = ({ name, file, line }: LineNode): number => {
    const key = `${name}\0${file}\0${line}`;
    const known = frameOf.get(key);
    if (known !== undefined) return known;
    frameOf.set(key, frames.length);
    // Tables of functions show nothing but the name: it tells lines of a function apart.
    frames.push(line === 0 ? { name } : { name: `${name}:${line}`, file, line });
    return frames.length - 1;
  };
  const stacks: number[][] = [];
  for (const node of lines) stacks.push([...(node.parent < 0 ? [] : stacks[node.parent]!), frame(node)]);
  const taken = lines.flatMap(({ cycles }, node) => (cycles > 0 ? [{ stack: stacks[node]!, cycles }] : []));
  yield JSON.stringify({
    $schema: "https://www.speedscope.app/file-format-schema.json",
    exporter: trace.header.producer,
    name: trace.header.name,
    activeProfileIndex: 0,
    shared: { frames },
    profiles: [
      {
        type: "sampled",
        name: "cycles of the control unit",
        unit: "none",
        startValue: 0,
        endValue: taken.reduce((sum, { cycles }) => sum + cycles, 0),
        samples: taken.map(({ stack }) => stack),
        weights: taken.map(({ cycles }) => cycles),
      },
    ],
  });
  yield "\n";
}
