/** Rules of a project: conditions over metrics, from `advice` in nnp.json. */
import type { LayerProfile, Profile, UnitWork } from "../profile/index.ts";
import { type Expression, parseExpression } from "./expression.ts";
import { METRICS } from "./metrics.ts";
import type { Finding } from "./model.ts";

export interface UserRule {
  readonly id: string;
  /** Condition over metrics; with one of a layer it is asked for each layer, else once. */
  readonly when: string;
  readonly message: string;
  readonly edit: string;
  /** Cycles that the edit would save, over the same metrics. */
  readonly saves?: string | undefined;
}

function workMetrics(prefix: string, work: UnitWork): [string, number][] {
  const { slots, ...numbers } = work;
  const total = Object.values(slots).reduce((sum, count) => sum + count, 0);
  return [
    ...Object.entries(numbers).flatMap(([name, value]): [string, number][] =>
      typeof value === "number" ? [[`${prefix}.${name}`, value]] : [],
    ),
    ...Object.entries(slots).map(([name, value]): [string, number] => [`${prefix}.slots.${name}`, value]),
    [`${prefix}.slotsTotal`, total],
  ];
}

function metricsOf(profile: Profile, layer: LayerProfile | undefined): Map<string, number> {
  const { cycles, retired, total, array } = profile;
  return new Map([
    ...workMetrics("run", total),
    ...Object.entries(total.cu).map(([name, value]): [string, number] => [`run.cu.${name}`, value]),
    ["run.cycles", cycles],
    ["run.retired", retired],
    ...Object.entries(array).map(([name, value]): [string, number] => [`array.${name}`, value]),
    ...(layer ? workMetrics("layer", layer) : []),
  ]);
}

const compiled = (text: string): Expression | undefined => {
  const parsed = parseExpression(text, METRICS);
  return "expression" in parsed ? parsed.expression : undefined;
};

/**
 * What rules of users find. Rules that don't parse find nothing: the configuration's reader has told so.
 */
export function adviseByUserRules(profile: Profile, rules: readonly UserRule[]): Finding[] {
  return rules.flatMap(({ id, when, message, edit, saves }): Finding[] => {
    const condition = compiled(when);
    const estimate = saves === undefined ? undefined : compiled(saves);
    if (!condition) return [];
    const names = [...condition.names, ...(estimate?.names ?? [])];
    const perLayer = names.some((name) => name.startsWith("layer."));
    return (perLayer ? profile.layers : [undefined]).flatMap((layer): Finding[] => {
      const metrics = metricsOf(profile, layer);
      if (condition.evaluate(metrics) === 0) return [];
      const ofCycles = layer ? Math.max(layer.cycles, layer.cuCycles) : profile.cycles;
      const saved = Math.round(estimate?.evaluate(metrics) ?? 0);
      return [
        {
          rule: id,
          title: id,
          message,
          from: 0,
          to: profile.cycles,
          places: [],
          ...(layer && { layer: { id: layer.id, name: layer.name, bound: layer.bound.text } }),
          measured: [...new Set(names)].map((name) => ({ name, value: metrics.get(name) ?? 0, unit: "" })),
          savedCycles: Math.min(Math.max(0, saved), ofCycles),
          ofCycles,
          edit,
          confidence: "low",
        },
      ];
    });
  });
}
