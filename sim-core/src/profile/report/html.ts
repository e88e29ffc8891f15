/** A profile as one HTML file that needs no network: the panel's views as pictures and tables. */
import { type Metric, metricOf } from "../metrics.ts";
import type { Profile } from "../model.ts";
import { bytesText, countText, metricText, percentText, timeText } from "../numbers.ts";
import { MEMORY_LEVELS } from "../roofline.ts";
import { profileTable } from "../tree.ts";
import { bandwidthChart } from "./bandwidth.ts";
import { flameChart } from "./flame.ts";
import { rooflineChart } from "./roofline.ts";
import { REPORT_STYLE } from "./style.ts";
import { escaped } from "./svg.ts";
import { levelTable, type ReportTable, reportTables } from "./tables.ts";
import { waterfallChart } from "./waterfall.ts";

/** Columns of tables by level: what fits on a page. CSV files have all. */
const SHOWN = ["cycles", "retired", "cpi", "stalls", "waits", "nuTime", "macUse", "idle", "ddr", "conflicts"];
/** Rows of a table; of longer ones the costliest. */
const MOST_ROWS = 200;

export function reportHtml(profile: Profile, program: string): string {
  const tables = new Map(reportTables(profile).map((table) => [table.id, table]));
  const plain = (id: string): string => tableHtml(tables.get(id)!, profile);
  const metrics = SHOWN.map(metricOf).filter((one): one is Metric => one !== undefined);
  const layers = profileTable(profile, "layer").filter(({ sums }) =>
    Object.values(sums.slots).some((slots) => slots > 0),
  );
  const sections: readonly (readonly [title: string, html: string])[] = [
    ["MAC slots", waterfallChart("the program", profile.total.slots) + plain("mac-slots")],
    [
      "MAC slots by layer",
      layers.map(({ name, sums }) => `<h3>${escaped(name)}</h3>${waterfallChart(name, sums.slots)}`).join(""),
    ],
    ["Roofline", MEMORY_LEVELS.map((level) => rooflineChart(profile, level)).join("")],
    ["DDR over time", bandwidthChart(profile, false)],
    ["Call paths", flameChart(profile) + plain("call-paths")],
    ["Control unit", plain("control-unit")],
    ...(["region", "layer", "function", "line", "instruction"] as const).map((level) => {
      const table = levelTable(profile, level, metrics);
      return [table.title, tableHtml(table, profile)] as const;
    }),
    ["Waits", plain("waits")],
    ["Data memory", `${plain("banks")}${plain("bank-conflicts")}`],
    ["Other units", plain("units")],
  ];
  const title = `Profile of ${program}`;
  const nav = sections.map(([name], index) => `<a href="#s${index}">${escaped(name)}</a>`).join(" ");
  const body = sections.map(
    ([name, html], index) => `<section id="s${index}"><h2>${escaped(name)}</h2>${html}</section>`,
  );
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<ul class="summary">${summaryLines(profile)
    .map((line) => `<li>${escaped(line)}</li>`)
    .join("")}</ul>
<nav aria-label="Sections">${nav}</nav>
${body.join("\n")}
</body>
</html>
`;
}

/** Facts about the whole run. */
export function summaryLines(profile: Profile): string[] {
  const { cycles, clockMHz, retired, regionCycles, array, total, totalSlots, dm } = profile;
  const { cip, cop, cores } = array;
  const lost = dm.conflicts.reduce((sum, one) => sum + one.cycles, 0);
  const [worst] = dm.conflicts;
  const pair =
    worst &&
    (worst.loser === worst.winner
      ? `${worst.loser.toUpperCase()} by its own accesses`
      : `${worst.loser.toUpperCase()} to ${worst.winner.toUpperCase()}`);
  return [
    `${countText(cycles)} cycles (${timeText(cycles, clockMHz)} at ${clockMHz} MHz)`,
    ...(regionCycles > 0
      ? [`${countText(regionCycles)} cycles in the region of nn.prof (${percentText(regionCycles / (cycles || 1))})`]
      : []),
    `${countText(retired)} instructions`,
    `${percentText(total.slots.useful / (totalSlots || 1))} of ${cores === 1 ? "" : `${cores} × `}${cip} × ${cop} MACs used`,
    `${bytesText(total.ddrReadBytes + total.ddrWriteBytes)} over DDR`,
    ...(pair === undefined ? [] : [`${countText(lost)} cycles lost over banks, most: ${pair}`]),
  ];
}

function tableHtml(table: ReportTable, profile: Profile): string {
  const { title, columns, rows } = table;
  const cost = columns.findIndex(({ id }) => id === "share");
  const long = rows.length > MOST_ROWS && cost >= 0;
  const shown = long
    ? rows.toSorted((a, b) => Number(b.cells[cost]) - Number(a.cells[cost])).slice(0, MOST_ROWS)
    : rows;
  const cells = (row: ReportTable["rows"][number]): string =>
    row.cells
      .map((value, index) => {
        const { unit } = columns[index]!;
        if (typeof value === "string" || unit === undefined) {
          const where =
            row.place?.file === undefined ? "" : ` title="${escaped(`${row.place.file}:${row.place.line}`)}"`;
          return index === 0
            ? `<th scope="row"${where}>${escaped(String(value))}</th>`
            : `<td>${escaped(String(value))}</td>`;
        }
        return `<td class="number">${metricText({ unit }, value)}</td>`;
      })
      .join("");
  const head = columns.map(
    ({ title: name, unit }) => `<th scope="col"${unit ? ' class="number"' : ""}>${escaped(name)}</th>`,
  );
  const note = long
    ? `<p>The costliest ${MOST_ROWS} of ${countText(rows.length)}; the others are in the CSV files.</p>`
    : "";
  if (rows.length === 0) return `<p>${escaped(title)}: none in ${countText(profile.cycles)} cycles.</p>`;
  return `<table><caption>${escaped(title)}</caption><thead><tr>${head.join("")}</tr></thead><tbody>${shown
    .map((row) => `<tr>${cells(row)}</tr>`)
    .join("")}</tbody></table>${note}`;
}
