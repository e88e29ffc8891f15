export { bandwidthChart } from "./bandwidth.ts";
export { tableCsv } from "./csv.ts";
export { flameChart } from "./flame.ts";
export { reportHtml, summaryLines } from "./html.ts";
export { rooflineChart } from "./roofline.ts";
export { escaped } from "./svg.ts";
export { levelTable, type ReportColumn, type ReportRow, type ReportTable, reportTables } from "./tables.ts";
export { type WaterfallStep, waterfallChart, waterfallSteps } from "./waterfall.ts";
