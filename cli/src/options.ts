/** Options that several commands have, and how values of options are read. */
import { Command, InvalidArgumentError, Option } from "commander";

export const CONFIG = "the machine's configuration; default: the nearest nnp.json above FILE";
export const DEFINE = "give a symbol a value; may be repeated";
export const SET = "lay a value over the configuration, for example nu.cip=8; may be repeated";

export const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** A whole number of at least 1; `_` and `,` between digits and forms such as 1e6 are fine. */
export function positive(value: string): number {
  const number = Number(value.replace(/[_,]/g, ""));
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError("It must be a whole number from 1 on.");
  return number;
}

function wholeUpTo(value: string, most: number): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number > most) throw new InvalidArgumentError(`It must be a whole number of 0..${most}.`);
  return number;
}

/** A share in percent, with or without digits behind the point. */
export function percentage(value: string): number {
  const number = Number(value.replace(/\s*%$/, ""));
  if (value.trim() === "" || !(number >= 0))
    throw new InvalidArgumentError("It must be a number of percent from 0 on.");
  return number;
}

export const portNumber = (value: string): number => wholeUpTo(value, 65535);
export const megabytes = (value: string): number => wholeUpTo(value, 1_000_000);

type Read<Value> = (value: string, before: Value) => Value;

const option = <Value>(flags: string, description: string, read?: Read<Value>): Option => {
  const made = new Option(flags, description);
  return read ? made.argParser(read) : made;
};

/** Of whatever assembles: the machine, and symbols. */
export const SOURCE: readonly Option[] = [
  option("-C, --config <file>", CONFIG),
  option("-D, --define <NAME=VALUE>", DEFINE, collect),
];

const WARNING = option(
  "-W, --warning <CHOICE>",
  "no-ID: leave a warning out; error or error=ID: make warnings errors; may be repeated",
  collect,
);

/** @param meaning of --warnings-as-errors */
export const warnings = (meaning = "the same as -W error"): readonly Option[] => [
  WARNING,
  option("--warnings-as-errors", meaning),
];

export const LINK: readonly Option[] = [
  option("-e, --entry <symbol>", "where execution starts, of several files; default: _start"),
  option("--gc-sections", "leave out compilers' sections that nothing refers to"),
  option("--map <file>", "write sections, symbols and constants"),
  option("--memory", "print how full each memory is"),
];

/** The machine that a program runs on, and what watches it. */
export const MACHINE: readonly Option[] = [
  option("--set <KEY=VALUE>", SET, collect),
  option(
    "--checks <LIST>",
    "what the machine watches for: race, uninitialised, overflow, masked, stack; all; none; default: race",
  ),
];

export const TRACE: readonly Option[] = [
  option("-t, --trace <file>", "write a trace: everything that happens, or a .json file for ui.perfetto.dev"),
  option(
    "--trace-filter <parts>",
    "cycles=FROM..TO, layers=1:2, units=nu:dma0, region, no-instructions, no-bursts, no-memory",
  ),
  option("--trace-limit <bytes>", "size after which events are only counted (default: 1 GiB)", positive),
];

/** @param given the option without which it says nothing */
export const recordLimit = (given: string): Option =>
  option("--record-limit <N>", `with ${given}: how many operations are recorded (200000)`, positive);

/** A command that takes options together. */
export class NnasmCommand extends Command {
  override createCommand(name?: string): NnasmCommand {
    return new NnasmCommand(name);
  }

  take(...groups: readonly (readonly Option[] | Option)[]): this {
    for (const one of groups.flat()) this.addOption(one);
    return this;
  }
}
