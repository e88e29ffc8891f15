/**
 * Sources with a cursor for tests. `|` marks the cursor and `\|` stands for the character itself; a line `#- name`
 * starts another file, and without one the text is `main.nnasm`, which is the program's entry in any case.
 */
import { assemble, parseFile } from "@nnasm/sim-core/asm";
import { type MachineConfig, PRESETS } from "@nnasm/sim-core/config";
import type { Position } from "@nnasm/sim-core/diagnostics";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import type { Snapshot } from "../analysis/snapshot.ts";

export interface Fixture extends Snapshot {
  /** Text of every file, without the marker. */
  readonly texts: ReadonlyMap<string, string>;
  readonly position: Position;
}

const MAIN = "main.nnasm";
const MARKER = /(?<!\\)\|/;

export interface FixtureOptions {
  readonly config?: MachineConfig;
  /** Contents of files for .incbin. */
  readonly binaries?: Readonly<Record<string, Uint8Array>>;
}

function files(source: string): Map<string, string> {
  const texts = new Map<string, string>();
  const parts = source.split(/^#- (.*)\r?\n/m);
  const [first = "", ...rest] = parts;
  if (rest.length === 0) texts.set(MAIN, first);
  for (let index = 0; index + 1 < rest.length; index += 2) texts.set(rest[index]!, rest[index + 1]!);
  return texts;
}

const withoutMarker = (text: string): string => text.replace(MARKER, "").replaceAll("\\|", "|");

function positionOf(text: string): Position {
  const before = text.slice(0, text.search(MARKER)).replaceAll("\\|", "|");
  const lines = before.split(/\r\n|\r|\n/);
  return { line: lines.length - 1, character: lines.at(-1)!.length };
}

/** Assembles the fixture; the snapshot is that of the file with the cursor, or of main.nnasm when there is none. */
export function fixture(source: string, { config = PRESETS.default, binaries = {} }: FixtureOptions = {}): Fixture {
  const marked = files(source);
  const name = [...marked].find(([, text]) => MARKER.test(text))?.[0] ?? MAIN;
  const texts = new Map([...marked].map(([file, text]) => [file, withoutMarker(text)]));
  const host = {
    resolve: (_from: string, relative: string) => relative,
    readText: (file: string) => texts.get(file),
    readBytes: (file: string) => binaries[file],
  };
  const assembly = assemble({ entry: MAIN, host, config, isa: BASE_ISA });
  return {
    texts,
    position: MARKER.test(marked.get(name) ?? "") ? positionOf(marked.get(name)!) : { line: 0, character: 0 },
    file: parseFile(name, texts.get(name) ?? ""),
    assembly,
    config,
    isa: BASE_ISA,
    resolve: host.resolve,
    reassemble: ({ text, ...options }) => {
      const readText = (file: string) => (file === name && text !== undefined ? text : texts.get(file));
      return assemble({ entry: MAIN, host: { ...host, readText }, config, isa: BASE_ISA, ...options });
    },
  };
}
