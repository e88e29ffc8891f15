/**
 * What is known of the registers: enough to see which memory an access goes to, how often a loop runs and whose token a wait
 * is for. A value is a kind and a number.
 */
import { DDR_BASE, DM_BASE, type MachineConfig, MMIO_BASE, PM_BASE, WM_BASE } from "../config/index.ts";
import type { FlowInstruction } from "../flow/index.ts";
import { Op } from "../units/index.ts";
import type { Columns } from "./columns.ts";

export enum Known {
  /** Nothing. */
  none,
  /** The number. */
  constant,
  /** An address in or just beside a memory: its index in `Places`, and in bits 3 to 5 its last two bits where they are known. */
  near,
  /** A number at most so far from 0. */
  small,
  /** The same, and a multiple of 4. */
  words,
  /** The token of the last operation that was issued to a unit: the unit's number. */
  token,
}

/** Kinds of x0..x31, then their numbers. */
export type Registers = Int32Array;

const REGISTERS = 32;
/** How far `near` may be from a memory, and the largest `small`; memories lie farther apart. */
const REACH = 1 << 20;
const RESIDUE_KNOWN = 8;

/** Memories by index, as far as accesses to them differ in time. */
export const PLACES = ["pm", "dm", "wm", "mmio", "ddr"] as const;
export type Place = (typeof PLACES)[number];

export class Places {
  private readonly starts: readonly number[] = [PM_BASE, DM_BASE, WM_BASE, MMIO_BASE, DDR_BASE];
  private readonly ends: readonly number[];

  constructor({ pm, dm, wm, ddr }: MachineConfig) {
    this.ends = [PM_BASE + pm.bytes, DM_BASE + dm.bytes, WM_BASE + wm.bytes, MMIO_BASE + 16, DDR_BASE + ddr.bytes];
  }

  /** Index of the memory that holds an address, or whose end it is; -1 for none. */
  of(address: number): number {
    for (let place = PLACES.length - 1; place >= 0; place--) {
      if (address >= this.starts[place]!) return address <= this.ends[place]! ? place : -1;
    }
    return -1;
  }

  /** Whether addresses near a memory can't lie in another one. */
  isApart(place: number): boolean {
    const next = this.starts[place + 1] ?? Number.POSITIVE_INFINITY;
    return this.ends[place]! + REACH * 2 < next;
  }
}

export function unknownRegisters(): Registers {
  const registers = new Int32Array(2 * REGISTERS);
  registers[0] = Known.constant;
  return registers;
}

/** As reset leaves them. */
export const zeroRegisters = (): Registers => new Int32Array(2 * REGISTERS).fill(Known.constant, 0, REGISTERS);

/** Registers of which something is known, each with its kind and number: for keeping. */
export function packed(registers: Registers): number[] {
  const known: number[] = [];
  for (let register = 1; register < REGISTERS; register++) {
    if (registers[register] === Known.none) continue;
    known.push(register, registers[register]!, registers[REGISTERS + register]!);
  }
  return known;
}

export function unpack(known: readonly number[], registers: Registers): void {
  registers.fill(0);
  registers[0] = Known.constant;
  for (let at = 0; at < known.length; at += 3) {
    setKnown(registers, known[at]!, known[at + 1]!, known[at + 2]!);
  }
}

export const kindOf = (registers: Registers, register: number): Known => registers[register]!;
export const numberOf = (registers: Registers, register: number): number => registers[REGISTERS + register]!;

export function setKnown(registers: Registers, register: number, kind: Known, number: number): void {
  if (register === 0) return;
  registers[register] = kind;
  registers[REGISTERS + register] = kind === Known.none ? 0 : number;
}

/** Joins `other` into `registers`; true when that has changed it. */
export function join(registers: Registers, other: Registers, places: Places): boolean {
  let changed = false;
  for (let register = 1; register < REGISTERS; register++) {
    const kind = registers[register]!;
    if (kind === Known.none) continue;
    const number = registers[REGISTERS + register]!;
    const otherKind = other[register]!;
    const otherNumber = other[REGISTERS + register]!;
    if (kind === otherKind && number === otherNumber) continue;
    joinOne(kind, number, otherKind, otherNumber, places);
    if (resultKind === kind && resultNumber === number) continue;
    setKnown(registers, register, resultKind, resultNumber);
    changed = true;
  }
  return changed;
}

// Results of the functions below: they run for every instruction, and allocate nothing.
let resultKind: Known = Known.none;
let resultNumber = 0;

function give(kind: Known, number: number): void {
  resultKind = kind;
  resultNumber = number;
}

const bound = (kind: Known, number: number): number =>
  kind === Known.constant ? Math.abs(number) : kind === Known.small || kind === Known.words ? number : REACH + 1;
