export interface ProjectFiles {
  /** The file to open first. */
  readonly entry: string;
  /** Text by file name. */
  readonly contents: ReadonlyMap<string, string>;
}

/** The files of a new project: a program that runs as it is, and the machine that it runs on. */
export function projectFiles(name: string): ProjectFiles {
  const entry = "main.nnasm";
  return {
    entry,
    contents: new Map([
      [entry, program(name)],
      ["nnp.json", `${JSON.stringify({ entry, preset: "default" }, null, 2)}\n`],
    ]),
  };
}

const program = (name: string): string => `# ${name}: prints a greeting and ends.
# F5 debugs it; a click left of a line number sets a breakpoint.

        .equ    SYS_WRITE, 64
        .equ    SYS_EXIT, 93

        .text
        .globl  _start
_start:
        li      a0, 1                   # file descriptor of the console
        la      a1, greeting
        li      a2, greeting_end - greeting
        li      a7, SYS_WRITE
        ecall
        li      a0, 0                   # exit code
        li      a7, SYS_EXIT
        ecall

        .data
greeting:
        .ascii  "Hello from the neural-network processor\\n"
greeting_end:
`;
