/** Operations as comma-separated values (RFC 4180). */
import type { Trace } from "../file/index.ts";
import { TraceNames } from "./names.ts";

const COLUMNS = [
  "unit",
  "operation",
  "token",
  "issue",
  "start",
  "end",
  "layer",
  "source",
  "pc",
  "n",
  "h",
  "w",
  "c",
  "base",
];

const quoted = (value: string | number): string =>
  typeof value === "string" && /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : String(value);

/** Cycles that aren't known are empty. */
export function* operationsCsv({ header, operations }: Trace): Generator<string> {
  const names = new TraceNames(header);
  yield `${COLUMNS.join(",")}\r\n`;
  for (let i = 0; i < operations.count; i++) {
    const known = (cycle: number): number | string => (cycle < 0 ? "" : cycle);
    const row = [
      header.units[operations.unit.at(i)]!,
      operations.mnemonics[operations.mnemonic.at(i)]!,
      operations.token.at(i),
      operations.issue.at(i),
      known(operations.start.at(i)),
      known(operations.end.at(i)),
      names.layer(operations.layer.at(i)),
      names.placeText(operations.pc.at(i)),
      operations.pc.at(i),
      ...operations.shape.values.subarray(4 * i, 4 * i + 4),
      operations.base.at(i),
    ];
    yield `${row.map(quoted).join(",")}\r\n`;
  }
}
