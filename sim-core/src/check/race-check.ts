/** The race detector as a listener of the machine: which instructions race, with one example of each pair. */
import { DM_BASE, type MachineConfig } from "../config/index.ts";
import { UNITS, type Unit } from "../isa/index.ts";
import { hex } from "../machine/index.ts";
import {
  type AccessKind,
  type AccessObserver,
  type CuListener,
  footprintOf,
  type Operation,
  type OperationListener,
  operationNumber,
  tokenUnit,
} from "../units/index.ts";
import { type OperationNumber, type Race, type RaceAccess, RaceDetector, type RaceDetectorState } from "./race.ts";

/** One side of a race, by the instruction that makes or issued the access. */
export interface RaceSide {
  readonly pc: number;
  readonly unit: Unit;
  /** Mnemonic of the operation; `load` or `store` for the CU's own accesses. */
  readonly what: string;
  readonly kind: AccessKind;
  /** What the bytes are to the operation: `input`, `weights`, `output`, ... */
  readonly role: string;
  /** The operation's token, 0 for the CU. */
  readonly token: number;
}

export interface RaceFinding {
  readonly id: "race";
  readonly message: string;
  readonly hint: string;
  readonly first: RaceSide;
  readonly second: RaceSide;
  /** The first bytes that both touch, the first time. */
  readonly address: number;
  readonly bytes: number;
  /** Cycle of the second access's instruction, the first time. */
  readonly cycle: number;
  /** How many times the pair of instructions raced. */
  count: number;
}

/** Pairs of instructions that are told apart; more help nobody. */
export const MAX_RACES = 200;

/** The check in a snapshot. */
export interface RaceCheckState {
  readonly detector: RaceDetectorState;
  readonly issuedNumber: readonly number[];
  readonly names: readonly (readonly [number, OperationName])[];
  readonly findings: readonly RaceFinding[];
}

interface OperationName {
  readonly mnemonic: string;
  readonly token: number;
}

export class RaceCheck implements OperationListener, CuListener, AccessObserver {
  /** The part of DM that no operation under way touches. */
  readonly quiet: { start: number; end: number };

  private readonly config: MachineConfig;
  private readonly found: ((finding: RaceFinding) => void) | undefined;
  private readonly detector: RaceDetector;
  private readonly byPlace = new Map<string, RaceFinding>();
  /** Per unit, how many operations were issued, and mnemonics and tokens of those that may still race. */
  private readonly issuedNumber: number[] = UNITS.map(() => 0);
  private readonly names = new Map<number, OperationName>();
  private cycle = 0;

  /** @param found called the first time that a pair of instructions races */
  constructor(config: MachineConfig, found?: (finding: RaceFinding) => void) {
    this.config = config;
    this.found = found;
    this.quiet = { start: 0, end: config.dm.bytes };
    this.detector = new RaceDetector(UNITS.length, (race) => this.add(race));
  }

  /** In the order in which they were found. */
  get findings(): readonly RaceFinding[] {
    return [...this.byPlace.values()];
  }

  /** Operations that the detector had to forget: it may have missed races with them. */
  get forgotten(): number {
    return this.detector.forgotten;
  }

  issued(unit: Unit, operation: Operation): void {
    const index = UNITS.indexOf(unit);
    const { token, mnemonic, pc, dependencies, issueCycle } = operation;
    const number = operationNumber(token, this.issuedNumber[index]! + 1);
    this.issuedNumber[index] = number;
    this.cycle = issueCycle;
    const footprint = footprintOf(operation, this.config);
    this.names.set(nameKey(index, number), { mnemonic, token });
    this.detector.issued(
      index,
      number,
      pc,
      dependencies.map((dependency) => this.numberOf(dependency)),
      footprint,
    );
    this.forgetNames();
    this.findQuiet();
  }

  awaited(token: number): void {
    this.detector.awaited(this.numberOf(token));
    this.findQuiet();
  }

