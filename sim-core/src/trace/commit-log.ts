/**
 * The control unit's instructions in the form of spike's commit log (`spike --log-commits`), for comparing with an RTL
 * model or another simulator: one line for each instruction that has retired, with what it wrote and where it accessed
 * memory. Instructions that trap have no line; what other units do has none either.
 *
 *     core   0: 3 0x00000100 (0x00700513) x10 0x00000007
 *     core   0: 3 0x00000104 (0x00a5a023) mem 0x10000000 0x00000007
 */
import type { Simulator } from "../engine/index.ts";
import { csrName, type Instruction } from "../isa/index.ts";
import { hex } from "../machine/index.ts";
import { type AccessKind, type CuListener, readCsr } from "../units/index.ts";

const MRET_CSR = 0x300;
/** Largest single access of a scalar instruction: longer ones (descriptors, host calls) show their address alone. */
const WORD_BYTES = 4;

interface MemoryAccess {
  readonly kind: AccessKind;
  readonly address: number;
  readonly bytes: number;
}

/** Give it to `Simulator.setListener`. */
export class CommitLog implements CuListener {
  private readonly simulator: Simulator;
  private readonly write: (line: string) => void;
  private accesses: MemoryAccess[] = [];

  /** @param write gets each line, without a line end */
  constructor(simulator: Simulator, write: (line: string) => void) {
    this.simulator = simulator;
    this.write = write;
  }

  accessed(kind: AccessKind, address: number, bytes: number): void {
    this.accesses.push({ kind, address, bytes });
  }

  /** What the trapping instruction had accessed before is not committed. */
  trapped(): void {
    this.accesses = [];
  }

  retired(pc: number, word: number): void {
    const instruction = this.simulator.isa.decode(word);
    const parts = [
      `core   0: 3 ${hex(pc)} (${hex(word)})`,
      this.register(instruction, word),
      this.csr(instruction, word),
    ];
    this.write([...parts, ...this.accesses.map((access) => this.memory(access))].filter(Boolean).join(" "));
    this.accesses = [];
  }

  private register(instruction: Instruction | undefined, word: number): string {
    const writes = instruction?.row.operands.some(
      (operand) => operand.type === "x" && operand.field === "rd" && operand.access !== "read",
    );
    const number = (word >>> 7) & 31;
    if (!writes || number === 0) return "";
    return `${`x${number}`.padEnd(3)} ${hex(this.simulator.state.x[number]!)}`;
  }

  /** Values are those that the instruction has left: counters have gone on by then. */
  private csr(instruction: Instruction | undefined, word: number): string {
    const mnemonic = instruction?.mnemonic ?? "";
    const isAccess = instruction?.row.family === "zicsr";
    const writes = mnemonic.startsWith("csrrw") || ((word >>> 15) & 31) !== 0;
    const number = mnemonic === "mret" ? MRET_CSR : isAccess && writes ? word >>> 20 : undefined;
    if (number === undefined) return "";
    const { state } = this.simulator;
    return `c${number}_${csrName(number)} ${hex(readCsr(state, number, state.cycle, word))}`;
  }

  private memory({ kind, address, bytes }: MemoryAccess): string {
    const isStore = kind === "write" && bytes <= WORD_BYTES;
    const value = isStore ? this.simulator.memories.readUnsigned(address, bytes) : 0;
    return `mem ${hex(address)}${isStore ? ` 0x${value.toString(16).padStart(bytes * 2, "0")}` : ""}`;
  }
}
