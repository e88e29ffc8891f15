/** What a launch of ours means, apart from VS Code: pure, so that the rules can be tested without an editor. */

/** Attributes of a launch configuration of type `nnasm`; package.json describes them to the user. */
export interface LaunchAttributes {
  readonly program?: string;
  readonly config?: string;
  readonly cwd?: string;
  readonly stopOnEntry?: boolean;
  readonly profile?: boolean;
  readonly maxCycles?: number;
  readonly stopOnExit?: boolean;
  readonly mode?: "cycle" | "functional";
  readonly checks?: readonly string[];
  readonly historyMegabytes?: number;
  readonly consoleCycles?: boolean;
  readonly load?: Readonly<Record<string, string>>;
  readonly expect?: Readonly<Record<string, string>>;
  readonly args?: readonly (string | number)[];
  /** Of a program that waits: `nnasm run --wait` prints it. */
  readonly port?: number;
}

/** A configuration as VS Code hands it over: `{}` when F5 is pressed without a launch.json. */
export interface RawLaunch extends LaunchAttributes {
  readonly type?: string;
  readonly request?: string;
  readonly name?: string;
}

/** Where a debugger attaches to. */
export interface CompleteAttach extends LaunchAttributes {
  readonly type: "nnasm";
  readonly request: "attach";
  readonly name: string;
  readonly port: number;
}

export interface CompleteLaunch extends LaunchAttributes {
  readonly type: "nnasm";
  readonly request: "launch";
  readonly name: string;
  readonly program: string;
}

export type LaunchProblem = { readonly problem: string };

/**
 * Fills in what a configuration leaves open.
 * @param entryFile absolute path of the program that the open file belongs to, or undefined when none is open
 * @param folder absolute path of the workspace folder, which relative names are meant from
 */
export function completeLaunch(
  raw: RawLaunch,
  entryFile: string | undefined,
  folder?: string,
): CompleteLaunch | CompleteAttach | LaunchProblem {
  if (raw.request === "attach") return completeAttach(raw);
  if (raw.request !== undefined && raw.request !== "launch") {
    return { problem: `"request" must be "launch" or "attach", not "${raw.request}".` };
  }
  const program = raw.program ?? entryFile;
  if (program === undefined || program.trim() === "") {
    return { problem: 'Open a .nnasm file, or name one in the launch configuration\'s "program".' };
  }
  const cwd = raw.cwd ?? folder;
  return {
    ...raw,
    type: "nnasm",
    request: "launch",
    name: raw.name || launchName("Debug", program),
    program,
    ...(cwd === undefined ? {} : { cwd }),
  };
}

function completeAttach(raw: RawLaunch): CompleteAttach | LaunchProblem {
  const { port } = raw;
  if (port === undefined || !Number.isInteger(port) || port < 1 || port > 65535) {
    return { problem: 'Start a program with "nnasm run --wait", and give the port that it prints as "port".' };
  }
  return { ...raw, type: "nnasm", request: "attach", name: raw.name || `Attach to port ${port}`, port };
}

/** For example `Debug fashion.nnasm`. */
export function launchName(verb: "Run" | "Debug" | "Profile", program: string): string {
  return `${verb} ${program.split(/[\\/]/).at(-1) ?? program}`;
}