  accessed(kind: AccessKind, address: number, bytes: number, pc: number, cycle: number): void {
    if (!this.detector.active) return;
    this.cycle = cycle;
    this.detector.accessed(pc, address, bytes, kind === "write");
  }

  capture(): RaceCheckState {
    return {
      detector: this.detector.capture(),
      issuedNumber: [...this.issuedNumber],
      names: [...this.names],
      findings: this.findings.map((finding) => ({ ...finding })),
    };
  }

  restore(state: RaceCheckState): void {
    this.detector.restore(state.detector);
    this.issuedNumber.splice(0, this.issuedNumber.length, ...state.issuedNumber);
    this.names.clear();
    for (const [key, name] of state.names) this.names.set(key, name);
    this.byPlace.clear();
    for (const finding of state.findings) this.byPlace.set(keyOf(finding), { ...finding });
    this.findQuiet();
  }

  /** The larger part of DM, below or above all that operations under way touch there. */
  private findQuiet(): void {
    const { bytes } = this.config.dm;
    let low = bytes;
    let high = 0;
    for (const set of this.detector.touched()) {
      if (set.high <= DM_BASE || set.low >= DM_BASE + bytes) continue;
      low = Math.min(low, set.low - DM_BASE);
      high = Math.max(high, set.high - DM_BASE);
    }
    const below = low >= bytes - high;
    this.quiet.start = below ? 0 : high;
    this.quiet.end = below ? low : bytes;
  }

  private numberOf(token: number): OperationNumber {
    const unit = tokenUnit(token);
    return { unit, sequence: operationNumber(token, this.issuedNumber[unit]!) };
  }

  private add(race: Race): void {
    const first = this.sideOf(race.first);
    const second = this.sideOf(race.second);
    const key = keyOf({ first, second });
    const known = this.byPlace.get(key);
    if (known) {
      known.count++;
      return;
    }
    if (this.byPlace.size >= MAX_RACES) return;
    const { address, bytes } = race;
    const verb = ({ kind }: RaceSide) => (kind === "write" ? "writes" : "reads");
    const finding: RaceFinding = {
      id: "race",
      message: `${second.what} ${verb(second)} ${bytesText(bytes)} at ${hex(address)} (${second.role}) that ${first.what} ${verb(first)} (${first.role}), and nothing orders the two`,
      hint: race.second.early
        ? "declared weights (nu.prefetch) are read from the issue on: wait for their transfer with nn.wait before the issue"
        : `put nn.wait or nn.fence for ${first.unit}'s operation${second.unit === "cu" ? "" : ", or nn.after with its token,"} between them`,
      first,
      second,
      address,
      bytes,
      cycle: this.cycle,
      count: 1,
    };
    this.byPlace.set(key, finding);
    this.found?.(finding);
  }

  private sideOf({ unit, sequence, pc, write, role }: RaceAccess): RaceSide {
    const kind = write ? "write" : "read";
    if (unit === "cu") return { pc, unit: "cu", what: `a ${role}`, kind, role, token: 0 };
    const { mnemonic = "", token = 0 } = this.names.get(nameKey(unit, sequence)) ?? {};
    return { pc, unit: UNITS[unit]!, what: mnemonic, kind, role, token };
  }

  /** Names of operations that can't race any more. */
  private forgetNames(): void {
    if (this.names.size < 4096) return;
    for (const key of this.names.keys()) {
      if (!this.detector.remembers(Math.floor(key / NAME_UNIT), key % NAME_UNIT)) this.names.delete(key);
    }
  }
}

const keyOf = ({ first, second }: Pick<RaceFinding, "first" | "second">): string =>
  `${first.pc} ${first.role} ${second.pc} ${second.role}`;

const bytesText = (bytes: number): string => (bytes === 1 ? "a byte" : `${bytes} bytes`);

const NAME_UNIT = 2 ** 45;
const nameKey = (unit: number, sequence: number): number => unit * NAME_UNIT + sequence;
