/** Fills in what depends on addresses, by the formulas of the RISC-V psABI, chapter "Relocations". */
import { R_RISCV, relocationName } from "../object/index.ts";
import type { LinkRelocation, LinkSection } from "./input.ts";

/** Why a relocation can't be applied. */
export type RelocationProblem =
  | { readonly kind: "range"; readonly distance: number; readonly min: number; readonly max: number }
  | { readonly kind: "misaligned"; readonly distance: number }
  | { readonly kind: "unsupported"; readonly detail: string; readonly hint: string }
  | { readonly kind: "broken"; readonly detail: string };

export interface RelocationHost {
  /** Value of symbol and addend as an unsigned number, or undefined where it has none (which the host has reported). */
  target(relocation: LinkRelocation, section: LinkSection): number | undefined;
  problem(section: LinkSection, relocation: LinkRelocation, problem: RelocationProblem): void;
}

/** Bytes that a relocation changes; those that aren't here change none. */
const WIDTHS: Readonly<Record<number, number>> = {
  [R_RISCV[32]]: 4,
  [R_RISCV["32_PCREL"]]: 4,
  [R_RISCV.BRANCH]: 4,
  [R_RISCV.JAL]: 4,
  [R_RISCV.CALL]: 8,
  [R_RISCV.CALL_PLT]: 8,
  [R_RISCV.PCREL_HI20]: 4,
  [R_RISCV.PCREL_LO12_I]: 4,
  [R_RISCV.PCREL_LO12_S]: 4,
  [R_RISCV.HI20]: 4,
  [R_RISCV.LO12_I]: 4,
  [R_RISCV.LO12_S]: 4,
  [R_RISCV.ADD8]: 1,
  [R_RISCV.ADD16]: 2,
  [R_RISCV.ADD32]: 4,
  [R_RISCV.ADD64]: 8,
  [R_RISCV.SUB8]: 1,
  [R_RISCV.SUB16]: 2,
  [R_RISCV.SUB32]: 4,
  [R_RISCV.SUB64]: 8,
  [R_RISCV.SUB6]: 1,
  [R_RISCV.SET6]: 1,
  [R_RISCV.SET8]: 1,
  [R_RISCV.SET16]: 2,
  [R_RISCV.SET32]: 4,
  [R_RISCV.SET_ULEB128]: 1,
  [R_RISCV.SUB_ULEB128]: 1,
};

/** They ask for nothing more than what is done anyway: no code is relaxed, alignments are cut before (align.ts). */
const SILENT: ReadonlySet<number> = new Set([R_RISCV.NONE, R_RISCV.RELAX, R_RISCV.ALIGN]);

/** Applies a section's relocations to its contents. */
export function relocateSection(section: LinkSection, host: RelocationHost): void {
  if (section.relocations.length > 0) new Relocator(section, host).run();
}

class Relocator {
  private readonly section: LinkSection;
  private readonly host: RelocationHost;
  private readonly view: DataView;
  /** The numbers of SET_ULEB128 that a SUB_ULEB128 at the same place completes. */
  private readonly pending = new Map<number, number>();

  constructor(section: LinkSection, host: RelocationHost) {
    this.section = section;
    this.host = host;
    const { buffer, byteOffset, byteLength } = section.contents;
    this.view = new DataView(buffer, byteOffset, byteLength);
  }

  run(): void {
    for (const relocation of this.section.relocations) {
      const { type, offset } = relocation;
      if (SILENT.has(type)) continue;
      const width = WIDTHS[type];
      if (width === undefined) this.problem(relocation, unsupported(type));
      else if (offset + width > this.view.byteLength) {
        const detail = `${relocationName(type)} lies beyond the section's contents`;
        this.problem(relocation, { kind: "broken", detail });
      } else this.apply(relocation);
    }
  }

  private problem(relocation: LinkRelocation, problem: RelocationProblem): void {
    this.host.problem(this.section, relocation, problem);
  }

