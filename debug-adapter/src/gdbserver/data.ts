/** Registers, memory and documents of the target, in the protocol's words. All throw RemoteErrors and EvaluationErrors. */
import { hex32, readMemory, writeMemory } from "../runtime/index.ts";
import { bytesOfHex, hexOf, numberOfHex, rangeOf } from "./encoding.ts";
import { RemoteError } from "./errors.ts";
import { MAX_PAYLOAD } from "./packets.ts";
import { featuresOf, GENERAL_COUNT, type RemoteRegister } from "./registers.ts";
import type { RemoteTarget } from "./target.ts";
import { memoryMap, targetDescription } from "./target-description.ts";

const OK = "OK";

export class RemoteData {
  private readonly target: RemoteTarget;
  private registers: readonly RemoteRegister[] = [];
  /** The machine that the registers are of: a restart makes a new one. */
  private registersOf: unknown;

  constructor(target: RemoteTarget) {
    this.target = target;
  }

  /** A piece of a document: `features:read:target.xml:offset,length`. */
  transfer(argument: string): string {
    const [object = "", action, annex, range = ""] = argument.split(":");
    const make = DOCUMENTS[object];
    if (!make || action !== "read") return "";
    const text = make(this.target, annex ?? "");
    if (text === undefined) throw new RemoteError("missing", `there is no ${object} "${annex}"`);
    const { address: start, count } = rangeOf(range);
    const piece = text.slice(start, start + count);
    return `${start + piece.length < text.length ? "m" : "l"}${piece}`;
  }

  private table(): readonly RemoteRegister[] {
    const { machine } = this.target;
    if (this.registersOf !== machine) {
      this.registers = featuresOf(machine).flatMap(({ registers }) => registers);
      this.registersOf = machine;
    }
    return this.registers;
  }

  /** x0..x31 and the pc. */
  general(): string {
    return this.table()
      .slice(0, GENERAL_COUNT)
      .map((register) => hexOf(register.read()))
      .join("");
  }

  register(number: string): string {
    return hexOf(this.numbered(number).read());
  }

  private numbered(number: string): RemoteRegister {
    const index = numberOfHex(number);
    const register = this.table()[index];
    if (!register) throw new RemoteError("missing", `there is no register ${index}`);
    return register;
  }

  /** `number=value` */
  setRegister(text: string): string {
    const [number, value = ""] = text.split("=", 2);
    const register = this.numbered(number ?? "");
    const bytes = bytesOfHex(value);
    if (8 * bytes.length !== register.bits)
      throw new RemoteError("invalid", `${register.name} has ${register.bits / 8} bytes`);
    this.target.debugger.edit(() => register.write(bytes));
    return OK;
  }

  setGeneral(text: string): string {
    const bytes = bytesOfHex(text);
    if (bytes.length !== 4 * GENERAL_COUNT) throw new RemoteError("invalid", `G takes ${4 * GENERAL_COUNT} bytes`);
    this.target.debugger.edit(() => {
      for (let index = 0; index < GENERAL_COUNT; index++)
        this.table()[index]!.write(bytes.subarray(4 * index, 4 * index + 4));
    });
    return OK;
  }

  /** `address,count`; as much of it as there is, one byte at least. */
  memory(text: string): string {
    const { address, count } = rangeOf(text);
    const { bytes } = readMemory(this.target.machine, address, Math.min(count, MAX_PAYLOAD / 2 - 1));
    if (bytes.length === 0 && count > 0) throw new RemoteError("memory", `there is no memory at ${hex32(address)}`);
    return hexOf(bytes);
  }

  /** `address,count:data` */
  setMemory(text: string, decode: (data: string) => Uint8Array): string {
    const colon = text.indexOf(":");
    if (colon < 0) throw new RemoteError("invalid", "the data are missing");
    const { address, count } = rangeOf(text.slice(0, colon));
    const bytes = decode(text.slice(colon + 1));
    if (bytes.length !== count)
      throw new RemoteError("invalid", `${count} bytes are announced and ${bytes.length} came`);
    if (count === 0) return OK;
    const written = this.target.debugger.edit(() => writeMemory(this.target.machine, address, bytes, false));
    if (written < count)
      throw new RemoteError("memory", `${hex32(address)} and ${count} bytes from there are not all memory`);
    return OK;
  }
}

const DOCUMENTS: Readonly<Record<string, (target: RemoteTarget, annex: string) => string | undefined>> = {
  features: ({ machine }, annex) => (annex === "target.xml" ? targetDescription(featuresOf(machine)) : undefined),
  "memory-map": ({ machine }, annex) => (annex === "" ? memoryMap(machine) : undefined),
};