const isWords = (kind: Known, number: number): boolean =>
  kind === Known.words || (kind === Known.constant && (number & 3) === 0);

/** Gives a number that is at most so far from 0; bounds grow by leaps, so that loops come to an end. */
function giveSmall(limit: number, words: boolean): void {
  if (limit > REACH) give(Known.none, 0);
  else give(words ? Known.words : Known.small, limit);
}

const near = (place: number, residue: number): number =>
  residue < 0 ? place : place | RESIDUE_KNOWN | ((residue & 3) << 4);

/** Index of the memory that a value is an address of, -1 for none. */
function placeOf(kind: Known, number: number, places: Places): number {
  if (kind === Known.near) return number & 7;
  const place = kind === Known.constant ? places.of(number >>> 0) : -1;
  return place >= 0 && places.isApart(place) ? place : -1;
}

/** Last two bits of an address, -1 where they aren't known. */
function residueOf(kind: Known, number: number): number {
  if (kind === Known.constant) return number & 3;
  return kind === Known.near && (number & RESIDUE_KNOWN) !== 0 ? (number >>> 4) & 3 : -1;
}

/** Gives the memory of an address in code: where exactly it lies changes with every edit in front of it. */
function giveNear(address: number, places: Places): void {
  const place = places.of(address >>> 0);
  if (place >= 0 && places.isApart(place)) give(Known.near, near(place, address & 3));
  else give(Known.none, 0);
}

/** Forgets the exact value of a register that holds half an address, which has served its purpose. */
export function forgetHalf(registers: Registers, register: number, places: Places): void {
  if (registers[register] !== Known.constant) return;
  giveNear(registers[REGISTERS + register]!, places);
  setKnown(registers, register, resultKind, resultNumber);
}

function joinOne(kind: Known, number: number, otherKind: Known, otherNumber: number, places: Places): void {
  const limit = Math.max(bound(kind, number), bound(otherKind, otherNumber));
  const place = placeOf(kind, number, places);
  // Small numbers are addresses in PM, too; more can be said of them as numbers.
  if (place > 0 && place === placeOf(otherKind, otherNumber, places)) {
    const residue = residueOf(kind, number);
    give(Known.near, near(place, residue === residueOf(otherKind, otherNumber) ? residue : -1));
    return;
  }
  if (limit > REACH) {
    give(Known.none, 0);
    return;
  }
  const leap = limit <= 1 << 8 ? 1 << 8 : limit <= 1 << 16 ? 1 << 16 : REACH;
  giveSmall(leap, isWords(kind, number) && isWords(otherKind, otherNumber));
}

function giveSum(kind: Known, number: number, otherKind: Known, otherNumber: number, places: Places): void {
  if (kind === Known.constant && otherKind === Known.constant) {
    give(Known.constant, (number + otherNumber) | 0);
    return;
  }
  if (kind === Known.near || (kind === Known.constant && otherKind !== Known.near)) {
    const limit = bound(otherKind, otherNumber);
    const place = limit <= REACH ? placeOf(kind, number, places) : -1;
    if (place >= 0 && (kind === Known.near || place > 0)) {
      const residue = residueOf(kind, number);
      const known = residue >= 0 && (isWords(otherKind, otherNumber) || otherKind === Known.constant);
      give(Known.near, near(place, known ? residue + (otherKind === Known.constant ? otherNumber : 0) : -1));
      return;
    }
  }
  if (otherKind === Known.near || (otherKind === Known.constant && placeOf(otherKind, otherNumber, places) > 0)) {
    if (kind === Known.small || kind === Known.words || kind === Known.constant)
      giveSum(otherKind, otherNumber, kind, number, places);
    return;
  }
  giveSmall(
    bound(kind, number) + bound(otherKind, otherNumber),
    isWords(kind, number) && isWords(otherKind, otherNumber),
  );
}

