/**
 * Programs of several objects: the sources that an nnp.json wants linked are assembled as the command line does it, one
 * by one, and then linked in memory. What one of them leaves to the others is no error; what none of them defines is.
 */
import { assembleObject, type ObjectAssembly, type SourceHost } from "@nnasm/sim-core/asm";
import type { Diagnostic, Range } from "@nnasm/sim-core/diagnostics";
import { readObject } from "@nnasm/sim-core/elf";
import type { InstructionSet } from "@nnasm/sim-core/isa";
import { isArchive, type LinkInput, link } from "@nnasm/sim-core/link";
import { isLinkedSource, type ProjectConfig } from "./configs.ts";
import { type Files, MISSING } from "./files.ts";
import { resolveUri, type Uri } from "./uri.ts";

interface Kept {
  readonly assembled: ObjectAssembly;
  readonly config: ProjectConfig["machine"];
  readonly isa: InstructionSet;
  /** Stamps of all dependencies at the time of assembling. */
  readonly stamps: ReadonlyMap<Uri, string>;
}

interface Linked {
  /** Everything that the result was made of. */
  readonly key: string;
  readonly diagnostics: readonly Diagnostic[];
}

export class LinkedPrograms {
  private readonly files: Files;
  private readonly host: SourceHost;
  private readonly kept = new Map<Uri, Kept>();
  private readonly linked = new Map<Uri, Linked>();

  constructor(files: Files) {
    this.files = files;
    this.host = {
      resolve: resolveUri,
      readText: (uri) => files.text(uri),
      readBytes: (uri) => files.bytes(uri),
    };
  }

  /** One source as an object. */
  objectOf(source: Uri, { machine: config }: ProjectConfig, isa: InstructionSet): ObjectAssembly {
    const before = this.kept.get(source);
    if (before && before.config === config && before.isa === isa && this.isFresh(before)) return before.assembled;
    const { files, host } = this;
    const assembled = assembleObject({ entry: source, host, config, isa, parse: files.parse });
    const stamps = new Map(assembled.dependencies.map((uri) => [uri, files.stamp(uri)]));
    this.kept.set(source, { assembled, config, isa, stamps });
    return assembled;
  }

  private isFresh({ stamps }: Kept): boolean {
    for (const [uri, stamp] of stamps) if (this.files.stamp(uri) !== stamp) return false;
    return true;
  }

  /**
   * Everything that is wrong with a project's objects, or else with the whole of them. Objects and libraries that are
   * not built yet put the second part off.
   */
  diagnosticsOf(project: ProjectConfig, isa: InstructionSet, place: () => Range): readonly Diagnostic[] {
    const { uri = "", link: names = [] } = project;
    const found: Diagnostic[] = [];
    const inputs: LinkInput[] = [];
    const key: string[] = [];
    for (const name of names) {
      const stamp = this.files.stamp(name);
      key.push(stamp);
      if (isLinkedSource(name)) {
        if (stamp === MISSING) continue;
        const assembled = this.objectOf(name, project, isa);
        key.push(...assembled.dependencies.map((each) => this.files.stamp(each)));
        found.push(...assembled.diagnostics);
        const { object, placeOf } = assembled;
        if (object)
          inputs.push({ name, object, placeOf: (section, offset) => placeOf.call(assembled, section, offset) });
      } else {
        const input = this.binary(name);
        if (input) inputs.push(input);
      }
    }
    if (inputs.length < names.length) return found;
    const text = key.join(" ");
    const before = this.linked.get(uri);
    const result =
      before?.key === text ? before : { key: text, diagnostics: link({ inputs, config: project.machine }).diagnostics };
    this.linked.set(uri, result);
    // An object has no lines: what is wrong with it is said where nnp.json names the files.
    const placed = result.diagnostics.map((each) =>
      isLinkedSource(each.file) ? each : { ...each, file: uri, range: place() },
    );
    return [...found, ...placed];
  }

  /** An object or a library; undefined while there is none. */
  private binary(name: Uri): LinkInput | undefined {
    const bytes = this.files.bytes(name);
    if (!bytes) return undefined;
    if (isArchive(bytes)) return { name, bytes };
    const { object } = readObject(bytes);
    return object && { name, object };
  }

  /** Files that the objects of a project depend on. */
  dependenciesOf({ link: names = [] }: ProjectConfig): Uri[] {
    return names.flatMap((name) => [name, ...(this.kept.get(name)?.stamps.keys() ?? [])]);
  }

  /** Forgets all objects but these. */
  retain(sources: ReadonlySet<Uri>): void {
    for (const source of this.kept.keys()) if (!sources.has(source)) this.kept.delete(source);
  }
}