  private apply(relocation: LinkRelocation): void {
    const { type, offset } = relocation;
    if (type === R_RISCV.PCREL_LO12_I || type === R_RISCV.PCREL_LO12_S) {
      this.pcrelLow(relocation);
      return;
    }
    const value = this.host.target(relocation, this.section);
    if (value === undefined) return;
    const { view } = this;
    const distance = (value - (this.section.address + offset)) | 0;
    switch (type) {
      case R_RISCV[32]:
      case R_RISCV.SET32:
        view.setUint32(offset, value, true);
        return;
      case R_RISCV["32_PCREL"]:
        view.setInt32(offset, distance, true);
        return;
      case R_RISCV.BRANCH:
        if (this.reaches(relocation, distance, 4096)) this.insert(offset, 0x01fff07f, branchBits(distance));
        return;
      case R_RISCV.JAL:
        if (this.reaches(relocation, distance, 1 << 20)) this.insert(offset, 0xfff, jumpBits(distance));
        return;
      case R_RISCV.CALL:
      case R_RISCV.CALL_PLT:
        this.upper(offset, distance);
        this.lowerI(offset + 4, distance);
        return;
      case R_RISCV.PCREL_HI20:
        this.upper(offset, distance);
        return;
      case R_RISCV.HI20:
        this.upper(offset, value);
        return;
      case R_RISCV.LO12_I:
        this.lowerI(offset, value);
        return;
      case R_RISCV.LO12_S:
        this.lowerS(offset, value);
        return;
      default:
        this.arithmetic(type, offset, value);
    }
  }

  /** Relocations that compute with what is there. */
  private arithmetic(type: number, offset: number, value: number): void {
    const { view } = this;
    switch (type) {
      case R_RISCV.ADD8:
        view.setUint8(offset, view.getUint8(offset) + value);
        return;
      case R_RISCV.SUB8:
        view.setUint8(offset, view.getUint8(offset) - value);
        return;
      case R_RISCV.SET8:
        view.setUint8(offset, value);
        return;
      case R_RISCV.ADD16:
        view.setUint16(offset, view.getUint16(offset, true) + value, true);
        return;
      case R_RISCV.SUB16:
        view.setUint16(offset, view.getUint16(offset, true) - value, true);
        return;
      case R_RISCV.SET16:
        view.setUint16(offset, value, true);
        return;
      case R_RISCV.ADD32:
        view.setUint32(offset, view.getUint32(offset, true) + value, true);
        return;
      case R_RISCV.SUB32:
        view.setUint32(offset, view.getUint32(offset, true) - value, true);
        return;
      case R_RISCV.ADD64:
        view.setBigUint64(offset, view.getBigUint64(offset, true) + BigInt(value), true);
        return;
      case R_RISCV.SUB64:
        view.setBigUint64(offset, view.getBigUint64(offset, true) - BigInt(value), true);
        return;
      case R_RISCV.SET6:
        view.setUint8(offset, (view.getUint8(offset) & 0xc0) | (value & 0x3f));
        return;
      case R_RISCV.SUB6: {
        const byte = view.getUint8(offset);
        view.setUint8(offset, (byte & 0xc0) | (((byte & 0x3f) - value) & 0x3f));
        return;
      }
      case R_RISCV.SET_ULEB128:
        this.pending.set(offset, value);
        return;
      case R_RISCV.SUB_ULEB128:
        this.writeUleb(offset, ((this.pending.get(offset) ?? 0) - value) >>> 0);
        return;
      default:
        throw new Error(`no formula for ${relocationName(type)}`);
    }
  }

  /** Overwrites a LEB128 number and keeps its length. */
  private writeUleb(offset: number, value: number): void {
    const { view } = this;
    let rest = value;
    for (let at = offset; at < view.byteLength; at++) {
      const more = view.getUint8(at) & 0x80;
      view.setUint8(at, more | (rest & 0x7f));
      rest >>>= 7;
      if (more === 0) return;
    }
  }

