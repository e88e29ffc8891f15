/** PROTOCOL.md: every request, capability and event of the protocol, with the test that shows it or the reason why not. */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ATTACHED_CAPABILITIES, CAPABILITIES } from "../src/protocol/capabilities.ts";
import { HANDLERS } from "../src/protocol/handlers/index.ts";

const here = path.dirname(fileURLToPath(import.meta.url));
const schema = readFileSync(
  path.join(
    path.dirname(createRequire(import.meta.url).resolve("@vscode/debugprotocol/package.json")),
    "lib/debugProtocol.d.ts",
  ),
  "utf8",
);

const NOT_YET: Readonly<Record<string, string>> = {
  terminateThreads: "units are parts of the machine and can't be ended one by one",
  supportsTerminateThreadsRequest: "see the request",
  supportsSingleThreadExecutionRequests: "the units and the CU are one machine with one clock",
  additionalModuleColumns: "the program is the only module",
  supportedChecksumAlgorithms: "sources are read from where they are; no checksums yet",
  supportsANSIStyling: "messages are plain text",
  continued: "the answers to the requests say it",
};

/** Names of the interfaces that extend a base, from the comment that names their wire form. */
function wireNames(base: "Request" | "Event", tag: "command" | "event"): string[] {
  const pattern = new RegExp(`interface \\w+ extends ${base} \\{\\s+// ${tag}: '([\\w]+)'`, "g");
  return [...schema.matchAll(pattern)].map((match) => match[1]!);
}

function capabilityNames(): string[] {
  const body = /\tinterface Capabilities \{([\s\S]*?)\n\t\}/.exec(schema)![1]!;
  return [...body.matchAll(/^\t\t(\w+)\?:/gm)].map((match) => match[1]!);
}

/** Test files with the text of their transcripts. */
function testTexts(): Map<string, string> {
  const texts = new Map<string, string>();
  for (const folder of [here, path.join(here, "scenarios")]) {
    for (const file of readdirSync(folder)) {
      if (/\.(test\.ts|golden\.txt)$/.test(file) && !file.startsWith("protocol-table")) {
        texts.set(path.relative(here, path.join(folder, file)), readFileSync(path.join(folder, file), "utf8"));
      }
    }
  }
  return texts;
}

const REVERSE = ["runInTerminal", "startDebugging"];
const texts = testTexts();

/** The first transcript, or else test, that holds one of the texts. */
const shownBy = (...wanted: RegExp[]): string | undefined =>
  [...texts].find(([file, text]) => file.endsWith(".txt") && wanted.some((one) => one.test(text)))?.[0] ??
  [...texts].find(([, text]) => wanted.some((one) => one.test(text)))?.[0];

const requestShown = (name: string): string | undefined =>
  shownBy(new RegExp(`^> ${name}\\b`, "m"), new RegExp(`"${name}"`), new RegExp(`\\b${name}Request\\(`));
const eventShown = (name: string): string | undefined =>
  shownBy(new RegExp(`^  \\* ${name}\\b`, "m"), new RegExp(`"${name}"`));

function table(title: string, rows: readonly (readonly [string, string])[]): string[] {
  const supported = rows.filter(([, text]) => text.startsWith("yes")).length;
  return [
    `## ${title}: ${supported} of ${rows.length}`,
    "",
    "| name | supported |",
    "| --- | --- |",
    ...rows.map(([name, text]) => `| ${name} | ${text} |`),
    "",
  ];
}

const no = (name: string): string => `no: ${NOT_YET[name] ?? "?"}`;

test("every request, capability and event is shown by a test or refused with a reason", async () => {
  const requests = wireNames("Request", "command").filter((name) => !REVERSE.includes(name));
  const events = wireNames("Event", "event");
  const capabilities = capabilityNames();
  expect([requests.length, events.length, capabilities.length].every((count) => count > 15)).toBe(true);

  const requestRows = requests.map((name): [string, string] => {
    const isHandled = name in HANDLERS && NOT_YET[name] === undefined;
    return [name, isHandled ? `yes: ${requestShown(name) ?? "NO TEST"}` : no(name)];
  });
  const own = Object.keys(HANDLERS).filter((name) => name.startsWith("nnasm/"));
  const ownRows = own.map((name): [string, string] => [name, `yes: ${requestShown(name) ?? "NO TEST"}`]);
  const capabilityRows = capabilities.map((name): [string, string] => {
    const value = (CAPABILITIES as Readonly<Record<string, unknown>>)[name];
    if (name in ATTACHED_CAPABILITIES) return [name, "yes: where a client attaches"];
    return [name, value === undefined ? no(name) : "yes"];
  });
  const eventRows = events.map((name): [string, string] => {
    const shown = NOT_YET[name] === undefined ? eventShown(name) : undefined;
    return [name, shown === undefined ? no(name) : `yes: ${shown}`];
  });

  const all = [...requestRows, ...ownRows, ...capabilityRows, ...eventRows];
  expect(all.filter(([, text]) => text.includes("NO TEST") || text.includes("no: ?"))).toEqual([]);
  const text = [
    "# The Debug Adapter Protocol in this adapter",
    "",
    "Generated by test/protocol-table.test.ts (`vitest -u` writes it): for each part of the protocol the transcript or test",
    "that shows it, or why it isn't there. The reverse requests runInTerminal and startDebugging are not used.",
    "",
    ...table("Requests", requestRows),
    ...table("Own requests", ownRows),
    ...table("Capabilities", capabilityRows),
    ...table("Events", eventRows),
  ].join("\n");
  await expect(text).toMatchFileSnapshot("../PROTOCOL.md");
});
