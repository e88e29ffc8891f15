/** Heat of source lines, apart from VS Code: how much of a metric each line has, and what to say about it. */
import {
  arrayOf,
  layerBound,
  METRICS,
  type Metric,
  metricOf,
  metricText,
  type Profile,
  type ProfileNode,
  percentText,
  profileTable,
} from "@nnasm/sim-core/profile";

/** Metrics that lines can be coloured by: those that add up, so that a line has a share of the run. */
export const HEAT_METRICS: readonly Metric[] = METRICS.filter(({ additive }) => additive);
export const FIRST_METRIC = "cycles";

/** Steps from cool to hot. */
export const HEAT_STEPS = 5;

export interface LineHeat {
  /** From one. */
  readonly line: number;
  /** 1..HEAT_STEPS. */
  readonly step: number;
  /** Of the run's sum of the metric. */
  readonly share: number;
  /** Markdown. */
  readonly text: string;
}

/** Lines by file name, as the profile knows it; lines that have nothing of the metric are left out. */
export function lineHeat(profile: Profile, metricId: string): Map<string, LineHeat[]> {
  const metric = metricOf(metricId) ?? metricOf(FIRST_METRIC)!;
  const array = arrayOf(profile);
  const nodes = profileTable(profile, "line").filter(({ place }) => place?.file !== undefined);
  const whole = profileTable(profile, "line").reduce((sum, { sums }) => sum + metric.value(sums, array), 0);
  const most = nodes.reduce((max, { sums }) => Math.max(max, metric.value(sums, array)), 0);
  const files = new Map<string, LineHeat[]>();
  for (const node of nodes) {
    const { file, line } = node.place!;
    const value = metric.value(node.sums, array);
    if (value === 0) continue;
    const heat = files.get(file!) ?? [];
    files.set(file!, heat);
    heat.push({
      line: line!,
      step: Math.max(1, Math.ceil((value / most) * HEAT_STEPS)),
      share: value / whole,
      text: hoverText(profile, node, metric, value / whole),
    });
  }
  return files;
}

/** What a hover says besides the metric, where it isn't 0. */
const DETAILS = ["cycles", "retired", "cpi", "stalls", "nuTime", "macUse", "idle", "ddr", "conflicts"];

function hoverText(profile: Profile, { sums }: ProfileNode, metric: Metric, share: number): string {
  const array = arrayOf(profile);
  const rows = [metric.id, ...DETAILS.filter((id) => id !== metric.id)].flatMap((id) => {
    const { label, value } = metricOf(id)!;
    const number = value(sums, array);
    if (number === 0 || Number.isNaN(number)) return [];
    const text = metricText(metricOf(id)!, number);
    return [`| ${label} | ${id === metric.id ? `**${text}** (${percentText(share)} of the run)` : text} |`];
  });
  const stalls = Object.entries(sums.cu)
    .filter(([cause, cycles]) => cause !== "execute" && cycles > 0)
    .sort((a, b) => b[1] - a[1])
    .slice(0, 3)
    .map(
      ([cause, cycles]) => `${metricOf(`cu.${cause}`)!.label.replace("CU: ", "")} ${percentText(cycles / sums.cycles)}`,
    );
  const because = stalls.length > 0 ? `\n\nStalls, of the line's CU cycles: ${stalls.join(", ")}` : "";
  return `**Profile**\n\n| | |\n|---|---|\n${rows.join("\n")}${because}`;
}

export interface LayerHeat {
  readonly file: string;
  readonly line: number;
  /** Number of the layer, for the panel. */
  readonly layer: string;
  readonly text: string;
}

const MARKER = /^nn\.layer (\d+)/;

/** What stands above the markers of layers that ran. */
export function layerHeat(profile: Profile): LayerHeat[] {
  const layers = new Map(profileTable(profile, "layer").map((node) => [node.key, node]));
  const nuTime = metricOf("nuTime")!;
  return profile.instructions.flatMap(({ text, file, line }) => {
    const layer = MARKER.exec(text)?.[1];
    const node = layer === undefined ? undefined : layers.get(layer);
    if (!node || file === undefined || line === undefined) return [];
    const cycles = nuTime.value(node.sums, arrayOf(profile));
    const use = metricOf("macUse")!.value(node.sums, 1);
    const parts = [
      `${node.name}: ${metricText(nuTime, cycles)} NU cycles (${percentText(cycles / (profile.cycles || 1))})`,
      `${metricText(nuTime, node.sums.cycles)} CU cycles`,
      ...(Number.isNaN(use) ? [] : [`MAC ${percentText(use)}`]),
      `bound by ${layerBound(profile, node).text}`,
    ];
    return [{ file, line, layer: node.key, text: parts.join(" · ") }];
  });
}
