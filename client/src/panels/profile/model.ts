/** What the panel shows of a profile, as data: the same numbers as the command line's, from the same functions. */
import type { Finding } from "@nnasm/sim-core/advice";
import { misshapen, type Shape } from "@nnasm/sim-core/diagnostics";
import {
  arrayOf,
  LEVELS,
  type Metric,
  metricOf,
  metricText,
  type Profile,
  type ProfileLevel,
  type ProfileNode,
  percentText,
  profileProblem,
  profileTable,
  profileTree,
} from "@nnasm/sim-core/profile";
import type { AdviceView } from "./messages.ts";

/**
 * The profile in the body of the adapter's `nnasm/profile` event or answer, or in a file of `nnasm profile --json`.
 * @returns what is wrong with it, when it is not one
 */
export function parseProfile(body: unknown): Profile | string {
  const inner: unknown = typeof body === "object" && body !== null && "profile" in body ? body.profile : body;
  return profileProblem(inner) ?? (inner as Profile);
}

/** What the panel relies on in a finding: files may be cut or edited. */
const FINDING: Shape = {
  rule: "string",
  title: "string",
  message: "string",
  edit: "string",
  from: "number",
  to: "number",
  places: [{ address: "number" }],
  measured: [{ name: "string", value: "number", unit: "string" }],
  savedCycles: "number",
  ofCycles: "number",
  confidence: "string",
};

/**
 * The advice in the body of the adapter's event or answer (`findings`), or in a file of `nnasm profile --advice --json` (`advice`).
 */
export function adviceIn(body: unknown): AdviceView {
  const { findings, advice, note } = (body ?? {}) as Record<string, unknown>;
  const list = findings ?? advice;
  if (list === undefined) return { findings: [], note: "no advice came with this profile" };
  const problem = misshapen(list, [FINDING], "advice");
  if (problem) return { findings: [], note: `what came with this profile is no advice, ${problem}` };
  return { findings: list as Finding[], ...(typeof note === "string" && { note }) };
}

/** Columns that a table has until others are chosen. */
export const USUAL_METRICS = ["cycles", "nuTime", "macUse", "stalls", "retired", "cpi", "ddr", "conflicts"] as const;

export const metricsOf = (ids: readonly string[]): Metric[] =>
  ids.map(metricOf).filter((metric): metric is Metric => metric !== undefined);

export interface CellView {
  readonly value: number;
  readonly text: string;
}

export interface RowView {
  readonly node: ProfileNode;
  readonly share: string;
  readonly cells: readonly CellView[];
}

export interface Sorting {
  /** A metric, or `name` for the order of the program. */
  readonly column: string;
  readonly descending: boolean;
}

/** @param asTime cycles are shown as time */
export function rowView(profile: Profile, node: ProfileNode, metrics: readonly Metric[], asTime: boolean): RowView {
  const clock = asTime ? profile.clockMHz : undefined;
  return {
    node,
    share: percentText(node.sums.cycles / (profile.cycles || 1)),
    cells: metrics.map((metric) => {
      const value = metric.value(node.sums, arrayOf(profile));
      return { value, text: metricText(metric, value, clock) };
    }),
  };
}

/** Rows of one level, sorted. */
export function levelRows(
  profile: Profile,
  level: ProfileLevel,
  metrics: readonly Metric[],
  sorting: Sorting,
  asTime: boolean,
): RowView[] {
  return sorted(profile, profileTable(profile, level), sorting).map((node) => rowView(profile, node, metrics, asTime));
}

/** What has no number comes last. */
function sorted(profile: Profile, nodes: readonly ProfileNode[], { column, descending }: Sorting): ProfileNode[] {
  const metric = metricOf(column);
  const inOrder = metric ? nodes.toSorted((a, b) => numberOf(a, metric) - numberOf(b, metric)) : [...nodes];
  return descending ? inOrder.reverse() : inOrder;

  function numberOf({ sums }: ProfileNode, { value }: Metric): number {
    const number = value(sums, arrayOf(profile));
    return Number.isNaN(number) ? (descending ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY) : number;
  }
}

/** The tree without levels that divide nothing. */
export function shownTree(profile: Profile): ProfileNode {
  const regions = new Set(profile.parts.map(({ inRegion }) => inRegion)).size;
  const layers = new Set(profile.parts.map(({ layer }) => layer)).size;
  const levels = LEVELS.filter((level) => (level === "region" ? regions > 1 : level !== "layer" || layers > 1));
  return profileTree(profile, levels);
}

export interface TreeRow {
  readonly path: string;
  readonly depth: number;
  readonly node: ProfileNode;
  readonly expanded: boolean | undefined;
}

/** The rows of a tree that are to be seen. @param open paths of the nodes that are expanded */
export function treeRows(profile: Profile, root: ProfileNode, open: ReadonlySet<string>, sorting: Sorting): TreeRow[] {
  const rows: TreeRow[] = [];
  const visit = (node: ProfileNode, path: string, depth: number): void => {
    const expanded = node.children.length === 0 ? undefined : open.has(path);
    rows.push({ path, depth, node, expanded });
    if (!expanded) return;
    for (const child of sorted(profile, node.children, sorting)) visit(child, `${path}/${child.key}`, depth + 1);
  };
  visit(root, "", 0);
  return rows;
}
