/** Checks what a program's `.expect` directives say against the machine that runs it. Reads only. */
import { DTYPE, elementAt, elementBytes, hex } from "../machine/index.ts";
import type { Program, ProgramExpectation, ProgramTensor } from "../program/index.ts";
import type { Simulator, Stop } from "./simulator.ts";

/** An expectation that doesn't hold. */
export interface ExpectationFailure {
  readonly expectation: ProgramExpectation;
  /** Names the first value that differs, what it is and what it should be. */
  readonly message: string;
  /** Cycle at which it was found. */
  readonly cycle: number;
  /** Absent where nothing could be compared: a label that was never reached, memory that isn't there. */
  readonly difference?: ExpectationDifference;
}

/** Values that are not the expected ones. */
export interface ExpectationDifference {
  /** The first element that differs: its index, for tensors n, h, w, c, and nothing for registers. */
  readonly element: readonly number[];
  readonly actual: number;
  readonly expected: number;
  /** How many differ. */
  readonly differing: number;
  /** All values as they were, of the first failure of each expectation: it may fail in a loop. */
  readonly values?: Int32Array;
}

/**
 * Follows a run: `run` does it all. Who has breakpoints of its own calls `arrive` when the CU stands before the instruction
 * at one of `addresses` (a breakpoint there costs no cycle), and `finish` when the program has exited.
 */
export class ExpectationChecker {
  /** Addresses at which something is to be checked. */
  readonly addresses: ReadonlySet<number>;
  readonly failures: ExpectationFailure[] = [];
  /** Checks made so far. */
  checked = 0;
  private readonly program: Program;
  private readonly simulator: Simulator;
  /** Cycle at which each address was reached first. */
  private readonly reached = new Map<number, number>();
  private finished = false;
  /** The instruction that has been come to last: it may wait for many cycles. */
  private passed = { pc: -1, retired: -1 };

  constructor(simulator: Simulator) {
    this.simulator = simulator;
    this.program = simulator.program;
    this.addresses = new Set(this.program.expectations.flatMap(({ at }) => at?.address ?? []));
  }

  /** Runs the machine and checks on the way, and at the exit. */
  run(options: { readonly untilCycle?: number } = {}): Exclude<Stop, { reason: "breakpoint" }> {
    for (const address of this.addresses) this.simulator.setBreakpoint(address);
    const { state } = this.simulator;
    for (;;) {
      const passBreakpoint = this.passed.pc === state.pc && this.passed.retired === state.retired;
      const stop = this.simulator.run({ ...options, passBreakpoint });
      if (stop.reason !== "breakpoint") {
        if (stop.reason === "exit") this.finish();
        return stop as Exclude<Stop, { reason: "breakpoint" }>;
      }
      this.arrive(state.pc);
    }
  }

  /** @returns what doesn't hold at the address; nothing when told so of the same instruction before */
  arrive(address: number): readonly ExpectationFailure[] {
    const { retired } = this.simulator.state;
    if (this.passed.pc === address && this.passed.retired === retired) return [];
    this.passed = { pc: address, retired };
    if (!this.reached.has(address)) this.reached.set(address, this.simulator.state.cycle);
    return this.check(this.program.expectations.filter(({ at }) => at?.address === address));
  }

  /** @returns what doesn't hold now that the program has exited, and what was to be checked where the CU never came */
  finish(): readonly ExpectationFailure[] {
    if (this.finished) return [];
    this.finished = true;
    const found = [...this.check(this.program.expectations.filter(({ at }) => !at))];
    for (const expectation of this.program.expectations) {
      const { at, name } = expectation;
      if (!at || this.reached.has(at.address)) continue;
      found.push(this.fail(expectation, `\`${name}\` was not checked: the program never came to \`${at.name}\``));
    }
    return found;
  }

  /**
   * The machine was taken back to where it had been before: what is checked again counts once.
   * @param lasts how far what was found stays true; absent: all of it, because the machine will come the same way again
   */
  wentBack(lasts = Number.POSITIVE_INFINITY): void {
    this.finished = false;
    this.passed = { pc: -1, retired: -1 };
    const kept = this.failures.filter(({ cycle }) => cycle <= lasts);
    this.failures.splice(0, this.failures.length, ...kept);
    for (const [address, cycle] of this.reached) if (cycle > lasts) this.reached.delete(address);
  }

  private check(expectations: readonly ProgramExpectation[]): ExpectationFailure[] {
    const found: ExpectationFailure[] = [];
    for (const expectation of expectations) {
      this.checked++;
      const different = differenceOf(this.simulator, expectation);
      if (typeof different === "string") found.push(this.fail(expectation, different));
      else if (different) found.push(this.fail(expectation, messageOf(expectation, different), different));
    }
    return found;
  }

