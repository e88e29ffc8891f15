/** Everything that the server knows of the user's files: the state that the protocol's handlers ask. */
import type { Assembly, ParsedFile } from "@nnasm/sim-core/asm";
import type { Diagnostic } from "@nnasm/sim-core/diagnostics";
import type { InstructionSet } from "@nnasm/sim-core/isa";
import type { LintedProgram } from "@nnasm/sim-core/lint";
import type { ObjectInfo, Reassembly, Snapshot } from "../analysis/snapshot.ts";
import { Assemblies } from "./assemblies.ts";
import { Configs, isLinkedSource, type ProjectConfig } from "./configs.ts";
import { Documents } from "./documents.ts";
import { Files } from "./files.ts";
import type { FileHost, FolderEntry } from "./host.ts";
import { IncludeGraph } from "./includes.ts";
import { InstructionFiles, NO_INSTRUCTIONS, type ProjectInstructions } from "./instructions.ts";
import { LinkedPrograms } from "./linked.ts";
import { canonicalUri, resolveUri, type Uri } from "./uri.ts";

export class Workspace {
  readonly documents = new Documents();
  readonly files: Files;
  readonly configs: Configs;
  private readonly graph: IncludeGraph;
  private readonly assemblies: Assemblies;
  private readonly linked: LinkedPrograms;
  private readonly host: FileHost;
  private readonly instructionFiles: InstructionFiles;
  private readonly fingerprints = new Map<Uri, number>();
  /** The instructions that each open program was last shown with. */
  private readonly shownIsas = new Map<Uri, InstructionSet>();
  /** Programs with an open file, when they were looked at last. */
  private open: { readonly programs: ReadonlySet<Uri>; readonly linked: ReadonlySet<ProjectConfig> } = {
    programs: new Set(),
    linked: new Set(),
  };
  /** `.nnasm` files of the workspace folders that are not necessarily open. */
  private readonly sources = new Set<Uri>();

  constructor(host: FileHost) {
    this.host = host;
    this.files = new Files(this.documents, host);
    this.configs = new Configs(this.files);
    this.graph = new IncludeGraph(this.documents, this.files);
    this.assemblies = new Assemblies(this.files);
    this.linked = new LinkedPrograms(this.files);
    this.instructionFiles = new InstructionFiles(this.files);
  }

  /**
   * Sets the workspace's folders and finds their sources.
   * @param onFolder told how many folders have been searched
   */
  async setFolders(folders: readonly string[], onFolder: (done: number) => void = () => undefined): Promise<void> {
    const uris = folders.map(canonicalUri);
    this.configs.setFolders(uris);
    let done = 0;
    const search = async (folder: Uri): Promise<readonly Uri[]> => {
      const found = await this.host.findSources(folder);
      onFolder(++done);
      return found;
    };
    const found = await Promise.all(uris.map(search));
    this.sources.clear();
    for (const uri of found.flat()) this.sources.add(uri);
  }

  /** Takes note that a file on disk was created, changed or deleted. */
  fileChanged(uri: string): void {
    const file = canonicalUri(uri);
    this.host.fileChanged?.(file);
    this.contentsChanged(file);
  }

  private contentsChanged(file: Uri): void {
    this.graph.invalidate(file);
    if (!file.endsWith(".nnasm")) return;
    if (this.files.exists(file)) this.sources.add(file);
    else this.sources.delete(file);
  }

  /** Calls back when a file has come that was missing until then; there are hosts that fetch in the background. */
  onArrival(listener: () => void): void {
    this.host.onArrival?.((uri) => {
      this.contentsChanged(uri);
      listener();
    });
  }

  /** Settled when all files are here that anything has asked for; true when some were not. */
  async settled(): Promise<boolean> {
    return (await this.host.settled?.()) ?? false;
  }

  /** All sources that the server knows of: those of the folders, and the open ones. */
  knownSources(): ReadonlySet<Uri> {
    const known = new Set(this.sources);
    for (const uri of this.documents.uris()) if (isSource(uri)) known.add(uri);
    return known;
  }

