/**
 * Values of registers within a stretch of code, as far as they are constants that a few instructions make: enough to see
 * through `la`, `li`, `call` and `tail`. What more there is to know about values is no concern of control flow.
 */
import type { FlowInstruction } from "./model.ts";

export class Constants {
  private readonly values = new Int32Array(32);
  /** Bit n: register n is known. */
  private known = 1;

  /** Forgets everything but x0: other code may come here. */
  forget(): void {
    this.known = 1;
  }

  /** Forgets what a call may change. */
  forgetAfterCall(): void {
    // Of what the calling convention keeps (sp, gp, tp, s0..s11) nothing is forgotten.
    this.known &= KEPT;
  }

  /** Signed value of a register, or undefined. */
  get(register: number): number | undefined {
    return (this.known >>> register) & 1 ? this.values[register]! : undefined;
  }

  /** Takes an instruction's effect. */
  step({ instruction, operands, address, writes }: FlowInstruction): void {
    if (writes === 0) return;
    const [rd, second, third] = operands as [number, number, number];
    let value: number | undefined;
    switch (instruction.mnemonic) {
      case "lui":
        value = second << 12;
        break;
      case "auipc":
        value = address + (second << 12);
        break;
      case "addi":
        value = this.sum(second, third);
        break;
      case "slli": {
        const source = this.get(second);
        if (source !== undefined) value = source << third;
        break;
      }
      case "add": {
        const addend = this.get(third);
        if (addend !== undefined) value = this.sum(second, addend);
        break;
      }
    }
    this.known &= ~writes;
    if (value === undefined) return;
    this.values[rd] = value;
    this.known |= 1 << rd;
  }

  private sum(register: number, addend: number): number | undefined {
    const base = this.get(register);
    return base === undefined ? undefined : base + addend;
  }
}

const bits = (...registers: number[]): number => registers.reduce((set, register) => set | (1 << register), 0);

/** x0, sp, gp, tp, s0..s11. */
const KEPT = bits(0, 2, 3, 4, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27);
