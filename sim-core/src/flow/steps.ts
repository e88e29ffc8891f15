/** Long work in parts, for hosts that have other things to do in between. */

/** Each `next()` does a part; the last one gives the result. */
export type Steps<T> = Generator<void, T>;

/** Does all the rest at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