  /**
   * The file that the program starts with, seen from one of its files: the `entry` of the nearest nnp.json; else the
   * file that includes it, if exactly one does that is not itself included; else the file itself.
   */
  entryOf(uri: string): Uri {
    const file = canonicalUri(uri);
    const { entry } = this.configs.configOf(file);
    if (entry !== undefined) return entry;
    const includers = this.includersOf(file);
    return includers.length === 1 ? includers[0]! : file;
  }

  /**
   * The entry of the program that a file is analysed in. It differs from entryOf when the project's program doesn't
   * include the file: an experiment beside it has errors and symbols of its own.
   */
  programOf(uri: string): Uri {
    const file = canonicalUri(uri);
    const { entry, link = [] } = this.configs.configOf(file);
    for (const root of [...link.filter(isLinkedSource), ...(entry === undefined ? [] : [entry])]) {
      if (this.graph.closure(root).has(file)) return root;
    }
    return this.includersOf(file)[0] ?? file;
  }

  /** The entries of all programs that a file is part of, its own in front. */
  private programsOf(uri: string): Uri[] {
    const file = canonicalUri(uri);
    const { entry, link = [] } = this.configs.configOf(file);
    const roots = [...link.filter(isLinkedSource), ...(entry === undefined ? [] : [entry]), ...this.includersOf(file)];
    return [...new Set([this.programOf(uri), ...roots.filter((root) => this.graph.closure(root).has(file))])];
  }

  private includersOf(file: Uri): Uri[] {
    return this.graph.entriesOf(file, this.knownSources());
  }

  /** The present state of a file and its program, or undefined when there is no such file. */
  snapshot(uri: string): Snapshot | undefined {
    return this.look(uri, (...program) => this.assemblies.current(...program));
  }

  /** The present state of a file in each program that it is part of, its own in front. */
  snapshots(uri: string): Snapshot[] {
    const current = (...program: Parameters<Assemblies["current"]>) => this.assemblies.current(...program);
    return this.programsOf(uri).flatMap((entry) => this.look(uri, current, entry) ?? []);
  }

  /** The present text of a file with a program that may be a few edits old: assembles only the first time. */
  quickSnapshot(uri: string): Snapshot | undefined {
    return this.look(uri, (...program) => this.assemblies.recent(...program));
  }

  private look(
    uri: string,
    assembly: (...program: Parameters<Assemblies["current"]>) => Snapshot["assembly"],
    entry = this.programOf(uri),
  ): Snapshot | undefined {
    const file = this.tree(uri);
    if (!file) return undefined;
    const config = this.configs.configOf(entry);
    const { isa, own } = this.instructionsOf(config);
    const { machine } = config;
    return {
      file,
      assembly: assembly(entry, machine, isa),
      config: machine,
      isa,
      past: this.assemblies.pastOf(entry),
      ...(own ? { own } : {}),
      ...(config.link?.includes(entry) ? { object: this.objectOf(entry, config, isa) } : {}),
      resolve: resolveUri,
      reassemble: (options: Reassembly) => this.assemblies.again(entry, machine, isa, file.name, options),
    };
  }

  /** What a source is as one of the objects of its program. */
  private objectOf(source: Uri, config: ProjectConfig, isa: InstructionSet): ObjectInfo {
    const { linked, files, graph } = this;
    return {
      get diagnostics() {
        return linked.objectOf(source, config, isa).diagnostics;
      },
      get others() {
        const units = config.link!.filter((name) => name !== source && isLinkedSource(name));
        return units.map((unit) => [...graph.closure(unit)].flatMap((name) => files.tree(name) ?? []));
      },
    };
  }

  private instructionsOf({ instructions }: ProjectConfig): ProjectInstructions {
    return instructions === undefined ? NO_INSTRUCTIONS : this.instructionFiles.of(instructions);
  }

  /** The present syntax tree of a file, for what needs no program. */
  tree(uri: string): ParsedFile | undefined {
    const file = canonicalUri(uri);
    return isSource(file) ? this.files.tree(file) : undefined;
  }

