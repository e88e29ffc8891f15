import { overlayOf } from "@nnasm/sim-core/compare";
import { EXIT, machineOf } from "@nnasm/sim-core/testing";
import { readTrace, TraceWriter } from "@nnasm/sim-core/trace";
import { expect, test } from "vitest";
import { parseFromDataPage } from "../../shared/data-messages.ts";
import {
  commonLayers,
  cycleAt,
  LABEL_WIDTH,
  moved,
  overlayHeight,
  overlayRows,
  overlaySpec,
  rowAt,
  spanAt,
  wholeView,
  zoomed,
} from "./overlay-spec.ts";

function overlay(rounds: number, bytesPerCycle: number) {
  const machine = machineOf(
    `
 .tensor far, int8, 1, 1, 4, 1024, in=ddr
 .tensor near, int8, 1, 1, 4, 1024, in=dm
 .text
 .layer "count"
 li s0, ${rounds}
1: addi s0, s0, -1
 bnez s0, 1b
 .layer "load"
 td.ld td0, far
 td.ld td1, near
 dma.ld td1, td0, ch0
 nn.fence dma0${EXIT}`,
    { ddr: { bytesPerCycle } },
  );
  const pieces: Uint8Array[] = [];
  const writer = new TraceWriter(machine, { name: "t", producer: "t" }, (piece) => pieces.push(piece));
  machine.setListener(writer);
  writer.attach();
  machine.run();
  writer.finish();
  const result = overlayOf(readTrace(new Uint8Array(pieces.flatMap((piece) => [...piece]))));
  expect(result.cycles).toBe(machine.state.cycle);
  return result;
}

const a = overlay(10, 8);
const b = overlay(200, 4);
const rows = overlayRows(a, b);
const layerStart = (of: typeof a, layer: string): number => of.lanes[0]!.spans.find(({ name }) => name === layer)!.from;

test("each lane has a row of both runs; spans cover what the machine did", () => {
  expect(rows.map(({ lane, side }) => `${lane} ${side}`)).toEqual(["layers a", "layers b", "dma0 a", "dma0 b"]);
  expect(a.lanes[0]!.spans.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(a.cycles);
  const [transfer] = a.lanes[1]!.spans;
  expect(transfer!.name).toBe("load");
  // 64 bursts of 64 bytes: 8 cycles each on the wide bus, 16 on the other.
  const [slow] = b.lanes[1]!.spans;
  expect(slow!.to - slow!.from - (transfer!.to - transfer!.from)).toBe(64 * 8);
});

test("runs are aligned where a layer begins", () => {
  expect(commonLayers(a, b)).toEqual(expect.arrayContaining(["count", "load"]));
  const view = wholeView(a, b, "load");
  expect([view.alignA, view.alignB]).toEqual([layerStart(a, "load"), layerStart(b, "load")]);
  expect(view.from).toBe(-layerStart(b, "load"));
  for (const row of rows.slice(0, 2)) {
    expect(spanAt(row, 1, view)!.name).toBe("load");
    expect(spanAt(row, -1, view)!.name).toBe("count");
  }
  expect(wholeView(a, b, undefined)).toEqual({ from: 0, to: b.cycles, alignA: 0, alignB: 0 });
});

test("zooming keeps the cycle under the pointer and stays within both runs", () => {
  const whole = wholeView(a, b, undefined);
  const near = zoomed(whole, whole, 300, 0.5);
  expect((300 - near.from) / (near.to - near.from)).toBeCloseTo(300 / whole.to, 9);
  expect(zoomed(near, whole, 300, 100)).toEqual(whole);
  expect(moved(near, whole, 1e9).to).toBeCloseTo(whole.to, 6);
  expect(moved(near, whole, -1e9).from).toBe(whole.from);
  let view = whole;
  for (let i = 0; i < 60; i++) view = zoomed(view, whole, 5, 0.5);
  expect(view.to - view.from).toBeCloseTo(10, 6);
});

test("the picture has the spans at their cycles, and a pointer finds them there", () => {
  const view = wholeView(a, b, undefined);
  const spec = overlaySpec(rows, view, 900);
  expect(spec.height).toBe(overlayHeight(rows.length));
  const plain = spec.layers[0]!.rects.find(({ colour }) => colour === "a")!;
  const hatched = spec.layers[0]!.rects.find(({ colour, pattern }) => colour === "b" && pattern)!;
  expect([plain.pattern, hatched.pattern]).toEqual([undefined, "rising"]);
  // The last of the second run's layers ends at the right edge.
  const boxes = Array.from({ length: hatched.values.length / 4 }, (_, i) => [
    ...hatched.values.subarray(4 * i, 4 * i + 4),
  ]);
  expect(Math.max(...boxes.map(([x, , w]) => x! + w!))).toBeCloseTo(900, 0);
  for (const [x, y, w, h] of boxes) {
    const row = rows[rowAt(y! + h! / 2, rows.length)]!;
    expect(row.side).toBe("b");
    expect(spanAt(row, cycleAt(x! + w! / 2, view, 900), view)).toBeDefined();
  }
  expect(rowAt(1, rows.length)).toBe(-1);
  expect(cycleAt(LABEL_WIDTH, view, 900)).toBe(0);
});

test("pages may open one or two lines, and nothing else", () => {
  const place = { file: "a.nnasm", line: 3 };
  expect(parseFromDataPage({ type: "open", places: [place, place] })).toEqual({ type: "open", places: [place, place] });
  for (const wrong of [[], [place, place, place], [{ file: "a", line: 0 }], [{ file: 1, line: 1 }], "a"]) {
    expect(parseFromDataPage({ type: "open", places: wrong })).toBeUndefined();
  }
  expect(parseFromDataPage({ type: "run" })).toBeUndefined();
});
