/** .debug_frame: how to come from a function to its caller (DWARF 5, section 6.4). */
import { ByteReader, Corrupt } from "./bytes.ts";

/** Where the value lies that a register had in the caller. */
export type RegisterRule =
  | { readonly kind: "same" | "undefined" }
  /** In memory, so far from the canonical frame address. */
  | { readonly kind: "offset"; readonly offset: number }
  /** It is the canonical frame address and so much. */
  | { readonly kind: "valueOffset"; readonly offset: number }
  | { readonly kind: "register"; readonly register: number }
  /** The expression gives the address where it lies, or the value itself. */
  | { readonly kind: "expression" | "valueExpression"; readonly expression: Uint8Array };

export interface FrameRow {
  /** The canonical frame address: a register and so much, or an expression. */
  readonly cfa: { readonly register: number; readonly offset: number } | { readonly expression: Uint8Array };
  readonly rules: ReadonlyMap<number, RegisterRule>;
  /** The register that holds the address to return to. */
  readonly returnRegister: number;
}

interface CommonInformation {
  readonly codeFactor: number;
  readonly dataFactor: number;
  readonly returnRegister: number;
  readonly program: ByteReader;
}

interface Description {
  readonly low: number;
  readonly high: number;
  readonly common: CommonInformation;
  readonly start: number;
  readonly end: number;
}

export class CallFrames {
  private readonly bytes: Uint8Array;
  private readonly descriptions: readonly Description[];

  /** @throws Corrupt */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.descriptions = readDescriptions(bytes);
  }

  /** How to leave the function at an address; undefined where nothing says it, or nothing that can be read. */
  rowAt(address: number): FrameRow | undefined {
    try {
      return this.row(address);
    } catch (error) {
      if (error instanceof Corrupt) return undefined;
      throw error;
    }
  }

  private row(address: number): FrameRow | undefined {
    const description = this.descriptions.find(({ low, high }) => address >= low && address < high);
    if (!description) return undefined;
    const { common, low, start, end } = description;
    const state = new RowState(common);
    const begin = common.program.at;
    state.run(common.program, 0, Number.POSITIVE_INFINITY);
    common.program.at = begin;
    state.initial = new Map(state.rules);
    state.run(new ByteReader(this.bytes, WHAT, start, end), low, address);
    const { cfa, rules } = state;
    return cfa && { cfa, rules, returnRegister: common.returnRegister };
  }
}

const WHAT = "the call frames of the debug information";
const COMMON = 0xffffffff;

function readDescriptions(bytes: Uint8Array): Description[] {
  const reader = new ByteReader(bytes, WHAT);
  const commons = new Map<number, CommonInformation | undefined>();
  const descriptions: Description[] = [];
  while (!reader.done) {
    const begin = reader.at;
    const length = reader.u32();
    if (length >= 0xfffffff0) throw new Corrupt("64-bit DWARF is not read", begin);
    const end = reader.at + length;
    const entry = new ByteReader(bytes, WHAT, reader.at, end);
    reader.skip(length);
    if (length === 0) continue;
    const id = entry.u32();
    if (id === COMMON) commons.set(begin, readCommon(bytes, entry));
    else {
      const common = commons.get(id);
      const low = entry.u32();
      const high = low + entry.u32();
      if (common) descriptions.push({ low, high, common, start: entry.at, end });
    }
  }
  return descriptions;
}

/** Undefined for augmented ones, whose fields aren't known. */
function readCommon(bytes: Uint8Array, entry: ByteReader): CommonInformation | undefined {
  const version = entry.u8();
  const augmentation = entry.text();
  if (augmentation !== "" || ![1, 3, 4].includes(version)) return undefined;
  if (version === 4) entry.skip(2); // sizes of addresses and of segments
  const codeFactor = entry.uleb();
  const dataFactor = entry.sleb();
  const returnRegister = version === 1 ? entry.u8() : entry.uleb();
  return { codeFactor, dataFactor, returnRegister, program: new ByteReader(bytes, WHAT, entry.at, entry.end) };
}

/** Runs the instructions of a frame's description up to an address. */
class RowState {
  cfa: FrameRow["cfa"] | undefined;
  rules = new Map<number, RegisterRule>();
  initial: ReadonlyMap<number, RegisterRule> = new Map();
  private readonly common: CommonInformation;
  private readonly remembered: { cfa: FrameRow["cfa"] | undefined; rules: Map<number, RegisterRule> }[] = [];

