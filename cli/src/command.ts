/** The command line: names, options and help. What the commands do stands in `commands/`, loaded when it is needed. */
import { type Command, CommanderError } from "commander";
import type { BuildOptions } from "./commands/build.ts";
import type { CheckOptions } from "./commands/check.ts";
import type { CompareOptions } from "./commands/compare.ts";
import type { DisasmOptions } from "./commands/disasm.ts";
import type { ExplainOptions } from "./commands/explain.ts";
import type { FmtOptions } from "./commands/fmt.ts";
import type { GdbServerCommandOptions } from "./commands/gdbserver.ts";
import type { IsaOptions } from "./commands/isa.ts";
import type { LinkCommandOptions } from "./commands/link.ts";
import type { ProfileOptions } from "./commands/profile.ts";
import type { RunOptions } from "./commands/run.ts";
import type { SweepOptions } from "./commands/sweep.ts";
import type { TestOptions } from "./commands/test.ts";
import type { TraceCommandOptions } from "./commands/trace.ts";
import { DiagnosticsError, UserError } from "./errors.ts";
import { EXIT } from "./exit-codes.ts";
import { diskHost } from "./files.ts";
import type { Io } from "./io.ts";
import {
  CONFIG,
  collect,
  DEFINE,
  LINK,
  MACHINE,
  megabytes,
  NnasmCommand,
  percentage,
  portNumber,
  positive,
  recordLimit,
  SET,
  SOURCE,
  TRACE,
  warnings,
} from "./options.ts";
import { diagnosticJson, report } from "./report.ts";
import { VERSION } from "./version.ts";

const FILE = "a .nnasm source or an ELF file; a folder or nothing: the program of its nnp.json";