  private fail(
    expectation: ProgramExpectation,
    message: string,
    different?: ExpectationDifference,
  ): ExpectationFailure {
    const { values, ...rest } = different ?? {};
    const isFirst = !this.failures.some((known) => known.expectation === expectation);
    const difference = different && isFirst ? different : (rest as ExpectationDifference);
    const failure = {
      expectation,
      message,
      cycle: this.simulator.state.cycle,
      ...(different ? { difference } : {}),
    };
    const isKnown = this.failures.some((known) => known.expectation === expectation && known.cycle === failure.cycle);
    if (!isKnown) this.failures.push(failure);
    return failure;
  }
}

/** What is different, or why nothing could be compared; undefined when everything is as expected. */
function differenceOf(
  simulator: Simulator,
  { name, place, values }: ProgramExpectation,
): ExpectationDifference | string | undefined {
  switch (place.kind) {
    case "register":
      return compare(
        values,
        () => simulator.state.x[place.register]!,
        () => [],
      );
    case "memory": {
      const { address, dtype } = place;
      const read = reader(simulator, address, elementBytes(DTYPE[dtype], values.length), DTYPE[dtype]);
      if (!read) return outside(name, address);
      return compare(
        values,
        (index) => read(0, index),
        (index) => [index],
      );
    }
    case "tensor": {
      const tensor = simulator.program.tensors.find(
        ({ descriptorAddress }) => descriptorAddress === place.descriptorAddress,
      );
      if (!tensor) return `\`${name}\` has no descriptor in the program`;
      return compareTensor(simulator, name, tensor, values);
    }
  }
}

function messageOf(
  { name, place, values }: ProgramExpectation,
  { element, actual, expected, differing }: ExpectationDifference,
): string {
  if (place.kind === "register") return `\`${name}\` is ${wordText(actual)}, expected ${wordText(expected)}`;
  const more = values.length === 1 ? "" : `; ${differing} of ${values.length} elements differ`;
  return `\`${name}[${element.join(", ")}]\` is ${actual}, expected ${expected}${more}`;
}

const wordText = (value: number): string => `${value} (${hex(value >>> 0)})`;

const outside = (name: string, address: number): string =>
  `\`${name}\` at ${hex(address)} doesn't lie within one memory`;

/** Reads elements of a range: byte offset of the row, index in it. */
function reader(
  simulator: Simulator,
  address: number,
  bytes: number,
  dtype: number,
): ((offset: number, index: number) => number) | undefined {
  const held = bytes === 0 ? new Uint8Array(0) : simulator.readMemory(address, bytes);
  if (!held) return undefined;
  const view = { u8: held, i8: new Int8Array(held.buffer, held.byteOffset, held.length) };
  return (offset, index) => elementAt(view, offset, index, dtype);
}

function compareTensor(
  simulator: Simulator,
  name: string,
  { base, dims, strides, dtype }: ProgramTensor,
  values: Int32Array,
): ExpectationDifference | string | undefined {
  const code = DTYPE[dtype];
  const [n, h, w, c] = dims;
  const [sn, sh, sw, sc] = strides;
  // Elements below a byte lie side by side, whatever their stride says.
  const isPacked = code >= DTYPE.int4;
  const rowBytes = isPacked ? elementBytes(code, c) : (c - 1) * sc + elementBytes(code, 1);
  const steps = [(n - 1) * sn, (h - 1) * sh, (w - 1) * sw];
  if (steps.some((step) => step < 0) || sc < 0) return `\`${name}\` has negative strides, which are not checked`;
  const bytes = steps.reduce((sum, step) => sum + step, rowBytes);
  const read = reader(simulator, base, bytes, code);
  if (!read) return outside(name, base);
  const coordinates = (index: number): [number, number, number, number] => {
    const row = Math.floor(index / c);
    return [Math.floor(row / (w * h)), Math.floor(row / w) % h, row % w, index % c];
  };
  const actual = (index: number): number => {
    const [i, j, k, l] = coordinates(index);
    const row = i * sn + j * sh + k * sw;
    return isPacked ? read(row, l) : read(row + l * sc, 0);
  };
  return compare(values, actual, coordinates);
}

function compare(
  values: Int32Array,
  actual: (index: number) => number,
  elementOf: (index: number) => readonly number[],
): ExpectationDifference | undefined {
  let first = -1;
  let differing = 0;
  for (let index = 0; index < values.length; index++) {
    if (actual(index) === values[index]) continue;
    if (differing++ === 0) first = index;
  }
  if (differing === 0) return undefined;
  const found = values.map((_, index) => actual(index));
  return { element: elementOf(first), actual: found[first]!, expected: values[first]!, differing, values: found };
}
