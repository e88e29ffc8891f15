/** C objects: something with a type, wherever it lies. What `.`, `->`, `*` and `[]` do with them. */

import { nearest } from "@nnasm/sim-core/diagnostics";
import { bareType, type CMember, type CType, typeText } from "@nnasm/sim-core/elf";
import { convert, EvaluationError, encodeScalar, type ScalarType } from "../expression/types.ts";
import type { TypedValue, Value } from "../expression/value.ts";
import type { Machine } from "../inspect/machine.ts";
import { memoryStorage, type Storage } from "./storage.ts";

type Bits = { readonly offset: number; readonly size: number };

export class CObject implements TypedValue {
  /** As the program wrote it, with typedefs. */
  readonly ctype: CType;
  /** The same without names and qualifiers. */
  readonly bare: CType;
  private readonly machine: Machine;
  /** Undefined when the object was optimised away. */
  private readonly storage: Storage | undefined;
  private readonly offset: number;
  private readonly bits: Bits | undefined;

  constructor(machine: Machine, ctype: CType, storage: Storage | undefined, offset = 0, bits?: Bits) {
    this.machine = machine;
    this.ctype = ctype;
    this.bare = bareType(ctype);
    this.storage = storage;
    this.offset = offset;
    this.bits = bits;
  }

  get type(): string {
    return typeText(this.ctype);
  }

  get size(): number {
    return this.bare.bytes;
  }

  get address(): number | undefined {
    const base = this.storage?.address;
    return base === undefined || this.bits ? undefined : (base + this.offset) >>> 0;
  }

  /** The object's bytes; undefined when they can't be had. */
  read(): Uint8Array | undefined {
    return this.storage?.read(this.offset, this.size);
  }

  /** Why there is no value, in words; undefined when there is one. */
  get problem(): string | undefined {
    if (!this.storage) return "optimised out";
    if (this.bare.kind === "struct" || this.bare.kind === "union" || this.bare.kind === "array") return undefined;
    return this.read() ? undefined : this.address === undefined ? "optimised out" : "no memory there";
  }

  /** The bits of an integer, enumeration, pointer or bit field. */
  integer(): bigint {
    if (this.bits) return this.bitField(this.bits);
    const bytes = this.read();
    if (!bytes) throw new EvaluationError(`it has no value here: ${this.problem}`);
    const pattern = bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
    return this.isSigned ? BigInt.asIntN(8 * bytes.length, pattern) : pattern;
  }