/** @param finish takes the exit code of a command that has one of its own */
function makeCommand(io: Io, finish: (exitCode: number) => void): Command {
  const program = new NnasmCommand("nnasm")
    .description("Assembles, runs, debugs and profiles programs of the neural-network processor NNP.")
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .configureOutput({ writeOut: (text) => io.out.write(text), writeErr: (text) => io.err.write(text) })
    .exitOverride();

  program
    .command("build")
    .description("assemble and link a program into an ELF file, or sources into objects")
    .argument(
      "[FILES...]",
      "sources, objects (.o) and libraries (.a); a folder or nothing: the program of its nnp.json",
    )
    .option("-o, --output <file>", "the file to write; default: beside the first source")
    .option("-c, --compile", "only assemble: write an object (.o) for each source")
    .take(SOURCE, warnings(), LINK)
    .option("--listing <file>", "write the sources with addresses and contents")
    .option("--json", "print the result as JSON")
    .action(async (files: readonly string[], options: BuildOptions) => {
      const { build } = await import("./commands/build.ts");
      build(io, files, options);
    });

  program
    .command("link")
    .description("link objects and libraries into an ELF file")
    .argument("<FILES...>", "objects (.o) and libraries (.a), of nnasm build -c or of GCC; sources are assembled first")
    .option("-o, --output <file>", "the ELF file to write; default: beside the first object")
    .take(SOURCE, warnings(), LINK)
    .option("--json", "print the result as JSON")
    .action(async (files: readonly string[], options: LinkCommandOptions) => {
      const { link } = await import("./commands/link.ts");
      link(io, files, options);
    });

  program
    .command("run")
    .description("run a program; its output and exit code are the command's")
    .argument("[FILE]", FILE)
    .take(SOURCE, warnings(), MACHINE)
    .option("-m, --max-cycles <N>", "stop a program that runs longer", positive)
    .take(TRACE)
    .option("--log-events <file>", "write what the units do, cycle by cycle (docs/event-log.md)")
    .option("--log-commits <file>", "write the instructions that retire, as spike --log-commits does")
    .option("-f, --functional", "without time: only the results, with --max-cycles counting instructions")
    .option("--dump-layers <dir>", "write what every layer computes as .npy files")
    .option("--compare <dir>", "compare what every layer computes with .npy files; exit code 123 when any differs")
    .option("--tolerance <N>", "with --compare: differences up to N are none", positive)
    .option("-q, --quiet", "leave out the line about cycles")
    .option("--json", "print how the run ended, and its output, as JSON")
    .option("--wait [port]", "wait until a debugger attaches, on a port of this machine (docs/debugger.md)", portNumber)
    .action(async (file: string | undefined, options: RunOptions) => {
      const { run } = await import("./commands/run.ts");
      finish(await run(io, file, options));
    });

  program
    .command("profile")
    .description("run a program and print where its cycles and MAC slots went")
    .argument("[FILE]", FILE)
    .take(SOURCE, warnings(), MACHINE)
    .option("-m, --max-cycles <N>", "stop a program that runs longer", positive)
    .take(TRACE)
    .option("-l, --lines <N>", "how many source lines to list", positive, 20)
    .option("--by <level>", "a table by region, layer, function, line or instruction instead of the report")
    .option("--metrics <LIST>", "with --by: its columns, separated by commas (docs/profile.md)")
    .option("--advice", "print what would save cycles, and how many, instead of the report (docs/advice.md)")
    .take(recordLimit("--advice"))
    .option("--html <file>", "also write a report that needs nothing but a browser")
    .option("--csv <dir>", "also write every table as a CSV file into a folder")
    .option("--json", "print the profile as JSON, which `NNASM: Open Profile...` shows")
    .action(async (file: string | undefined, options: ProfileOptions) => {
      const { profile } = await import("./commands/profile.ts");
      finish(await profile(io, file, options));
    });

  program
    .command("trace")
    .description("say what a trace file holds, or write it in the form of another tool")
    .argument("<FILE>", "a file that run --trace wrote")
    .option("--export <format>", "perfetto, kanata, cpuprofile, speedscope, callgrind, vcd, lcov or csv")
    .option("-o, --output <file>", "with --export: where to (default: stdout)")
    .option("--json", "print it as JSON")
    .action(async (file: string, options: TraceCommandOptions) => {
      const { trace } = await import("./commands/trace.ts");
      finish(trace(io, file, options));
    });

  program
    .command("sweep")
    .description("run a program on every machine of a grid, and say what bounds it there")
    .argument("[FILE]", FILE)
    .requiredOption("--set <KEY=A,B,...>", "values that a key of the configuration takes; may be repeated", collect)
    .take(SOURCE)
    .option("-m, --max-cycles <N>", "give up points that run longer", positive)
    .option("--csv [file]", "write the table as CSV; without a file instead of the table")
    .option("--json", "print the points as JSON")
    .action(async (file: string | undefined, options: SweepOptions) => {
      const { sweep } = await import("./commands/sweep.ts");
      finish(await sweep(io, file, options));
    });

  program
    .command("compare")
    .description("say what differs between two runs, and why one takes longer")
    .argument("[A]", "a trace file, a profile as JSON, or a program, which is run")
    .argument("[B]", "the same; default: A, for two machines")
    .option("-C, --config <file>", "the machine's configuration for programs on both sides")
    .option("--config-a <file>", "the configuration for A alone")
    .option("--config-b <file>", "the configuration for B alone")
    .option("--set <KEY=VALUE>", SET, collect)
    .option("--set-a <KEY=VALUE>", "the same for A alone", collect)
    .option("--set-b <KEY=VALUE>", "the same for B alone", collect)
    .option("-D, --define <NAME=VALUE>", DEFINE, collect)
    .option("-m, --max-cycles <N>", "stop programs that run longer", positive)
    .option("-l, --lines <N>", "how many rows of each table to list", positive, 15)
    .option("--fail-if-slower <PERCENT>", "exit code 123 when B takes longer by more than this", percentage)
    .option("--json", "print the comparison as JSON")
    .action(async (a: string | undefined, b: string | undefined, options: CompareOptions) => {
      const { compare } = await import("./commands/compare.ts");
      finish(await compare(io, a, b, options));
    });

  program
    .command("test")
    .description("run programs that test themselves, and say which don't do what they should")
    .argument("[FILES...]", "tests, and folders to look for tests in; default: the current folder")
    .option("-k, --filter <part>", "only tests with this in their names")
    .option("--list", "run nothing; print the tests and what they check")
    .option("--bail", "stop at the first test that fails")
    .option("--timeout <cycles>", "a test that runs longer has failed", positive, 1_000_000_000)
    .option("-j, --threads <N>", "tests that run at the same time; default: as many as there are processors", positive)
    .option("-w, --watch", "run tests again when a file changes that they depend on")
    .take(SOURCE, MACHINE)
    .option("--warnings-as-errors", "what the assembler warns of, and what checks find, is a failure")
    .option("--coverage", "print what of the sources has run")
    .option("--operands", "with the classes of operands of each instruction")
    .option("--lcov <file>", "write the coverage for lcov, genhtml and editors")
    .option("--junit <file>", "write the results as JUnit's XML")
    .option("--json", "print the results as JSON")
    .option("--stream", "print events as lines of JSON, for editors")
    .action(async (files: readonly string[], options: TestOptions) => {
      const { test } = await import("./commands/test.ts");
      finish(await test(io, files, options));
    });

  program
    .command("check")
    .description("say what is wrong or suspicious in programs, without running them")
    .argument(
      "[FILES...]",
      "sources, each a program or a part of what its nnp.json links; a folder or nothing: that program",
    )
    .take(SOURCE, warnings("make warnings errors, those of lints too"))
    .option(
      "--severity <ID=LEVEL>",
      "level of a lint: off, hint, information, warning or error; may be repeated",
      collect,
    )
    .option("--fail-on <RULES>", "run the programs; exit code 3 when these rules of advice (or any) find something")
    .option("-m, --max-cycles <N>", "with --fail-on: give up a program that runs longer", positive)
    .take(recordLimit("--fail-on"))
    .option("--json", "print what was found as JSON")
    .action(async (files: readonly string[], options: CheckOptions) => {
      const { check } = await import("./commands/check.ts");
      finish(await check(io, files, options));
    });

  program
    .command("disasm")
    .description("print a program's code")
    .argument("[FILE]", FILE)
    .option("-C, --config <file>", CONFIG)
    .option("-n, --numeric", "name registers x0..x31 instead of zero, ra, sp, ...")
    .option("--json", "print the rows as JSON")
    .action(async (file: string | undefined, options: DisasmOptions) => {
      const { disasm } = await import("./commands/disasm.ts");
      disasm(io, file, options);
    });

  program
    .command("fmt")
    .description("lay out sources in columns; nothing but blanks changes")
    .argument("[FILES...]", "sources, or folders with sources; default: the current folder")
    .option("--check", "change nothing; list files that are not laid out, with exit code 1 if there are any")
    .option("--diff", "change nothing; print what would change")
    .option("--stdin", "from standard input to standard output")
    .option("--tabs", "tabs between the columns instead of spaces")
    .option("--json", "print the files, and whether each changes, as JSON")
    .action(async (files: readonly string[], options: FmtOptions) => {
      const { fmt } = await import("./commands/fmt.ts");
      finish(fmt(io, files, options));
    });

  program
    .command("isa")
    .description(
      "print the instruction table, or one instruction with its encoding; also pseudo-instructions and directives",
    )
    .argument("[MNEMONIC]", "for example nu.conv, li or .tensor")
    .option("-C, --config <file>", "an nnp.json, for the project's own instructions; default: the nearest one")
    .option("--header", "print a C header with the project's own instructions")
    .option("-o, --output <file>", "write the header to a file")
    .option("--json", "print rows as JSON: mnemonic, opcode, mask, match, unit, operands, ...")
    .action(async (mnemonic: string | undefined, options: IsaOptions) => {
      const { isa } = await import("./commands/isa.ts");
      isa(io, mnemonic, options);
    });

  program
    .command("explain")
    .description("print what a diagnostic means, with an example; without ID: list all")
    .argument("[ID]", "what stands in brackets behind a message, for example out-of-range")
    .option("--json", "print ids, severities and pages as JSON")
    .action(async (id: string | undefined, options: ExplainOptions) => {
      const { explainDiagnostic } = await import("./commands/explain.ts");
      explainDiagnostic(io, id, options);
    });

  program
    .command("lsp")
    .description("serve the language server protocol, for editors other than VS Code")
    .option("--stdio", "on standard input and output (the only way)")
    .action(async () => {
      const { startStdio } = await import("@nnasm/server");
      startStdio();
    });

  program
    .command("dap")
    .description("serve the debug adapter protocol, for editors other than VS Code")
    .option("--stdio", "on standard input and output (the only way)")
    .option("--trust-workspace", "let programs run the code of their project's own instructions")
    .action(async ({ trustWorkspace }: { trustWorkspace?: boolean }) => {
      const { startStdio } = await import("@nnasm/debug-adapter");
      startStdio({ trustsWorkspace: trustWorkspace === true });
    });

  program
    .command("gdbserver")
    .description("serve GDB's remote protocol on this computer: gdb-multiarch, then `target remote :PORT`")
    .argument("[FILE]", FILE)
    .option("-C, --config <file>", CONFIG)
    .option("-p, --port <N>", "port on 127.0.0.1; 0: any free one, which is printed", portNumber, 0)
    .option("-f, --functional", "without time: many times faster, no cycles")
    .option("--history <MB>", "memory for going back in time; 0: no way back; default: 256", megabytes)
    .option("--stop-on-exit", "stop where the program exits, so that one can go back from there")
    .option("--once", "end with the first session")
    .option("-q, --quiet", "don't tell of clients that come and go")
    .action(async (file: string | undefined, options: GdbServerCommandOptions) => {
      const { gdbserver } = await import("./commands/gdbserver.ts");
      await gdbserver(io, file, options);
    });

  program.showHelpAfterError("Try nnasm --help.");
  for (const command of program.commands) command.showHelpAfterError(`Try nnasm ${command.name()} --help.`);
  return program;
}

