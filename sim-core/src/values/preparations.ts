/** What issues come to, kept: the same operands give the same object. */
import type { MachineConfig } from "../config/index.ts";
import type { MachineFault } from "../machine/index.ts";
import type { Footprint, WorkTime } from "../units/index.ts";
import type { KnownDescriptor, KnownFields } from "./state.ts";

/** What an issue with these operands comes to: the same operands give the same object. */
export interface Prepared {
  readonly footprint: Footprint | undefined;
  readonly fault: MachineFault | undefined;
  /** How long it works by itself; undefined of what faults. Computed when asked for. */
  readonly time: () => WorkTime | undefined;
}

/** What was prepared before: an editor asks for nearly the same after every keystroke. */
export class Preparations {
  readonly prepared = new Map<string, Prepared>();
  private readonly keyOfContent = new Map<string, number>();
  private readonly keys = new WeakMap<object, number>();

  private static readonly kept = new WeakMap<MachineConfig, Preparations>();

  static of(config: MachineConfig): Preparations {
    let kept = Preparations.kept.get(config);
    if (!kept || kept.prepared.size > KEPT || kept.keyOfContent.size > 4 * KEPT)
      Preparations.kept.set(config, (kept = new Preparations()));
    return kept;
  }

  /** A number that equal contents share. */
  private keyOf({ values, known }: { readonly values: Int32Array; readonly known: Uint8Array | number }): number {
    const content = `${values.join()} ${known}`;
    let key = this.keyOfContent.get(content);
    if (key === undefined) this.keyOfContent.set(content, (key = this.keyOfContent.size));
    return key;
  }

  descriptorKey(descriptor: KnownDescriptor): number {
    let key = this.keys.get(descriptor);
    if (key === undefined) {
      key = this.keyOf({ values: descriptor.words, known: descriptor.known });
      this.keys.set(descriptor, key);
    }
    return key;
  }

  fieldsKey(fields: KnownFields): number {
    let key = this.keys.get(fields);
    if (key === undefined) this.keys.set(fields, (key = this.keyOf(fields)));
    return key;
  }
}

/** Different issues that are remembered of a configuration, about. */
const KEPT = 8192;