  /** The present text of an nnp.json that is open in an editor. */
  configText(uri: string): string | undefined {
    const file = canonicalUri(uri);
    return file.endsWith("/nnp.json") && this.documents.get(file) ? this.files.text(file) : undefined;
  }

  /** The present syntax trees of all known sources. */
  *trees(): Iterable<ParsedFile> {
    for (const uri of this.knownSources()) {
      const tree = this.files.tree(uri);
      if (tree) yield tree;
    }
  }

  /** The file that a path, as written in the file `from`, means. */
  readonly resolve = resolveUri;

  /** What a folder holds, named by a path as written in a file. */
  listFolder(uri: string, path: string): readonly FolderEntry[] {
    const folder = resolveUri(canonicalUri(uri), path === "" ? "." : path);
    return this.host.list(folder);
  }

  /** Where the manual's page of a diagnostic lies, if there is one. */
  manualPage(id: string): Uri | undefined {
    return this.host.manualPage?.(id);
  }

  /**
   * Whether the names of a program with several open files, or the instructions of a project, have changed since the last
   * call: what editors show of them in other files is then out of date, and nobody but the server can know.
   */
  namesChanged(): boolean {
    const programs = new Map<Uri, number>();
    for (const uri of this.documents.uris()) {
      if (!isSource(uri)) continue;
      const entry = this.programOf(uri);
      programs.set(entry, (programs.get(entry) ?? 0) + 1);
    }
    let changed = false;
    for (const [entry, openFiles] of programs) {
      const config = this.configs.configOf(entry);
      const { isa } = this.instructionsOf(config);
      const before = this.shownIsas.get(entry);
      changed ||= before !== undefined && before !== isa;
      this.shownIsas.set(entry, isa);
      if (openFiles < 2) continue;
      const now = fingerprint(this.assemblies.recent(entry, config.machine, isa));
      changed ||= this.fingerprints.has(entry) && this.fingerprints.get(entry) !== now;
      this.fingerprints.set(entry, now);
    }
    return changed;
  }

  /** How long assembling a program took last, in milliseconds: what a keystroke costs. */
  get assemblyMilliseconds(): number {
    return this.assemblies.milliseconds;
  }

  /** The program that the object of a source is linked into, with the sources of all; undefined while it isn't one. */
  linkedProgram(uri: string): LintedProgram | undefined {
    const entry = this.programOf(uri);
    const config = this.configs.configOf(entry);
    return config.link?.includes(entry) ? this.linked.programOf(config, this.instructionsOf(config).isa) : undefined;
  }

  private linkedDiagnostics(config: ProjectConfig): readonly Diagnostic[] {
    const { isa } = this.instructionsOf(config);
    return this.linked.diagnosticsOf(config, isa, () => this.configs.rangeIn(config.uri!, ["link"]));
  }

  /**
   * Diagnostics of all programs that have an open file, and of their nnp.json, by file. Files without any are left
   * out. Programs that no open file belongs to are forgotten.
   * @param outdated asked before each program; when true, the work ends and the result is undefined
   */
  async diagnostics(outdated: () => boolean = () => false): Promise<Map<Uri, readonly Diagnostic[]> | undefined> {
    const all: Diagnostic[] = [];
    const programs = new Set<Uri>();
    const configs = new Set<Uri>();
    const linked = new Set<ProjectConfig>();
    for (const uri of this.documents.uris()) {
      const entry = isSource(uri) ? this.programOf(uri) : undefined;
      const config = this.configs.configOf(entry ?? uri);
      if (config.uri !== undefined && !configs.has(config.uri)) {
        configs.add(config.uri);
        all.push(...this.configDiagnostics(config));
      }
      if (entry === undefined || programs.has(entry)) continue;
      if (config.link?.includes(entry)) {
        if (outdated()) return undefined;
        if (!linked.has(config)) all.push(...this.linkedDiagnostics(config));
        linked.add(config);
        programs.add(entry);
        continue;
      }
      // Between two programs, requests and edits get their turn.
      if (programs.size > 0) await new Promise((resolve) => setTimeout(resolve, 0));
      if (outdated()) return undefined;
      programs.add(entry);
      all.push(...this.assemblies.current(entry, config.machine, this.instructionsOf(config).isa).diagnostics);
    }
    this.open = { programs, linked };
    this.forgetClosed();
    return byFile(all);
  }