  constructor(common: CommonInformation) {
    this.common = common;
  }

  run(reader: ByteReader, low: number, address: number): void {
    const { codeFactor, dataFactor } = this.common;
    let at = low;
    while (!reader.done) {
      const byte = reader.u8();
      const operand = byte & 0x3f;
      switch (byte >> 6) {
        case 1:
          at += operand * codeFactor;
          break;
        case 2:
          this.rules.set(operand, { kind: "offset", offset: reader.uleb() * dataFactor });
          break;
        case 3:
          this.restore(operand);
          break;
        default:
          at = this.extended(operand, reader, at);
      }
      if (at > address) return;
    }
  }

  private restore(register: number): void {
    const rule = this.initial.get(register);
    if (rule) this.rules.set(register, rule);
    else this.rules.delete(register);
  }

  private get base(): { register: number; offset: number } {
    return this.cfa && "register" in this.cfa ? this.cfa : { register: 2, offset: 0 };
  }

  /** @returns the address from which on the next rules hold */
  private extended(operation: number, reader: ByteReader, at: number): number {
    const { codeFactor, dataFactor } = this.common;
    switch (operation) {
      case 0x00: // nop
        break;
      case 0x01: // set_loc
        return reader.u32();
      case 0x02:
        return at + reader.u8() * codeFactor;
      case 0x03:
        return at + reader.u16() * codeFactor;
      case 0x04:
        return at + reader.u32() * codeFactor;
      case 0x05: // offset_extended
        this.rules.set(reader.uleb(), { kind: "offset", offset: reader.uleb() * dataFactor });
        break;
      case 0x06: // restore_extended
        this.restore(reader.uleb());
        break;
      case 0x07:
        this.rules.set(reader.uleb(), { kind: "undefined" });
        break;
      case 0x08:
        this.rules.set(reader.uleb(), { kind: "same" });
        break;
      case 0x09:
        this.rules.set(reader.uleb(), { kind: "register", register: reader.uleb() });
        break;
      case 0x0a: // remember_state
        this.remembered.push({ cfa: this.cfa, rules: new Map(this.rules) });
        break;
      case 0x0b: {
        const state = this.remembered.pop();
        if (!state) throw new Corrupt(`${WHAT} restore what was never remembered`, reader.at);
        this.cfa = state.cfa;
        this.rules = state.rules;
        break;
      }
      case 0x0c: // def_cfa
        this.cfa = { register: reader.uleb(), offset: reader.uleb() };
        break;
      case 0x0d: // def_cfa_register
        this.cfa = { register: reader.uleb(), offset: this.base.offset };
        break;
      case 0x0e: // def_cfa_offset
        this.cfa = { register: this.base.register, offset: reader.uleb() };
        break;
      case 0x0f: // def_cfa_expression
        this.cfa = { expression: reader.take(reader.uleb()) };
        break;
      case 0x10: // expression
        this.rules.set(reader.uleb(), { kind: "expression", expression: reader.take(reader.uleb()) });
        break;
      case 0x11: // offset_extended_sf
        this.rules.set(reader.uleb(), { kind: "offset", offset: reader.sleb() * dataFactor });
        break;
      case 0x12: // def_cfa_sf
        this.cfa = { register: reader.uleb(), offset: reader.sleb() * dataFactor };
        break;
      case 0x13: // def_cfa_offset_sf
        this.cfa = { register: this.base.register, offset: reader.sleb() * dataFactor };
        break;
      case 0x14: // val_offset
        this.rules.set(reader.uleb(), { kind: "valueOffset", offset: reader.uleb() * dataFactor });
        break;
      case 0x15: // val_offset_sf
        this.rules.set(reader.uleb(), { kind: "valueOffset", offset: reader.sleb() * dataFactor });
        break;
      case 0x16: // val_expression
        this.rules.set(reader.uleb(), { kind: "valueExpression", expression: reader.take(reader.uleb()) });
        break;
      case 0x2e: // GNU_args_size
        reader.uleb();
        break;
      default:
        throw new Corrupt(`${WHAT} hold an unknown instruction ${operation}`, reader.at);
    }
    return at;
  }
}
