/** Tables as CSV (RFC 4180), with numbers as they are. */
import type { ReportTable } from "./tables.ts";

export function tableCsv({ columns, rows }: ReportTable): string {
  const lines = [
    [...columns.map(({ id }) => id), "file", "line", "address"],
    ...rows.map(({ cells, place }) => [...cells, place?.file ?? "", place?.line ?? "", place?.address ?? ""]),
  ];
  return lines.map((cells) => `${cells.map(cell).join(",")}\r\n`).join("");
}

function cell(value: string | number): string {
  if (typeof value === "number") return Number.isNaN(value) ? "" : String(value);
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
