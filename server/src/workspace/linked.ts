/**
 * Programs of several objects: the sources that an nnp.json wants linked are assembled as the command line does it, one
 * by one, and then linked in memory. What one of them leaves to the others is no error; what none of them defines is.
 */
import {
  assembleObject,
  type LinkedSources,
  linkedSources,
  type ObjectAssembly,
  type ObjectSources,
  type SourceHost,
} from "@nnasm/sim-core/asm";
import type { Diagnostic, Range } from "@nnasm/sim-core/diagnostics";
import { readObject } from "@nnasm/sim-core/elf";
import type { InstructionSet } from "@nnasm/sim-core/isa";
import { isArchive, type LinkInput, link } from "@nnasm/sim-core/link";
import type { LintedProgram } from "@nnasm/sim-core/lint";
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
  readonly config: ProjectConfig["machine"];
  readonly isa: InstructionSet;
  readonly diagnostics: readonly Diagnostic[];
  /** Where there is a program: the program and its sources, for lints. */
  readonly program: LintedProgram | undefined;
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
    const found = names.flatMap((name) => this.sourceOf(name, project, isa)?.diagnostics ?? []);
    const placed = (this.linkedOf(project, isa)?.diagnostics ?? []).map((each) =>
      // An object has no lines: what is wrong with it is said where nnp.json names the files.
      isLinkedSource(each.file) ? each : { ...each, file: uri, range: place() },
    );
    return [...found, ...placed];
  }

  /** The linked program with its sources; undefined while there is none. */
  programOf(project: ProjectConfig, isa: InstructionSet): LintedProgram | undefined {
    return this.linkedOf(project, isa)?.program;
  }

  private sourceOf(name: Uri, project: ProjectConfig, isa: InstructionSet): ObjectAssembly | undefined {
    const isThere = isLinkedSource(name) && this.files.stamp(name) !== MISSING;
    return isThere ? this.objectOf(name, project, isa) : undefined;
  }

  /** What linking gives; undefined while a file is missing or has errors. */
  private linkedOf(project: ProjectConfig, isa: InstructionSet): Linked | undefined {
    const { uri = "", link: names = [], machine: config } = project;
    const inputs: LinkInput[] = [];
    const sources = new Map<string, ObjectSources>();
    const key: string[] = [];
    for (const name of names) {
      key.push(this.files.stamp(name));
      const assembled = this.sourceOf(name, project, isa);
      key.push(...(assembled?.dependencies ?? []).map((each) => this.files.stamp(each)));
      const input = assembled ? inputOf(name, assembled) : isLinkedSource(name) ? undefined : this.binary(name);
      if (!input) return undefined;
      inputs.push(input);
      if (assembled) sources.set(name, assembled.sources);
    }
    const text = key.join(" ");
    const before = this.linked.get(uri);
    if (before?.key === text && before.config === config && before.isa === isa) return before;
    const { diagnostics, program, addressOf } = link({ inputs, config });
    const objects = [...sources].map(([name, each]): LinkedSources => {
      return { sources: each, addressOf: (section, offset) => addressOf(name, section, offset) };
    });
    const linted = program && { ...linkedSources(objects), program };
    const result = { key: text, config, isa, diagnostics, program: linted };
    this.linked.set(uri, result);
    return result;
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

function inputOf(name: Uri, assembled: ObjectAssembly): LinkInput | undefined {
  const { object } = assembled;
  return object && { name, object, placeOf: (section, offset) => assembled.placeOf(section, offset) };
}
