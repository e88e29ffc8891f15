/** A profile's parts added up: by region, layer, function, line and instruction, as a tree or as a table of one level. */
import { addWork, type Mutable, noCuCycles, noWork, type Work } from "./add.ts";
import type { CuCycles, InstructionProfile, PartProfile, Profile, ProfiledPlace } from "./model.ts";

export const LEVELS = ["region", "layer", "function", "line", "instruction"] as const;
export type ProfileLevel = (typeof LEVELS)[number];

/** Everything that is counted, of some parts together. */
export interface ProfileSums extends Work {
  retired: number;
  /** Cycles of the CU. */
  cycles: number;
  cu: CuCycles;
  /** Cycles that operations have lost over banks of the data memory. */
  lostCycles: number;
}

export interface ProfileNode {
  /** `run` for the root. */
  readonly level: ProfileLevel | "run";
  /** Tells nodes with the same parent apart. */
  readonly key: string;
  readonly name: string;
  /** Where it stands: the first of its instructions; absent for regions, layers and the run. */
  readonly place?: ProfiledPlace;
  readonly sums: Readonly<ProfileSums>;
  readonly children: readonly ProfileNode[];
}

type Growing = Omit<Mutable<ProfileNode>, "children"> & { readonly children: Map<string, Growing> };

interface Named {
  readonly key: string;
  readonly name: string;
  readonly place?: ProfiledPlace;
}

/**
 * The run as a tree. Children are in the order of the program: outside before inside, layers by their ids, code by address.
 * @param levels which levels, from the outermost
 */
export function profileTree(profile: Profile, levels: readonly ProfileLevel[] = LEVELS): ProfileNode {
  const layers = new Map(profile.layers.map(({ id, name }) => [id, name]));
  const root = growing("run", { key: "run", name: "program" });
  for (const part of profile.parts) {
    const instruction = profile.instructions[part.instruction]!;
    let node = root;
    addPart(node.sums, part);
    for (const level of levels) {
      const named = nameAt(level, part, instruction, layers);
      let child = node.children.get(named.key);
      if (!child) {
        child = growing(level, named);
        node.children.set(named.key, child);
      }
      node = child;
      addPart(node.sums, part);
    }
  }
  return finished(root);
}

/** The rows of one level; they sum to the run. */
export const profileTable = (profile: Profile, level: ProfileLevel): readonly ProfileNode[] =>
  profileTree(profile, [level]).children;

const noSums = (): ProfileSums => ({ ...noWork(), retired: 0, cycles: 0, cu: noCuCycles(), lostCycles: 0 });

const growing = (level: ProfileNode["level"], named: Named): Growing => ({
  level,
  ...named,
  sums: noSums(),
  children: new Map(),
});

function addPart(sums: ProfileSums, { retired, cycles, cu, lostCycles, work }: PartProfile): void {
  sums.retired += retired;
  sums.cycles += cycles;
  sums.lostCycles += lostCycles;
  for (const [cause, count] of Object.entries(cu)) sums.cu[cause as keyof CuCycles] += count;
  if (work) addWork(sums, work);
}

function nameAt(
  level: ProfileLevel,
  { layer, inRegion }: PartProfile,
  { address, file, line, function: name, text }: InstructionProfile,
  layers: ReadonlyMap<number, string>,
): Named {
  const place = file === undefined || line === undefined ? { address } : { address, file, line };
  switch (level) {
    case "region":
      return inRegion
        ? { key: "inside", name: "region of nn.prof" }
        : { key: "outside", name: "outside the region of nn.prof" };
    case "layer":
      return { key: String(layer), name: layers.get(layer) ?? `layer ${layer}` };
    case "function":
      return { key: name, name, place };
    case "line":
      return { key: file === undefined ? hex(address) : `${file}:${line}`, name: placeName(place), place };
    default:
      return { key: hex(address), name: `${hex(address)} ${text}`, place };
  }
}

/** `net.nnasm:12`, or the address of code without line information. */
export function placeName({ address, file, line }: ProfiledPlace): string {
  return file === undefined ? hex(address) : `${file.split(/[\\/]/).at(-1)}:${line}`;
}

const hex = (address: number): string => `0x${address.toString(16).padStart(8, "0")}`;

const ORDER: Readonly<Record<ProfileNode["level"], (node: Growing) => number>> = {
  run: () => 0,
  region: ({ key }) => (key === "inside" ? 1 : 0),
  layer: ({ key }) => Number(key),
  function: ({ place }) => place!.address,
  line: ({ place }) => place!.address,
  instruction: ({ place }) => place!.address,
};

function finished({ children, ...node }: Growing): ProfileNode {
  const order = ORDER[children.values().next().value?.level ?? "run"];
  return { ...node, children: [...children.values()].sort((a, b) => order(a) - order(b)).map(finished) };
}