  /** Forgets what is kept of programs that no open file belongs to. */
  forgetClosed(): void {
    const { programs, linked } = this.open;
    const needed = this.assemblies.retain(programs);
    this.linked.retain(new Set([...linked].flatMap(({ link = [] }) => link)));
    const ofObjects = [...linked].flatMap((config) => this.linked.dependenciesOf(config));
    this.files.retain(new Set([...needed, ...ofObjects, ...this.documents.uris()]));
  }

  /** Names the program that a file is analysed in: by its entry or, where it is linked, by its nnp.json. */
  programKey(uri: string): Uri {
    const entry = this.programOf(uri);
    const { link, uri: config } = this.configs.configOf(entry);
    return link?.includes(entry) ? config! : entry;
  }

  /** The machine that a file's program is for. */
  machineOf(uri: string): Pick<Snapshot, "isa"> & { readonly machine: ProjectConfig["machine"] } {
    const config = this.configs.configOf(this.programOf(uri));
    return { machine: config.machine, isa: this.instructionsOf(config).isa };
  }

  /** What the assembler, or the linker, says of the program that a file is analysed in, and of its nnp.json. */
  diagnosticsOf(uri: string): readonly Diagnostic[] {
    const entry = this.programOf(uri);
    const config = this.configs.configOf(entry);
    const { isa } = this.instructionsOf(config);
    return [
      ...this.configDiagnostics(config),
      ...(config.link?.includes(entry)
        ? this.linkedDiagnostics(config)
        : this.assemblies.current(entry, config.machine, isa).diagnostics),
    ];
  }

  /** Every file that the program depends on that a file was just analysed in. */
  dependenciesOf(uri: string): Uri[] {
    const entry = this.programOf(uri);
    const config = this.configs.configOf(entry);
    const own = [config.uri, config.instructions].flatMap((name) => name ?? []);
    return config.link?.includes(entry)
      ? [...own, ...this.linked.dependenciesOf(config)]
      : [...own, ...this.assemblies.dependenciesOf(entry)];
  }

  private configDiagnostics(config: ProjectConfig): readonly Diagnostic[] {
    if (config.uri === undefined) return [];
    const { instructions } = config;
    const own = instructions === undefined ? [] : this.instructionFiles.diagnosticsOf(instructions);
    return [...this.configs.diagnosticsOf(config), ...own];
  }
}

/** A number that changes when a symbol's name, kind or, for numbers, value does: what hints and colours show. */
function fingerprint({ symbols, macros }: Assembly): number {
  let hash = macros.size;
  const add = (text: string) => {
    for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  };
  for (const name of macros.keys()) add(name);
  for (const { name, kind, type, section, value, tensor } of symbols.values()) {
    add(name);
    add(kind);
    if (type) add(type);
    if (section === undefined) add(String(value));
    if (tensor) add(`${tensor.dtype}${tensor.dims}`);
  }
  return hash;
}

/**
 * nnp.json and instruction files may be open as well, and documents that we make ourselves; a source is everything
 * else, whatever its name ends with.
 */
export function isSource(uri: Uri): boolean {
  return !uri.endsWith(".json") && !/^nnasm-\w+:/.test(uri);
}

/** Groups by file; what two programs say of a file that both include is said once. */
function byFile(all: readonly Diagnostic[]): Map<Uri, readonly Diagnostic[]> {
  const files = new Map<Uri, Map<string, Diagnostic>>();
  for (const diagnostic of all) {
    const { id, message, range, file } = diagnostic;
    const key = `${range.start.line}:${range.start.character}:${id}:${message}`;
    const known = files.get(file);
    if (known) known.set(key, diagnostic);
    else files.set(file, new Map([[key, diagnostic]]));
  }
  return new Map([...files].map(([file, map]) => [file, [...map.values()]]));
}
