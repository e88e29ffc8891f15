/** The race detector as a listener of the machine: which instructions race, with one example of each pair. */
import { DM_BASE, type MachineConfig } from "../config/index.ts";
import { UNITS, type Unit } from "../isa/index.ts";
import { hex } from "../machine/index.ts";
import {
  type AccessKind,
  type AccessObserver,
  footprintOf,
  type Operation,
  operationNumber,
  tokenUnit,
} from "../units/index.ts";
import type { Check } from "./check.ts";
import { type Finding, Findings, type FindingsState } from "./finding.ts";
import { type OperationNumber, type Race, type RaceAccess, RaceDetector, type RaceDetectorState } from "./race.ts";

/** One side of a race, by the instruction that makes or issued the access. */
interface RaceSide {
  readonly pc: number;
  readonly unit: Unit;
  /** Mnemonic of the operation; `load` or `store` for the CU's own accesses. */
  readonly what: string;
  readonly kind: AccessKind;
  /** What the bytes are to the operation: `input`, `weights`, `output`, ... */
  readonly role: string;
}

/** The check in a snapshot. */
interface RaceCheckState {
  readonly detector: RaceDetectorState;
  readonly issuedNumber: readonly number[];
  readonly names: readonly (readonly [number, string])[];
  readonly findings: FindingsState;
}

interface RacingPair {
  readonly firstRole: string;
  readonly pc: number;
  readonly secondRole: string;
  readonly finding: Finding;
}

export class RaceCheck implements Check, AccessObserver {
  readonly listener = {
    issued: (unit: Unit, operation: Operation) => this.issued(unit, operation),
    awaited: (token: number) => this.awaited(token),
  };
  /** The part of DM that no operation under way touches. */
  readonly quiet: { start: number; end: number };

  private readonly config: MachineConfig;
  private readonly found: Findings;
  private readonly detector: RaceDetector;
  /** Findings by the first instruction's address. */
  private readonly pairs = new Map<number, RacingPair[]>();
  /** Per unit, how many operations were issued, and mnemonics of those that may still race. */
  private readonly issuedNumber: number[] = UNITS.map(() => 0);
  private readonly names = new Map<number, string>();
  private cycle = 0;

  /** @param found called the first time that a pair of instructions races */
  constructor(config: MachineConfig, found: (finding: Finding) => void) {
    this.config = config;
    this.found = new Findings(found);
    this.quiet = { start: 0, end: config.dm.bytes };
    this.detector = new RaceDetector(UNITS.length, (race) => this.add(race));
  }

  /** In the order in which they were found. */
  get findings(): readonly Finding[] {
    return this.found.all;
  }

  get omissions(): readonly string[] {
    const { forgotten } = this.detector;
    if (forgotten === 0) return this.found.omissions;
    const text = `${forgotten} operations that the CU never waited for were forgotten; races with them may be missed`;
    return [...this.found.omissions, text];
  }

  private issued(unit: Unit, operation: Operation): void {
    const index = UNITS.indexOf(unit);
    const { token, mnemonic, pc, dependencies, issueCycle } = operation;
    const number = operationNumber(token, this.issuedNumber[index]! + 1);
    this.issuedNumber[index] = number;
    this.cycle = issueCycle;
    const footprint = footprintOf(operation, this.config);
    this.names.set(nameKey(index, number), mnemonic);
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

  private awaited(token: number): void {
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
      findings: this.found.capture(),
    };
  }

  restore(captured: unknown): void {
    const state = captured as RaceCheckState;
    this.detector.restore(state.detector);
    this.issuedNumber.splice(0, this.issuedNumber.length, ...state.issuedNumber);
    this.names.clear();
    for (const [key, name] of state.names) this.names.set(key, name);
    this.found.restore(state.findings);
    this.pairs.clear();
    this.findQuiet();
  }

  /** The larger part of DM, below or above all that operations under way touch there. */
  private findQuiet(): void {
    const { bytes } = this.config.dm;
    const extent = this.detector.extentWithin(DM_BASE, DM_BASE + bytes);
    const low = extent.low - DM_BASE;
    const high = extent.high - DM_BASE;
    const below = low >= bytes - high;
    this.quiet.start = below ? 0 : high;
    this.quiet.end = below ? low : bytes;
  }

  private numberOf(token: number): OperationNumber {
    const unit = tokenUnit(token);
    return { unit, sequence: operationNumber(token, this.issuedNumber[unit]!) };
  }

  private add(race: Race): void {
    const known = this.pairOf(race.first, race.second);
    if (known) {
      known.count++;
      return;
    }
    const first = this.sideOf(race.first);
    const second = this.sideOf(race.second);
    const key = `${first.pc} ${first.role} ${second.pc} ${second.role}`;
    if (!this.found.isKnown(key)) this.tell(race, first, second, key);
    const finding = this.found.get(key);
    if (!finding) return;
    const pairs = this.pairs.get(first.pc) ?? [];
    pairs.push({ firstRole: first.role, pc: second.pc, secondRole: second.role, finding });
    this.pairs.set(first.pc, pairs);
  }

  /** What was found of two instructions before; programs that never wait race thousands of times. */
  private pairOf(first: RaceAccess, second: RaceAccess): Finding | undefined {
    const pairs = this.pairs.get(first.pc);
    if (!pairs) return undefined;
    for (const pair of pairs) {
      if (pair.pc === second.pc && pair.firstRole === first.role && pair.secondRole === second.role) {
        return pair.finding;
      }
    }
    return undefined;
  }

  private tell(race: Race, first: RaceSide, second: RaceSide, key: string): void {
    const { address, bytes } = race;
    const verb = ({ kind }: RaceSide) => (kind === "write" ? "writes" : "reads");
    this.found.add(key, {
      id: "race",
      message: `${second.what} ${verb(second)} ${bytesText(bytes)} at ${hex(address)} (${second.role}) that ${first.what} ${verb(first)} (${first.role}), and nothing orders the two`,
      hint: race.second.early
        ? "declared weights (nu.prefetch) are read from the issue on: wait for their transfer with nn.wait before the issue"
        : `put nn.wait or nn.fence for ${first.unit}'s operation${second.unit === "cu" ? "" : ", or nn.after with its token,"} between them`,
      pc: second.pc,
      related: [{ pc: first.pc, message: `${first.what} ${verb(first)} them here` }],
      address,
      bytes,
      cycle: this.cycle,
    });
  }

  private sideOf({ unit, sequence, pc, write, role }: RaceAccess): RaceSide {
    const kind = write ? "write" : "read";
    if (unit === "cu") return { pc, unit: "cu", what: `a ${role}`, kind, role };
    return { pc, unit: UNITS[unit]!, what: this.names.get(nameKey(unit, sequence)) ?? "", kind, role };
  }

  /** Names of operations that can't race any more. */
  private forgetNames(): void {
    if (this.names.size < 4096) return;
    for (const key of this.names.keys()) {
      if (!this.detector.remembers(Math.floor(key / NAME_UNIT), key % NAME_UNIT)) this.names.delete(key);
    }
  }
}

const bytesText = (bytes: number): string => (bytes === 1 ? "a byte" : `${bytes} bytes`);

const NAME_UNIT = 2 ** 45;
const nameKey = (unit: number, sequence: number): number => unit * NAME_UNIT + sequence;
