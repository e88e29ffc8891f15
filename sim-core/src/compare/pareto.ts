/** Points that no other beats. */

/**
 * Indices of the points for which no other point is as good in everything and better in something; points that are equal in
 * everything all belong to it.
 * @param costs of each point, the lower the better; all of the same length
 */
export function paretoFront(costs: readonly (readonly number[])[]): number[] {
  const beats = (a: readonly number[], b: readonly number[]): boolean =>
    a.every((cost, i) => cost <= b[i]!) && a.some((cost, i) => cost < b[i]!);
  return costs.flatMap((own, index) => (costs.some((other) => beats(other, own)) ? [] : [index]));
}
