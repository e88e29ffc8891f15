/** Exit codes of the commands, as docs/cli.md lists them. */
export const EXIT = {
  ok: 0,
  /** What the user gave has errors: source, configuration, ELF file, an unknown mnemonic. */
  input: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** `check --fail-on`: a rule of advice has found what must not be. */
  advice: 3,
  /** A mistake in nnasm itself (EX_SOFTWARE). */
  internal: 70,
  /** `run`: what the program computed is not what .expect or --compare wants. */
  differs: 123,
  /** `run`: stopped by --max-cycles (the number that `timeout` uses). */
  maxCycles: 124,
  /** `run`: the program could not be started; `input` and `usage` of the other commands. */
  notStarted: 125,
  /** `run`: a machine fault that the program doesn't handle. */
  fault: 126,
  /** `run`: the program waits for something that can never happen. */
  deadlock: 127,
  /** Stopped with Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