  private bitField({ offset, size }: Bits): bigint {
    const first = offset >> 3;
    const bytes = this.storage?.read(this.offset + first, ((offset + size + 7) >> 3) - first);
    if (!bytes) throw new EvaluationError("it has no value here: optimised out");
    const pattern = bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n) >> BigInt(offset & 7);
    return this.isSigned ? BigInt.asIntN(size, pattern) : BigInt.asUintN(size, pattern);
  }

  private get isSigned(): boolean {
    const { bare } = this;
    return bare.kind === "enum" ? bare.isSigned : bare.kind === "base" && /^signed/.test(bare.encoding);
  }

  number(): number {
    const { bare } = this;
    switch (bare.kind) {
      case "base":
        return bare.encoding === "float" ? this.float() : Number(this.integer());
      case "enum":
      case "pointer":
        return Number(this.integer());
      case "array":
      case "function":
        return this.place();
      default:
        throw new EvaluationError(`${this.type} is no number: name a member`);
    }
  }

  float(): number {
    const bytes = this.read();
    if (!bytes) throw new EvaluationError(`it has no value here: ${this.problem}`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length === 4) return view.getFloat32(0, true);
    if (bytes.length === 8) return view.getFloat64(0, true);
    throw new EvaluationError(`${this.type} has ${bytes.length} bytes, which nothing here can compute with`);
  }

  private place(): number {
    if (this.address === undefined) throw new EvaluationError("only what lies in memory has an address");
    return this.address;
  }

  get scalar(): ScalarType | undefined {
    const { bare } = this;
    if (bare.kind === "pointer") return "uint32";
    if (bare.kind === "base" && bare.encoding === "float")
      return bare.bytes === 8 ? "double" : bare.bytes === 4 ? "float" : undefined;
    if (bare.kind !== "base" && bare.kind !== "enum") return undefined;
    const type = `${this.isSigned ? "int" : "uint"}${8 * bare.bytes}`;
    // Whole numbers of 64 bits are exact to 2^53 in expressions; what is shown is exact.
    return type === "uint64" ? "int64" : (type as ScalarType);
  }

  set(value: number): void {
    const { bare, scalar } = this;
    if (!this.storage) throw new EvaluationError("it was optimised away: there is nothing to set");
    if (!scalar) throw new EvaluationError(`${this.type} can't be set as a whole: name a member or an element`);
    if (this.bits) this.setBits(this.bits, value);
    else
      this.storage.write(
        this.offset,
        encodeScalar(
          scalar,
          convert(scalar, bare.kind === "base" && bare.encoding === "bool" ? Number(value !== 0) : value),
        ),
      );
  }

  private setBits({ offset, size }: Bits, value: number): void {
    const first = this.offset + (offset >> 3);
    const count = ((offset + size + 7) >> 3) - (offset >> 3);
    const bytes = this.storage?.read(first, count);
    if (!bytes) throw new EvaluationError("it was optimised away: there is nothing to set");
    const shift = BigInt(offset & 7);
    const mask = ((1n << BigInt(size)) - 1n) << shift;
    const before = bytes.reduceRight((all, byte) => (all << 8n) | BigInt(byte), 0n);
    const after = (before & ~mask) | ((BigInt(Math.trunc(value)) << shift) & mask);
    this.storage?.write(
      first,
      Uint8Array.from({ length: count }, (_, at) => Number((after >> BigInt(8 * at)) & 0xffn)),
    );
  }

  /** Members in order; those of unnamed unions and structures count as this one's. */
  get members(): readonly CMember[] {
    return this.bare.kind === "struct" || this.bare.kind === "union" ? this.bare.members : [];
  }

  memberObject({ type, offset, bits }: CMember): CObject {
    return new CObject(this.machine, type, this.storage, this.offset + (bits ? 0 : offset), bits);
  }

  member(name: string): Value {
    const { bare } = this;
    if (bare.kind === "pointer") return this.target().member(name);
    if (bare.kind !== "struct" && bare.kind !== "union") throw new EvaluationError(`${this.type} has no members`);
    const found = this.find(name);
    if (found) return found.value();
    const near = nearest(
      name,
      bare.members.map((member) => member.name),
    );
    throw new EvaluationError(`${this.type} has no member ${name}${near ? `; did you mean ${near}?` : ""}`);
  }

  private find(name: string): CObject | undefined {
    for (const member of this.members) {
      if (member.name === name) return this.memberObject(member);
      const inner = member.name === "" ? this.memberObject(member).find(name) : undefined;
      if (inner) return inner;
    }
    return undefined;
  }

  elementObject(index: number): CObject {
    const { bare } = this;
    if (bare.kind === "pointer") {
      const to = bare.to;
      return new CObject(
        this.machine,
        to,
        memoryStorage(this.machine, (this.number() + index * Math.max(1, to.bytes)) >>> 0),
      );
    }
    if (bare.kind !== "array") throw new EvaluationError(`${this.type} has no elements`);
    return new CObject(this.machine, bare.element, this.storage, this.offset + index * bare.element.bytes);
  }

  element(index: number): Value {
    return this.elementObject(index).value();
  }

  dereference(): Value {
    return this.target().value();
  }

  /** What a pointer points to; the first element of an array. */
  target(): CObject {
    const { bare } = this;
    if (bare.kind === "pointer" && bareType(bare.to).kind === "void")
      throw new EvaluationError(`${this.type} points to nothing that has a type: cast it`);
    if (bare.kind === "pointer" || bare.kind === "array") return this.elementObject(0);
    throw new EvaluationError(`${this.type} is no pointer`);
  }

  moved(count: number): Value {
    const { bare } = this;
    const to = bare.kind === "pointer" ? bare.to : bare.kind === "array" ? bare.element : undefined;
    if (!to) throw new EvaluationError(`${this.type} is no pointer`);
    return pointerTo(this.machine, to, (this.number() + count * Math.max(1, to.bytes)) >>> 0).value();
  }

  pointer(): Value {
    return pointerTo(this.machine, this.ctype, this.place()).value();
  }

  get isPointer(): boolean {
    return this.bare.kind === "pointer" || this.bare.kind === "array";
  }

  /** Numbers as such, with what makes them more than that; everything else as an object. */
  value(): Value {
    const { scalar, bare } = this;
    if (scalar === undefined || bare.kind === "pointer" || this.problem !== undefined)
      return { kind: "typed", typed: this };
    const { address } = this;
    const target = { ...(address === undefined ? {} : { address }), set: (value: number) => this.set(value) };
    return { kind: "scalar", type: scalar, value: this.number(), target, typed: this };
  }
}

const POINTER_BYTES = 4;

/** A pointer that lies nowhere: what `&` and pointer arithmetic give. */
function pointerTo(machine: Machine, to: CType, address: number): CObject {
  const bytes = new Uint8Array(Uint32Array.of(address).buffer);
  const storage: Storage = {
    read: (offset, count) => bytes.slice(offset, offset + count),
    write: () => {
      throw new EvaluationError("only variables can be assigned to");
    },
  };
  return new CObject(machine, { kind: "pointer", bytes: POINTER_BYTES, to }, storage);
}
