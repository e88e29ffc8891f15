/** What a run of a program can be told: faults of the machine, other endings, findings of the checks. */
import type { CheckId } from "../check/index.ts";
import type { FaultKind } from "../machine/index.ts";
import { type Example, program } from "./example.ts";
import type { Entry } from "./other-files.ts";

export type RunId = `fault-${FaultKind}` | `check-${CheckId}` | "deadlock" | "max-cycles" | "interrupted";

const fault = (explanation: string, example: Example): Entry => ({ severity: "error", explanation, example });
const finding = (explanation: string, example: Example): Entry => ({ severity: "warning", explanation, example });
const none = (why: string): Example => ({ kind: "none", why });

/** Two tensors, the second in DDR where `memory` says so, and an operation on both. */
const tensors = (operation: string, memory = "dm", dtype = "int8", channels = 16): string => `
        .tensor to, int8, 1, 8, 8, 16, in=dm
        .tensor from, ${dtype}, 1, 8, 8, ${channels}, in=${memory}
        .text
_start: td.ld   td0, to
        td.ld   td1, from
        ${operation}`;

export const RUN_ENTRIES: Readonly<Record<RunId, Entry>> = {
  "fault-instructionMisaligned": fault(
    "A jump goes to an address that is no multiple of 4. Usually a register was changed between loading the address and jumping.",
    program(
      "_start: la      t0, _start + 2\n        jr      t0",
      "_start: la      t0, next\n        jr      t0\nnext:",
    ),
  ),
  "fault-instructionAccess": fault(
    "The program went on at an address where no code can be: code runs from PM and DDR. Usually a return address or a table of functions was overwritten.",
    program(
      "_start: li      t0, 0x10000000\n        jr      t0",
      "_start: la      t0, next\n        jr      t0\nnext:",
    ),
  ),
  "fault-illegalInstruction": fault(
    "The word is no instruction of this machine, or names a register, unit or state value that doesn't exist. A word of 0 is memory without code: the program has no exit, or jumped past its end.",
    program("_start: .word   0", "_start: nop"),
  ),
  "fault-breakpoint": fault(
    "The program executed ebreak and handles no traps. The debugger stops there; elsewhere mtvec must point to a handler.",
    program("_start: ebreak", "_start: nop"),
  ),
  "fault-loadMisaligned": fault(
    'A load reads at an address that is no multiple of its size. Align the data, or set cu.misaligned to "split" in nnp.json.',
    program(
      "_start: li      a0, 0x10000001\n        lw      a1, 0(a0)",
      "_start: li      a0, 0x10000001\n        lb      a1, 0(a0)",
    ),
  ),
  "fault-loadAccess": fault(
    "A load reads where no memory is. Near address 0 the cause is a null pointer; else an index or a pointer is wrong. The memory map stands in docs/machine.md.",
    program("_start: lw      a0, 0(zero)", "_start: li      a1, 0x10000000\n        lw      a0, 0(a1)"),
  ),
  "fault-storeMisaligned": fault(
    'A store writes at an address that is no multiple of its size. Align the data, or set cu.misaligned to "split" in nnp.json.',
    program(
      "_start: li      a0, 0x10000002\n        sw      a1, 0(a0)",
      "_start: li      a0, 0x10000004\n        sw      a1, 0(a0)",
    ),
  ),
  "fault-storeAccess": fault(
    "A store writes where no memory is, or to the program memory, which only the loader writes unless cu.pmWritable is set in nnp.json.",
    program(
      "_start: la      a0, count\n        sw      a1, 0(a0)\ncount:  .word   0",
      "_start: la      a0, count\n        sw      a1, 0(a0)\n        .data\ncount:  .word   0\n        .text",
    ),
  ),
  "fault-environmentCall": fault(
    "An ecall asks the host for a service that it doesn't have: 93 in a7 exits with the code in a0, 64 writes. With mtvec set the program handles ecall itself.",
    program("_start: li      a7, 17\n        ecall", "_start: li      a7, 64\n        ecall"),
  ),
  "fault-shape": fault(
    "The tensors' shapes don't fit together. The message names the sizes; a descriptor that was never loaded has the shape 0x0x0x0.",
    program(tensors("vu.copy td0, td1", "dm", "int8", 8), tensors("vu.copy td0, td1")),
  ),
  "fault-type": fault(
    "The operation doesn't take this data type or layout. The instruction's page in docs/isa says which it takes.",
    program(tensors("vu.copy td0, td1", "dm", "int16"), tensors("vu.cast td0, td1", "dm", "int16")),
  ),
  "fault-tensorMemory": fault(
    "A tensor lies in a memory that the unit doesn't reach, leaves its memory, or is not aligned as the unit needs it. docs/machine.md says which unit reaches what.",
    program(tensors("vu.copy td0, td1", "ddr"), tensors("dma.ld  td0, td1, ch0", "ddr")),
  ),
  "fault-token": fault(
    "The number is no token that an issue gave out. Read tokens with nn.token behind the issue that they stand for.",
    program("_start: li      a0, 5\n        nn.wait a0", "_start: nn.token a0, nu\n        nn.wait a0"),
  ),
  "fault-loopRule": fault(
    "A hardware loop breaks one of its rules: too short, or its last instruction is a jump, a branch, a loop setup or a wait.",
    none('docs/machine.md, "Hardware loops", lists the rules.'),
  ),
  "fault-late": fault(
    "A unit found a mistake while it executed an operation that had been issued without one: bad data, such as an index or a compressed tile. The fault is raised where the control unit waits for the unit, and the message names the operation that was issued.",
    none('docs/machine.md, "Traps and host", says where late faults are raised.'),
  ),
  "fault-descriptor": fault(
    "A tensor descriptor holds an undefined type, or a slice leaves its tensor.",
    none('docs/machine.md, "Tensors", lists the fields.'),
  ),
  "fault-user": fault(
    "The code of an instruction of the project's own threw an exception, called fault, or gave a result that doesn't fit. The message names the place in its module.",
    none("docs/user-instructions.md says what the code may do."),
  ),
  deadlock: fault(
    "The control unit waits for an event, and nothing is under way that could bring one. On hardware the program would hang.",
    program("_start: wfi", "_start: nop"),
  ),
  "max-cycles": fault(
    "The program ran as long as --max-cycles allows. The message says where it was: an endless loop, if the number is large enough.",
    none(
      "`nnasm run --max-cycles 1e6 main.nnasm` stops a program there. A program that returns from `_start` begins anew: it ends with an exit (`li a7, 93` and `ecall`) only.",
    ),
  ),
  interrupted: fault("Ctrl-C stopped the program. The message says where it was.", none("Nothing is wrong.")),
  "check-race": finding(
    "Two accesses go to the same bytes, one of them writes, and no token, fence or answered poll puts them into an order: with other timing the result is another. Wait for the operation, or name its token in nn.after.",
    program(
      tensors("dma.ld  td0, td1, ch0\n        lw      a0, to.base", "ddr"),
      tensors("dma.ld  td0, td1, ch0\n        nn.fence dma0\n        lw      a0, to.base", "ddr"),
    ),
  ),
  "check-uninitialised": finding(
    "Bytes are read that neither the program's file nor an instruction nor a unit has written. Real memories hold anything then.",
    program(
      "        .tensor x, int8, 1, 1, 1, 4, in=dm\n        .text\n_start: lw      a0, x.base",
      "        .data\nx:      .word   0\n        .text\n_start: lw      a0, x",
    ),
  ),
  "check-overflow": finding(
    "A sum of the neural unit leaves int32 and wraps, as on the machine. Use fewer inputs for each output, or smaller values.",
    none("It takes more than 131,000 products of the largest int8 values to one output."),
  ),
  "check-masked": finding(
    "The sparsity mask leaves out a block of weights that are not zero: they don't count. Make the mask from the weights that are used.",
    none('docs/machine.md, "Arithmetic", says what a mask leaves out.'),
  ),
  "check-stack": finding(
    "A store through sp goes below the stack: below `__stack_limit`, or into the data of the program. The stack needs more room, or a function doesn't give it back.",
    program(
      "        .bss\nx:      .space  8\n        .text\n_start: la      sp, x + 4\n        sw      a0, 0(sp)",
      "_start: la      sp, __stack_top\n        addi    sp, sp, -16\n        sw      a0, 0(sp)",
    ),
  ),
};