/** Takes the effect of the instruction at `index`. */
export function step(
  registers: Registers,
  { op, target }: Columns,
  { operands, address, instruction }: FlowInstruction,
  index: number,
  places: Places,
): void {
  const rd = target[index]!;
  if (rd === 0) return;
  const a = operands[1]!;
  const b = operands[2]!;
  resultKind = Known.none;
  resultNumber = 0;
  switch (op[index]) {
    case Op.LUI:
      give(Known.constant, a << 12);
      break;
    case Op.AUIPC:
      give(Known.constant, (address + (a << 12)) | 0);
      break;
    case Op.JAL:
    case Op.JALR:
      giveNear(address + 4, places);
      break;
    case Op.ADDI:
      giveSum(registers[a]!, registers[REGISTERS + a]!, Known.constant, b, places);
      // A copy is the same, whatever it is.
      if (b === 0) give(registers[a]!, registers[REGISTERS + a]!);
      break;
    case Op.ADD:
      giveSum(registers[a]!, registers[REGISTERS + a]!, registers[b]!, registers[REGISTERS + b]!, places);
      if (a === 0) give(registers[b]!, registers[REGISTERS + b]!);
      if (b === 0) give(registers[a]!, registers[REGISTERS + a]!);
      break;
    case Op.SUB:
      if (registers[b] === Known.constant) {
        giveSum(registers[a]!, registers[REGISTERS + a]!, Known.constant, -registers[REGISTERS + b]! | 0, places);
      } else if (registers[b] === Known.small || registers[b] === Known.words) {
        giveSum(registers[a]!, registers[REGISTERS + a]!, registers[b]!, registers[REGISTERS + b]!, places);
      }
      break;
    case Op.SLTI:
    case Op.SLTIU:
    case Op.SLT:
    case Op.SLTU:
      give(Known.small, 1);
      break;
    case Op.LBU:
    case Op.LB:
      give(Known.small, 255);
      break;
    case Op.LHU:
    case Op.LH:
      give(Known.small, 65535);
      break;
    case Op.XORI:
    case Op.ORI:
    case Op.ANDI:
    case Op.SLLI:
    case Op.SRLI:
    case Op.SRAI:
      immediate(op[index]!, registers[a]!, registers[REGISTERS + a]!, b);
      break;
    case Op.AND:
    case Op.OR:
    case Op.XOR:
    case Op.SLL:
    case Op.SRL:
    case Op.SRA:
    case Op.MUL:
      if (registers[a] === Known.constant && registers[b] === Known.constant) {
        give(Known.constant, constantResult(op[index]!, registers[REGISTERS + a]!, registers[REGISTERS + b]!));
      } else if (op[index] === Op.MUL) {
        const product =
          bound(registers[a]!, registers[REGISTERS + a]!) * bound(registers[b]!, registers[REGISTERS + b]!);
        giveSmall(
          product,
          isWords(registers[a]!, registers[REGISTERS + a]!) || isWords(registers[b]!, registers[REGISTERS + b]!),
        );
      }
      break;
    default:
      if (instruction.mnemonic === "nn.token") give(Known.token, a);
      break;
  }
  setKnown(registers, rd, resultKind, resultNumber);
}

function immediate(op: Op, kind: Known, number: number, b: number): void {
  if (kind === Known.constant) {
    give(Known.constant, constantResult(op, number, b));
    return;
  }
  const limit = bound(kind, number);
  switch (op) {
    case Op.ANDI:
      if (b >= 0) give(Known.small, b);
      // Rounding an address down, as for the stack.
      else if (kind === Known.near) give(Known.near, near(number & 7, (b & 3) === 0 ? 0 : -1));
      else giveSmall(limit + 2048, false);
      break;
    case Op.SLLI:
      giveSmall(limit * 2 ** b, b >= 2 || kind === Known.words);
      break;
    case Op.SRLI:
      giveSmall(2 ** (32 - b), false);
      break;
    case Op.SRAI:
      giveSmall(Math.min(limit, 2 ** (31 - b)), false);
      break;
    default:
      break;
  }
}

function constantResult(op: Op, a: number, b: number): number {
  switch (op) {
    case Op.XORI:
    case Op.XOR:
      return a ^ b;
    case Op.ORI:
    case Op.OR:
      return a | b;
    case Op.ANDI:
    case Op.AND:
      return a & b;
    case Op.SLLI:
    case Op.SLL:
      return a << b;
    case Op.SRLI:
    case Op.SRL:
      return (a >>> b) | 0;
    case Op.MUL:
      return Math.imul(a, b);
    default:
      return a >> b;
  }
}

/** Where an access goes. */
export interface AccessPlace {
  /** Index in PLACES, -1 when it isn't known. */
  readonly place: number;
  /** Last two bits of the address, -1 when they aren't known. */
  readonly residue: number;
}

export function accessPlace(registers: Registers, base: number, offset: number, places: Places): AccessPlace {
  giveSum(registers[base]!, registers[REGISTERS + base]!, Known.constant, offset, places);
  const place =
    resultKind === Known.constant ? places.of(resultNumber >>> 0) : placeOf(resultKind, resultNumber, places);
  return { place, residue: residueOf(resultKind, resultNumber) };
}

/** Forgets tokens of units that are issued to. */
export function forgetTokens(registers: Registers, units: number): void {
  for (let register = 1; register < REGISTERS; register++) {
    if (registers[register] === Known.token && (units >>> registers[REGISTERS + register]!) & 1) {
      setKnown(registers, register, Known.none, 0);
    }
  }
}
