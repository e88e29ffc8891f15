import { arrayOf, METRICS, type Profile, type ProfileNode } from "@nnasm/sim-core/profile";

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Nodes whose children don't sum to them, in any metric that adds up; each as a text. */
export function wrongSums(profile: Profile, node: ProfileNode): string[] {
  if (node.children.length === 0) return [];
  const own = METRICS.filter(({ additive }) => additive).flatMap(({ id, value }) => {
    const whole = value(node.sums, arrayOf(profile));
    const parts = sum(node.children.map((child) => value(child.sums, arrayOf(profile))));
    // Quotients of whole numbers, as NU time, may be off by a rounding.
    return Math.abs(parts - whole) <= whole * 1e-12 ? [] : [`${node.level} ${node.name}: ${id} ${parts}, not ${whole}`];
  });
  return [...own, ...node.children.flatMap((child) => wrongSums(profile, child))];
}
