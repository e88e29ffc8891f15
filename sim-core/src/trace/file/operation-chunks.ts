/** Operations as bytes, in chunks; texts are written where they occur first. */
import { UNITS, type Unit } from "../../isa/index.ts";
import { lostCycles, type Operation } from "../../units/index.ts";
import { ByteWriter } from "./bytes.ts";

export class OperationChunks {
  private readonly bytes = new ByteWriter();
  private readonly mnemonics = new Map<string, number>();
  private issueCycle = 0;
  private pc = 0;

  get length(): number {
    return this.bytes.length;
  }

  /** @param endCycle -1: not known, the operation hasn't completed */
  add(unit: Unit, operation: Operation, endCycle: number): void {
    const { bytes } = this;
    const { token, pc, layer, issueCycle, startCycle, dependencies, out } = operation;
    bytes.byte(UNITS.indexOf(unit));
    this.mnemonic(operation.mnemonic);
    bytes.unsigned(token);
    bytes.signed((pc - this.pc) / 4);
    bytes.unsigned(layer);
    bytes.signed(issueCycle - this.issueCycle);
    // 0: it hasn't started, or hasn't ended.
    bytes.unsigned(startCycle < 0 ? 0 : startCycle - issueCycle + 1);
    bytes.unsigned(endCycle < 0 || startCycle < 0 ? 0 : endCycle - startCycle + 1);
    bytes.unsigned(dependencies.length);
    for (const dependency of dependencies) bytes.unsigned(dependency);
    for (const size of [out.n, out.h, out.w, out.c]) bytes.unsigned(size);
    bytes.unsigned(out.base);
    const lost = lostCycles(operation);
    bytes.unsigned(lost.length);
    for (const { unit: winner, cycles } of lost) {
      bytes.byte(UNITS.indexOf(winner));
      bytes.unsigned(cycles);
    }
    this.issueCycle = issueCycle;
    this.pc = pc;
  }

  take(): Uint8Array {
    // Every chunk can be read by itself but for the texts.
    this.issueCycle = 0;
    this.pc = 0;
    return this.bytes.take();
  }

  private mnemonic(text: string): void {
    const known = this.mnemonics.get(text);
    if (known !== undefined) {
      this.bytes.unsigned(known + 1);
      return;
    }
    this.mnemonics.set(text, this.mnemonics.size);
    this.bytes.unsigned(0);
    this.bytes.text(text);
  }
}
