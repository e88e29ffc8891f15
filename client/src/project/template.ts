export interface ProjectFiles {
  /** The file to open first. */
  readonly entry: string;
  /** Text by file name. */
  readonly contents: ReadonlyMap<string, string>;
}

/** The files of a new project: a program that runs as it is, the machine that it runs on, and tests that pass. */
export function projectFiles(name: string): ProjectFiles {
  const entry = "main.nnasm";
  return {
    entry,
    contents: new Map([
      [entry, program(name)],
      ["main.expected/stdout.txt", `${GREETING}\n`],
      ["tests/dot.test.nnasm", TEST],
      ["nnp.json", `${JSON.stringify({ entry, preset: "default" }, null, 2)}\n`],
    ]),
  };
}

const GREETING = "Hello from the neural-network processor";

const TEST = `# A test: nnasm test and VS Code's Test Explorer run it and check what it expects.

        .text
        .globl  _start
_start:
        la      t0, left
        la      t1, right
        li      t2, 4                   # elements
        li      s0, 0                   # sum
next:
        lb      t3, 0(t0)
        lb      t4, 0(t1)
        mul     t3, t3, t4
        add     s0, s0, t3
        addi    t0, t0, 1
        addi    t1, t1, 1
        addi    t2, t2, -1
        bnez    t2, next
        li      a0, 0                   # exit code
        li      a7, 93
        ecall

        .data
left:   .byte   1, 2, 3, 4
right:  .byte   5, 6, -7, 8

        .expect s0 == 28
        .expect left, int8, 1, 2, 3, 4
`;

const program = (name: string): string => `# ${name}: prints a greeting and ends.
# F5 debugs it; a click left of a line number sets a breakpoint. What it prints is tested: main.expected/stdout.txt.

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
        .ascii  "${GREETING}\\n"
greeting_end:
`;
