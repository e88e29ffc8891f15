/**
 * The language server's part of `npm run bench` by itself, for files of any length:
 *
 *   npx tsx server/bench/latency.ts [--lines 10000] [--rounds 50] [--json]
 */
import { parseArgs } from "node:util";
import { benchLanguageServer, languageServerLines } from "./language-server.ts";

const { values } = parseArgs({
  options: {
    lines: { type: "string", default: "10000" },
    rounds: { type: "string", default: "50" },
    json: { type: "boolean", default: false },
  },
});
const [lines, rounds] = [Number(values.lines), Number(values.rounds)];
if (!(lines > 0 && rounds > 0)) throw new Error("--lines and --rounds are numbers above 0");
// A package imports nothing from outside of its folder but when it runs.
const { integerLoop } = (await import(new URL("../../bench/calibration.ts", import.meta.url).href)) as {
  integerLoop: () => void;
};
const result = await benchLanguageServer(lines, rounds, integerLoop);
console.log(values.json ? JSON.stringify(result, null, 2) : languageServerLines(result).join("\n"));