/** What `run` answers instead of the codes for wrong input, so that these don't look like a program's. */
const startFailure = (args: readonly string[], code: number): number =>
  args.find((arg) => !arg.startsWith("-")) === "run" && code !== EXIT.ok ? EXIT.notStarted : code;

/** Runs the command line `args` (without node and script) and gives its exit code. */
export async function runCommandLine(io: Io, args: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.ok;
  try {
    const finish = (code: number): void => {
      exitCode = code;
    };
    await makeCommand(io, finish).parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    return startFailure(args, reportFailure(io, error, args.includes("--json")));
  }
}

/** Tells the user what went wrong; throws on what isn't the user's to mend. */
function reportFailure(io: Io, error: unknown, json: boolean): number {
  const print = (result: object): void => {
    if (json) io.out.write(`${JSON.stringify({ ok: false, ...result }, null, 2)}\n`);
  };
  // Commander has printed its message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof DiagnosticsError) {
    const { diagnostics } = error;
    print({ diagnostics: diagnostics.map(diagnosticJson) });
    report(io.err, diagnostics, diskHost(io.cwd).readText);
    return EXIT.input;
  }
  if (error instanceof UserError) {
    const { message, hint, exitCode } = error;
    print({ error: { message, hint } });
    io.err.write(`nnasm: ${io.err.colors.red("error")}: ${message}\n${hint ? `  hint: ${hint}\n` : ""}`);
    return exitCode;
  }
  throw error;
}