  /** The lower part of a distance: it is that of the auipc, which the symbol names. */
  private pcrelLow(relocation: LinkRelocation): void {
    const { symbol, addend, offset, type } = relocation;
    const definition = symbol?.definition;
    const high =
      definition?.kind === "section"
        ? definition.section.relocations.find(
            (other) => other.offset === definition.value && other.type === R_RISCV.PCREL_HI20,
          )
        : undefined;
    if (!high || definition?.kind !== "section") {
      const detail = `${relocationName(type)} must name the auipc that has the upper part (PCREL_HI20)`;
      this.problem(relocation, { kind: "broken", detail });
      return;
    }
    const value = this.host.target(high, definition.section);
    if (value === undefined) return;
    const distance = (value - (definition.section.address + high.offset)) | 0;
    const whole = (distance + addend) | 0;
    if (upper20(whole) !== upper20(distance)) {
      const detail = `the offset ${addend} of ${relocationName(type)} changes the upper part of the address`;
      this.problem(relocation, { kind: "broken", detail });
    } else if (type === R_RISCV.PCREL_LO12_I) this.lowerI(offset, whole);
    else this.lowerS(offset, whole);
  }

  private reaches(relocation: LinkRelocation, distance: number, reach: number): boolean {
    if (distance < -reach || distance >= reach) {
      this.problem(relocation, { kind: "range", distance, min: -reach, max: reach - 2 });
    } else if (distance % 2 !== 0) this.problem(relocation, { kind: "misaligned", distance });
    else return true;
    return false;
  }

  /** Replaces the bits of a word that `keep` doesn't hold. */
  private insert(offset: number, keep: number, bits: number): void {
    this.view.setInt32(offset, (this.view.getInt32(offset, true) & keep) | bits, true);
  }

  private upper(offset: number, value: number): void {
    this.insert(offset, 0xfff, upper20(value) << 12);
  }

  private lowerI(offset: number, value: number): void {
    this.insert(offset, 0xfffff, (value & 0xfff) << 20);
  }

  private lowerS(offset: number, value: number): void {
    this.insert(offset, 0x01fff07f, ((value & 0xfe0) << 20) | ((value & 0x1f) << 7));
  }
}

/** The upper 20 bits that, with the signed lower 12 added, give the value. */
const upper20 = (value: number): number => ((value + 0x800) >>> 12) & 0xfffff;

const branchBits = (distance: number): number =>
  ((distance & 0x1000) << 19) | ((distance & 0x7e0) << 20) | ((distance & 0x1e) << 7) | ((distance & 0x800) >> 4);

const jumpBits = (distance: number): number =>
  ((distance & 0x100000) << 11) | ((distance & 0x7fe) << 20) | ((distance & 0x800) << 9) | (distance & 0xff000);

const POSITION_INDEPENDENT: ReadonlySet<number> = new Set([R_RISCV.GOT_HI20]);
const THREAD_LOCAL: ReadonlySet<number> = new Set([
  R_RISCV.TLS_GOT_HI20,
  R_RISCV.TLS_GD_HI20,
  R_RISCV.TPREL_HI20,
  R_RISCV.TPREL_LO12_I,
  R_RISCV.TPREL_LO12_S,
  R_RISCV.TPREL_ADD,
]);
const COMPRESSED: ReadonlySet<number> = new Set([R_RISCV.RVC_BRANCH, R_RISCV.RVC_JUMP]);

function unsupported(type: number): RelocationProblem {
  const detail = relocationName(type);
  if (POSITION_INDEPENDENT.has(type)) {
    return { kind: "unsupported", detail: `${detail} needs a global offset table`, hint: "compile with -fno-pic" };
  }
  if (THREAD_LOCAL.has(type)) {
    const hint = "there are no threads: remove __thread and _Thread_local";
    return { kind: "unsupported", detail: `${detail} is for thread-local variables`, hint };
  }
  if (COMPRESSED.has(type)) {
    const hint = "compile with -march=rv32im_zicsr_zifencei";
    return { kind: "unsupported", detail: `${detail} is for compressed instructions`, hint };
  }
  return { kind: "unsupported", detail: `${detail} is not known`, hint: "docs/linking.md lists what is" };
}
