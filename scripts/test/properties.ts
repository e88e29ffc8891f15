/** Set up before each file of tests: where properties of random values begin, and how many values they try. */
import fc from "fast-check";

/** `npm test` tries the same values each time, so that it tells about the change and not about luck; the long form tries others. */
const SEED = 20_260_101;

const runs = Number(process.env.PROPERTY_RUNS ?? "0");
fc.configureGlobal({
  ...(process.env.LONG === "1" ? {} : { seed: Number(process.env.PROPERTY_SEED ?? SEED) }),
  ...(runs > 0 ? { numRuns: runs } : {}),
});
