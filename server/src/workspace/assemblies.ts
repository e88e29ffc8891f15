/** Assembled programs, kept until something that they depend on changes. */
import { type Assembly, assemble, Reassembler, type SourceHost } from "@nnasm/sim-core/asm";
import type { MachineConfig } from "@nnasm/sim-core/config";
import type { InstructionSet } from "@nnasm/sim-core/isa";
import type { Past } from "@nnasm/sim-core/static-timing";
import type { Reassembly } from "../analysis/snapshot.ts";
import type { Files } from "./files.ts";
import { resolveUri, type Uri } from "./uri.ts";

interface Kept {
  readonly assembly: Assembly;
  readonly config: MachineConfig;
  readonly isa: InstructionSet;
  /** Stamps of all dependencies at the time of assembling. */
  readonly stamps: ReadonlyMap<Uri, string>;
}

export class Assemblies {
  private readonly files: Files;
  private readonly host: SourceHost;
  private readonly kept = new Map<Uri, Kept>();
  private readonly reassemblers = new Map<Uri, Reassembler>();
  /** What was found out about each program, for the next one that stands in its place. */
  private readonly pasts = new Map<Uri, Past>();
  /** How long the last assembling took. */
  milliseconds = 0;

  constructor(files: Files) {
    this.files = files;
    this.host = {
      resolve: resolveUri,
      readText: (uri) => files.text(uri),
      readBytes: (uri) => files.bytes(uri),
    };
  }

  /** The program that starts with `entry`, from the present contents of all its files. */
  current(entry: Uri, config: MachineConfig, isa: InstructionSet): Assembly {
    const fresh = this.fresh(entry, config, isa);
    if (fresh) return fresh;
    // Two assemblies of a large program at a time would be most of the server's memory.
    this.kept.delete(entry);
    const started = performance.now();
    const { files, host } = this;
    const assembly = this.reassembler(entry).assemble({ entry, host, config, isa, parse: files.parse });
    const stamps = new Map(assembly.dependencies.map((uri) => [uri, files.stamp(uri)]));
    this.milliseconds = performance.now() - started;
    this.kept.set(entry, { assembly, config, isa, stamps });
    return assembly;
  }

  private reassembler(entry: Uri): Reassembler {
    let reassembler = this.reassemblers.get(entry);
    if (!reassembler) {
      reassembler = new Reassembler();
      this.reassemblers.set(entry, reassembler);
    }
    return reassembler;
  }

  /** What was found out about earlier versions of a program. */
  pastOf(entry: Uri): Past {
    let past = this.pasts.get(entry);
    if (!past) this.pasts.set(entry, (past = {}));
    return past;
  }

  /** Assembles a program with another text for one of its files, and keeps nothing. */
  again(
    entry: Uri,
    config: MachineConfig,
    isa: InstructionSet,
    file: Uri,
    { text, onStatement }: Reassembly,
  ): Assembly {
    const readText = (uri: Uri) => (uri === file && text !== undefined ? text : this.host.readText(uri));
    const host = { ...this.host, readText };
    return assemble({ entry, host, config, isa, ...(onStatement ? { onStatement } : {}) });
  }

  /** The same, perhaps some edits old: for requests that must answer at once and need names rather than places. */
  recent(entry: Uri, config: MachineConfig, isa: InstructionSet): Assembly {
    return this.kept.get(entry)?.assembly ?? this.current(entry, config, isa);
  }

  private fresh(entry: Uri, config: MachineConfig, isa: InstructionSet): Assembly | undefined {
    const kept = this.kept.get(entry);
    const isSame = kept && kept.config === config && kept.isa === isa;
    return isSame && this.isFresh(kept) ? kept.assembly : undefined;
  }

  private isFresh({ stamps }: Kept): boolean {
    for (const [uri, stamp] of stamps) if (this.files.stamp(uri) !== stamp) return false;
    return true;
  }

  /** Every file that a program which is kept depends on. */
  dependenciesOf(entry: Uri): Uri[] {
    return [...(this.kept.get(entry)?.stamps.keys() ?? [])];
  }

  /** Forgets all programs but these; gives every file that the rest depends on. */
  retain(entries: ReadonlySet<Uri>): ReadonlySet<Uri> {
    const needed = new Set<Uri>();
    for (const entry of this.reassemblers.keys()) if (!entries.has(entry)) this.reassemblers.delete(entry);
    for (const entry of this.pasts.keys()) if (!entries.has(entry)) this.pasts.delete(entry);
    for (const [entry, { stamps }] of this.kept) {
      if (!entries.has(entry)) this.kept.delete(entry);
      else for (const uri of stamps.keys()) needed.add(uri);
    }
    return needed;
  }
}
